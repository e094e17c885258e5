package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"
)

// pruneRows bounds how many rows of each kind one Prune removes, so that no
// commit waits long behind it. An hour has 3600 windows at one a second.
const pruneRows = 10000

// Retention is how long each kind of record is kept. The zero value of a field
// means its default.
type Retention struct {
	Windows  time.Duration // raw samples; default 48 hours
	Requests time.Duration // single requests, and calls that were served elsewhere; default 90 days
	Slots    time.Duration // slots and gaps; default ten years
}

const day = 24 * time.Hour

func (r Retention) withDefaults() Retention {
	if r.Windows <= 0 {
		r.Windows = 48 * time.Hour
	}
	if r.Requests <= 0 {
		r.Requests = 90 * day
	}
	if r.Slots <= 0 {
		r.Slots = 3653 * day
	}
	return r
}

// Pruned is what one Prune removed.
type Pruned struct {
	Windows, Requests, Remote, Slots, Gaps int
	// More is true when there is more to remove than one call does.
	More bool
}

// Prune removes what is older than its retention, a bounded number of rows in
// one transaction. Windows that are still open stay whatever their age. Ages
// are counted from now or, should the clock be ahead of it, from the newest
// thing stored: a clock that jumps to another year must not empty the store.
func (s *Store) Prune(ctx context.Context, now time.Time) (Pruned, error) {
	var p Pruned
	err := s.update(ctx, "prune", func(tx *bbolt.Tx) error {
		m, err := loadMarks(tx)
		if err != nil || m.last.IsZero() {
			return err
		}
		now = earlier(now, m.last)
		before := func(d time.Duration) time.Time { return clampTime(now.Add(-d)) }
		rows := []struct {
			count *int
			name  string
			end   []byte
		}{
			{&p.Windows, nameWindows, afterKey(earlier(before(s.retention.Windows), m.closed))},
			{&p.Requests, nameRequests, timeKey(before(s.retention.Requests))},
			{&p.Remote, nameRemote, timeKey(before(s.retention.Requests))},
			{&p.Slots, nameSlots, binary.BigEndian.AppendUint32(nil, slotNumber(before(s.retention.Slots)))},
			{&p.Gaps, nameGaps, timeKey(before(s.retention.Slots))},
		}
		for _, r := range rows {
			n, more, err := deleteBefore(bucket(tx, r.name), r.end)
			if err != nil {
				return err
			}
			*r.count = n
			p.More = p.More || more
		}
		return ctx.Err()
	})
	if err != nil {
		return Pruned{}, err
	}
	return p, nil
}

// deleteBefore removes the first rows of b whose keys lie before end. Keys are
// gathered first: deleting moves what a cursor stands on.
func deleteBefore(b *bbolt.Bucket, end []byte) (n int, more bool, err error) {
	var keys [][]byte
	c := b.Cursor()
	for k, _ := c.First(); k != nil && bytes.Compare(k, end) < 0; k, _ = c.Next() {
		if len(keys) == pruneRows {
			more = true
			break
		}
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		if err := b.Delete(k); err != nil {
			return 0, false, err
		}
	}
	return len(keys), more, nil
}
