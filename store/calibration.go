package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// maxCalibrations is how many calibrations of each kind a store keeps, the newest.
const maxCalibrations = 64

// AddCalibration stores a calibration. One that is stored already is the same
// fact told twice. Of those that users made the newest 64 are kept, of those
// learned in passing the newest of each meter, scope and machine. It returns an
// [ErrInvalid] for what CheckCalibration refuses.
func (s *Store) AddCalibration(ctx context.Context, c attribution.Calibration) error {
	if err := CheckCalibration(c); err != nil {
		return fmt.Errorf("store: add calibration: %w", err)
	}
	return s.update(ctx, "add calibration", func(tx *bbolt.Tx) error { return putCalibrations(tx, c) })
}

func (c *commit) calibrations() error { return putCalibrations(c.tx, c.batch.Calibrations...) }

// putCalibrations adds calibrations and removes those that they outdate.
func putCalibrations(tx *bbolt.Tx, added ...attribution.Calibration) error {
	if len(added) == 0 {
		return nil
	}
	rows := bucket(tx, nameCalibration)
	for _, c := range added {
		value := encodeCalibration(c)
		key, known, err := freeRow(rows, timeKey(c.Made), func(_, old []byte) (bool, error) { return bytes.Equal(old, value), nil })
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if err := rows.Put(key, value); err != nil {
			return err
		}
	}
	return trimCalibrations(rows)
}

// calibrationLine is what a newer calibration takes the place of.
type calibrationLine struct {
	kind  attribution.CalibrationKind
	meter string
	scope attribution.Scope
	model string
}

func lineOf(c attribution.Calibration) calibrationLine {
	return calibrationLine{c.Kind, c.Meter, c.Scope, c.Model}
}

// trimCalibrations keeps the newest.
func trimCalibrations(rows *bbolt.Bucket) error {
	kept := map[attribution.CalibrationKind]int{}
	passing := map[calibrationLine]bool{}
	var old [][]byte
	c := rows.Cursor()
	for k, v := c.Last(); k != nil; k, v = c.Prev() {
		stored, err := decodeCalibration(k, v)
		if err != nil {
			return err
		}
		line := lineOf(stored)
		if kept[stored.Kind] == maxCalibrations || passing[line] {
			old = append(old, bytes.Clone(k))
			continue
		}
		kept[stored.Kind]++
		passing[line] = stored.Kind == attribution.CalibrationPassing
	}
	for _, k := range old {
		if err := rows.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// loadCalibrations returns all calibrations, the oldest first.
func loadCalibrations(tx *bbolt.Tx) ([]attribution.Calibration, error) {
	var all []attribution.Calibration
	c := bucket(tx, nameCalibration).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		stored, err := decodeCalibration(k, v)
		if err != nil {
			return nil, err
		}
		all = append(all, stored)
	}
	return all, nil
}

// readCalibrations reads those that may have been in force in the range.
func (r *Range) readCalibrations(tx *bbolt.Tx) error {
	all, err := loadCalibrations(tx)
	if err != nil {
		return err
	}
	before := map[calibrationLine]bool{}
	for _, c := range slices.Backward(all) {
		if !c.Made.Before(r.Until) {
			continue
		}
		if c.Made.Before(r.Since) {
			if line := lineOf(c); before[line] {
				continue
			} else {
				before[line] = true
			}
		}
		r.Calibrations = append(r.Calibrations, c)
	}
	slices.Reverse(r.Calibrations)
	return nil
}
