package store

import (
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

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
	if len(k) != gapKeySize {
		return corrupt(nameGaps, k, "key has %d bytes, not %d", len(k), gapKeySize)
	}
	start, end := keyTime(k, 8), keyTime(k, 0)
	if !start.Before(r.Until) {
		return nil
	}
	d := newDecoder(v)
	reason := attribution.GapReason(d.text())
	if err := d.done(); err != nil {
		return corrupt(nameGaps, k, "%v", err)
	}
	r.Gaps = append(r.Gaps, attribution.Gap{Start: later(start, r.Since), End: earlier(end, r.Until), Reason: reason})
	return nil
}

func (r *Range) sortGaps() {
	slices.SortStableFunc(r.Gaps, func(a, b attribution.Gap) int { return a.Start.Compare(b.Start) })
}
