package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// gaps writes the gaps, and books the energy of those that it was not known of
// before.
func (c *commit) gaps() error {
	for _, g := range c.batch.Gaps {
		if err := c.gap(g); err != nil {
			return err
		}
		c.marks.span(g.Start, g.End)
		c.marks.measured(g.End)
	}
	return nil
}

// gap writes one gap. Its energy is booked with the row that first has it: the
// same gap told again adds nothing, whether it is told with the energy or
// without, and another energy for time that has one is refused.
func (c *commit) gap(g attribution.Gap) error {
	if g.End.Sub(g.Start) > MaxMeteredGap {
		g.Scope, g.Energy, g.Error = "", 0, 0
	}
	rows := bucket(c.tx, nameGaps)
	key := gapKey(g)
	if g.Scope == "" {
		if old := rows.Get(key); old != nil {
			stored, err := decodeGap(key, old)
			if err != nil || stored.Scope != "" {
				return err
			}
		}
		return putChanged(rows, key, encodeGap(g))
	}
	known, err := meteredGap(rows, g)
	if known || err != nil {
		return err
	}
	if err := rows.Put(key, encodeGap(g)); err != nil {
		return err
	}
	return c.ledger.gap(g)
}

// meteredGap looks for the energy of a gap's time in the stored gaps. It is known
// when the same gap has the same; a part of it in another one, as of a gap that
// has grown since, would be booked twice.
func meteredGap(rows *bbolt.Bucket, g attribution.Gap) (known bool, err error) {
	key := gapKey(g)
	c := rows.Cursor()
	// Keys have gaps by end, so every later one may still reach back; there are few.
	for k, v := c.Seek(afterKey(g.Start)); k != nil; k, v = c.Next() {
		old, err := decodeGap(k, v)
		switch {
		case err != nil:
			return false, err
		case old.Scope == "" || !old.Start.Before(g.End):
			continue
		case bytes.Equal(k, key) && old.Scope == g.Scope && old.Energy == g.Energy && old.Error == g.Error:
			return true, nil
		}
		return false, fmt.Errorf("energy of gap %s to %s, stored is that of %s to %s: %w", stamp(g.Start), stamp(g.End), stamp(old.Start), stamp(old.End), ErrConflict)
	}
	return false, nil
}

// readGaps reads the gaps that overlap the range.
func (r *Range) readGaps(ctx context.Context, tx *bbolt.Tx) error {
	c := bucket(tx, nameGaps).Cursor()
	rows := 0
	for k, v := c.Seek(afterKey(r.Since)); k != nil; k, v = c.Next() {
		if err := pause(ctx, &rows); err != nil {
			return err
		}
		if err := r.readGap(k, v); err != nil {
			return err
		}
	}
	r.sortGaps()
	return nil
}

// readGap adds a gap as far as it lies in the range. Keys have gaps by end, so
// every later one may still reach back into the range; there are few.
func (r *Range) readGap(k, v []byte) error {
	g, err := decodeGap(k, v)
	if err != nil || !g.Start.Before(r.Until) || !g.End.After(r.Since) {
		return err
	}
	r.Gaps = append(r.Gaps, clipGap(g, r.Since, r.Until))
	return nil
}

func (r *Range) sortGaps() {
	slices.SortStableFunc(r.Gaps, func(a, b attribution.Gap) int { return a.Start.Compare(b.Start) })
}
