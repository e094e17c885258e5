package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Commit writes the batch in one transaction: all of it, or nothing when it
// returns an error or ctx ends first. The package comment states what it
// demands of a batch.
func (s *Store) Commit(ctx context.Context, batch attribution.Batch) error {
	if err := checkBatch(batch); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	return s.update(ctx, "commit", func(tx *bbolt.Tx) error {
		n, t, err := loadNamesAndTags(tx)
		if err != nil {
			return err
		}
		m, err := loadMarks(tx)
		if err != nil {
			return err
		}
		c := commit{tx: tx, batch: batch, names: n, marks: m, before: m.closed, ledger: newLedger(tx, n, t)}
		steps := []func() error{c.guard, c.windows, c.gaps, c.bookings, c.settled, c.charges, c.calls, c.ledger.save, c.state, c.scoping, c.checkpoints, c.calibrations, c.finish}
		for _, step := range steps {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := step(); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// commit is one batch on its way into one transaction.
type commit struct {
	tx     *bbolt.Tx
	batch  attribution.Batch
	names  *names
	marks  marks
	before time.Time // State.Closed of the commit before
	ledger *ledger
}

// guard refuses a batch that was committed before or comes from an engine that
// does not know what was.
func (c *commit) guard() error {
	if c.batch.State.Closed.Before(c.before) {
		return fmt.Errorf("state closed at %s, stored is %s: %w", stamp(c.batch.State.Closed), stamp(c.before), ErrStale)
	}
	for _, b := range c.batch.Bookings {
		if !b.Window.End.After(c.before) {
			return fmt.Errorf("booking %s: stored close is %s: %w", stamp(b.Window.Start), stamp(c.before), ErrBooked)
		}
	}
	return nil
}

func (c *commit) windows() error {
	rows := bucket(c.tx, nameWindows)
	for _, w := range c.batch.Windows {
		key, value := timeKey(w.End), encodeWindow(w, c.names)
		old := rows.Get(key)
		switch {
		case old != nil && bytes.Equal(old, value):
			continue
		case !w.End.After(c.before):
			return fmt.Errorf("window %s: stored close is %s: %w", stamp(w.Start), stamp(c.before), ErrBooked)
		case old != nil:
			return fmt.Errorf("window %s to %s: %w", stamp(w.Start), stamp(w.End), ErrConflict)
		}
		if err := rows.Put(key, value); err != nil {
			return err
		}
		c.marks.span(w.Start, w.End)
		c.marks.measured(w.End)
	}
	return nil
}

// bookings adds the bookings to their slots, and keeps the windows that were
// measured and booked in the same batch.
func (c *commit) bookings() error {
	rows := bucket(c.tx, nameWindows)
	for _, b := range c.batch.Bookings {
		if err := c.ledger.book(b); err != nil {
			return err
		}
		w := b.Window
		if err := putChanged(rows, timeKey(w.End), encodeWindow(w, c.names)); err != nil {
			return err
		}
		c.marks.span(w.Start, w.End)
		c.marks.measured(w.End)
	}
	return nil
}

// settled holds the stored windows that this batch closes against its
// bookings: one without would be lost, since nobody would book it any more.
func (c *commit) settled() error {
	booked := make(map[string]bool, len(c.batch.Bookings))
	for _, b := range c.batch.Bookings {
		booked[string(timeKey(b.Window.End))] = true
	}
	cursor := bucket(c.tx, nameWindows).Cursor()
	last := timeKey(c.batch.State.Closed)
	for k, _ := cursor.Seek(afterKey(c.before)); k != nil && bytes.Compare(k, last) <= 0; k, _ = cursor.Next() {
		if !booked[string(k)] {
			return fmt.Errorf("window ending %s: %w", stamp(keyTime(k, 0)), ErrUnbooked)
		}
	}
	return nil
}

// charges writes the request rows. A request that has a row already was read
// twice; its first account stays.
func (c *commit) charges() error {
	rows := bucket(c.tx, nameRequests)
	for _, charge := range c.batch.Charges {
		r := charge.Request
		key, known, err := freeRow(rows, requestKey(r), func(key, value []byte) (bool, error) {
			old, err := decodeCharge(key, value, c.names)
			return old.Request.ID == r.ID && old.Request.Server == r.Server, err
		})
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if err := rows.Put(key, encodeCharge(charge, c.names)); err != nil {
			return err
		}
		if err := c.ledger.charge(charge); err != nil {
			return err
		}
		c.marks.span(r.End, r.End)
	}
	return nil
}

// freeRow finds the key of a new row, or that the row is there, which same says
// of one with the same key. Should the hashes of two ids be the same, the later
// one's key grows by a byte.
func freeRow(rows *bbolt.Bucket, key []byte, same func(key, value []byte) (bool, error)) (free []byte, known bool, err error) {
	for ; ; key = append(key, 0) {
		value := rows.Get(key)
		if value == nil {
			return key, false, nil
		}
		if known, err := same(key, value); known || err != nil {
			return key, known, err
		}
	}
}

func (c *commit) state() error {
	c.marks.closed = c.batch.State.Closed
	c.marks.at = c.batch.At
	b := bucket(c.tx, nameEngine)
	if err := putChanged(b, []byte(keyState), encodeState(c.batch.State, c.names)); err != nil {
		return err
	}
	return putChanged(b, []byte(keyMarks), c.marks.encode())
}

// scoping keeps what is stored when the batch has nothing of it.
func (c *commit) scoping() error {
	if c.batch.Scoping == nil {
		return nil
	}
	value := append(newEncoder(1+len(c.batch.Scoping)).b, c.batch.Scoping...)
	return putChanged(bucket(c.tx, nameEngine), []byte(keyScoping), value)
}

func (c *commit) checkpoints() error {
	b := bucket(c.tx, nameCheckpoint)
	for _, p := range c.batch.Checkpoints {
		value := append(newEncoder(1+len(p.Data)).b, p.Data...)
		if err := putChanged(b, []byte(p.Source), value); err != nil {
			return fmt.Errorf("checkpoint of %s: %w", p.Source, err)
		}
	}
	return nil
}

func (c *commit) finish() error {
	if err := c.ledger.tags.save(c.tx); err != nil {
		return err
	}
	return c.names.save(c.tx)
}

// afterKey is the first key of a window that ends after t; for the zero time
// that of any window.
func afterKey(t time.Time) []byte {
	if t.IsZero() {
		return timeKey(earliestTime)
	}
	return timeKey(t.Add(time.Nanosecond))
}

func loadMarks(tx *bbolt.Tx) (marks, error) {
	v := bucket(tx, nameEngine).Get([]byte(keyMarks))
	if v == nil {
		return marks{}, nil
	}
	m, err := decodeMarks(v)
	if err != nil {
		return marks{}, corrupt(nameEngine, []byte(keyMarks), "%v", err)
	}
	return m, nil
}
