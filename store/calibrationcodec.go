package store

import (
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// The flags of a calibration.
const (
	calibrationPerRail = 1 << iota
	calibrationLagKnown
)

// Bounds of what a calibration can say: no Mac and no power supply comes near.
const (
	maxCalibrationText         = 256
	maxCalibrationN            = math.MaxInt32
	maxWatts           float64 = 1e5
	maxSlope           float64 = 1e3
	maxLag                     = time.Hour
)

// calibrationKinds by their code; 0 is none.
func calibrationKinds() []attribution.CalibrationKind {
	return []attribution.CalibrationKind{"", attribution.CalibrationLadder, attribution.CalibrationPassing}
}

// calibrationNumbers are all numbers of c, in the order in which they are stored.
func calibrationNumbers(c *attribution.Calibration) []*float64 {
	all := []*float64{(*float64)(&c.Base), &c.CPU, &c.GPU, &c.ANE, (*float64)(&c.RMSE), &c.R2, (*float64)(&c.SoCMin), (*float64)(&c.SoCMax)}
	for i := range c.Covariance {
		all = append(all, &c.Covariance[i])
	}
	return all
}

// encodeCalibration writes everything but when it was made, which is the key.
func encodeCalibration(c attribution.Calibration) []byte {
	e := newEncoder(192)
	var flags byte
	if c.PerRail {
		flags |= calibrationPerRail
	}
	if c.LagKnown {
		flags |= calibrationLagKnown
	}
	e.byte(flags)
	e.byte(byte(max(0, slices.Index(calibrationKinds(), c.Kind))))
	e.scope(c.Scope)
	e.text(c.Model)
	e.text(c.OS)
	e.text(c.Meter)
	for _, v := range calibrationNumbers(&c) {
		e.number(*v)
	}
	e.uvarint(uint64(c.N))
	e.varint(int64(c.Lag))
	return e.b
}

func decodeCalibration(k, v []byte) (attribution.Calibration, error) {
	if len(k) < calibrationKeySize {
		return attribution.Calibration{}, corrupt(nameCalibration, k, "key has %d bytes, not %d", len(k), calibrationKeySize)
	}
	d := newDecoder(v)
	flags := d.byte()
	c := attribution.Calibration{Made: keyTime(k, 0), PerRail: flags&calibrationPerRail != 0, LagKnown: flags&calibrationLagKnown != 0}
	if kind := int(d.byte()); kind < len(calibrationKinds()) {
		c.Kind = calibrationKinds()[kind]
	}
	c.Scope = d.scope()
	c.Model, c.OS, c.Meter = d.text(), d.text(), d.text()
	for _, v := range calibrationNumbers(&c) {
		*v = d.number()
	}
	if n := d.uvarint(); n <= maxCalibrationN {
		c.N = int(n)
	} else {
		d.fail(errNumber)
	}
	c.Lag = time.Duration(d.varint())
	if d.err == nil && CheckCalibration(c) != nil {
		d.fail(errNumber)
	}
	if err := d.done(); err != nil {
		return attribution.Calibration{}, corrupt(nameCalibration, k, "%v", err)
	}
	return c, nil
}

// CheckCalibration returns an [ErrInvalid] that says what cannot be true of a
// calibration: a number that is none or negative where none can be, a time that
// no clock shows, a scope that no meter has. It does not judge how well it fits.
func CheckCalibration(c attribution.Calibration) error {
	what := "calibration of " + stamp(c.Made)
	switch {
	case c.Made.IsZero() || c.Made.Before(earliestTime) || c.Made.After(latestTime):
		return fmt.Errorf("%s: no clock shows that time: %w", what, ErrInvalid)
	case c.Kind == "" || !slices.Contains(calibrationKinds(), c.Kind):
		return fmt.Errorf("%s: kind %.40q: %w", what, c.Kind, ErrInvalid)
	case !c.Scope.Whole() || c.Scope == attribution.ScopeCalibrated || scopeCode(c.Scope) < 0:
		return fmt.Errorf("%s: scope %.40q: %w", what, c.Scope, ErrInvalid)
	case c.N < 0 || c.N > maxCalibrationN:
		return fmt.Errorf("%s: %d points: %w", what, c.N, ErrInvalid)
	case c.Lag < -maxLag || c.Lag > maxLag:
		return fmt.Errorf("%s: lag %s: %w", what, c.Lag, ErrInvalid)
	case !(c.R2 >= 0 && c.R2 <= 1):
		return fmt.Errorf("%s: R² of %g: %w", what, c.R2, ErrInvalid)
	case !(c.SoCMin <= c.SoCMax):
		return fmt.Errorf("%s: SoC from %g to %g W: %w", what, float64(c.SoCMin), float64(c.SoCMax), ErrInvalid)
	}
	for _, s := range []string{c.Model, c.OS, c.Meter} {
		if len(s) > maxCalibrationText || !utf8.ValidString(s) {
			return fmt.Errorf("%s: a name of %d bytes: %w", what, len(s), ErrInvalid)
		}
	}
	return checkCalibrationNumbers(what, c)
}

func checkCalibrationNumbers(what string, c attribution.Calibration) error {
	for _, w := range []energy.Watts{c.Base, c.RMSE, c.SoCMin, c.SoCMax} {
		if !(w >= 0 && float64(w) <= maxWatts) {
			return fmt.Errorf("%s: %g W: %w", what, float64(w), ErrInvalid)
		}
	}
	for _, s := range []float64{c.CPU, c.GPU, c.ANE} {
		if !(s >= 0 && s <= maxSlope) {
			return fmt.Errorf("%s: a slope of %g: %w", what, s, ErrInvalid)
		}
	}
	for _, v := range c.Covariance {
		if err := checkNumber(what, v); err != nil {
			return err
		}
	}
	return nil
}
