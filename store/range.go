package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Range returns the slots of [since, until), which is widened to 15-minute
// marks; the result says to which. Should the scope have changed within a
// slot, the slot is there once for each scope.
func (s *Store) Range(ctx context.Context, since, until time.Time) (Range, error) {
	r, err := markedRange(since, until)
	if err != nil {
		return Range{}, err
	}
	err = s.view(ctx, "range", func(tx *bbolt.Tx) error {
		n, t, err := loadNamesAndTags(tx)
		if err != nil {
			return err
		}
		if _, err := r.readHead(ctx, tx, n); err != nil {
			return err
		}
		if err := r.readSlots(ctx, tx, n, t); err != nil {
			return err
		}
		return r.readGaps(ctx, tx)
	})
	if err != nil {
		return Range{}, err
	}
	return r, nil
}

// markedRange is an empty range, widened to marks.
func markedRange(since, until time.Time) (Range, error) {
	if until.Before(since) {
		return Range{}, fmt.Errorf("store: range %s to %s: %w", stamp(since), stamp(until), ErrInvalid)
	}
	r := Range{Since: slotTime(slotNumber(since)), Until: slotTime(slotNumber(until))}
	if r.Until.Before(clampTime(until)) {
		r.Until = r.Until.Add(SlotLength)
	}
	return r, nil
}

func loadNamesAndTags(tx *bbolt.Tx) (*names, *tags, error) {
	n, err := loadNames(tx)
	if err != nil {
		return nil, nil, err
	}
	t, err := loadTags(tx)
	return n, t, err
}

// readHead reads everything but slots and gaps.
func (r *Range) readHead(ctx context.Context, tx *bbolt.Tx, n *names) (marks, error) {
	m, err := loadMarks(tx)
	if err != nil {
		return marks{}, err
	}
	if r.TaggedSince, err = loadTagged(tx); err != nil {
		return marks{}, err
	}
	if err := r.bound(ctx, tx, n, m); err != nil {
		return marks{}, err
	}
	if err := r.readCalibrations(tx); err != nil {
		return marks{}, err
	}
	if err := r.readOpen(ctx, tx, n, m.closed); err != nil {
		return marks{}, err
	}
	state, err := loadState(tx, n)
	r.Learned = LearnedOf(state)
	return m, err
}

// readSlots goes over the rows twice: to make room for them, and to read them.
func (r *Range) readSlots(ctx context.Context, tx *bbolt.Tx, n *names, t *tags) error {
	first, end := slotNumber(r.Since), slotNumber(r.Until)
	var counts slotCounts
	if err := eachSlot(ctx, tx, first, end, counts.count); err != nil {
		return err
	}
	counts.makeRoom(r)
	err := eachSlot(ctx, tx, first, end, func(k, v []byte) error { return r.readSlot(k, v, n, t) })
	r.sortSlots()
	return err
}

// eachSlot calls fn for the slot rows of [first, end).
func eachSlot(ctx context.Context, tx *bbolt.Tx, first, end uint32, fn func(k, v []byte) error) error {
	c := bucket(tx, nameSlots).Cursor()
	rows := 0
	for k, v := c.Seek(binary.BigEndian.AppendUint32(nil, first)); k != nil; k, v = c.Next() {
		if err := pause(ctx, &rows); err != nil {
			return err
		}
		if len(k) < slotKeySize {
			return corrupt(nameSlots, k, "key has %d bytes", len(k))
		}
		if binary.BigEndian.Uint32(k) >= end {
			return nil
		}
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}

// slotCounts is how many rows there are of each kind.
type slotCounts [4]int

func (c *slotCounts) count(k, _ []byte) error {
	if int(k[4]) < len(c) {
		c[k[4]]++
	}
	return nil
}

// makeRoom makes room for as many rows, so that none is moved later.
func (c *slotCounts) makeRoom(r *Range) {
	r.System = slices.Grow(r.System, c[kindSystem])
	r.Models = slices.Grow(r.Models, c[kindModel])
	r.Remote = slices.Grow(r.Remote, c[kindRemote])
	r.Tagged = slices.Grow(r.Tagged, c[kindTagged])
}

// added returns a new last row.
func added[T any](rows *[]T) *T {
	var zero T
	*rows = append(*rows, zero)
	return &(*rows)[len(*rows)-1]
}

func (r *Range) readSlot(k, v []byte, n *names, t *tags) error {
	switch k[4] {
	case kindSystem:
		return decodeSystem(added(&r.System), k, v, n)
	case kindModel:
		return decodeModel(added(&r.Models), k, v, n)
	case kindTagged:
		return decodeTagged(added(&r.Tagged), k, v, n, t)
	case kindRemote:
		return decodeRemote(added(&r.Remote), k, v, n)
	}
	return corrupt(nameSlots, k, "unknown kind %d", k[4])
}

// sortSlots puts the rows of each slot in the order of their names; keys have
// them in the order of the names' numbers.
func (r *Range) sortSlots() {
	sortRuns(r.System, func(a, b SystemSlot) bool { return a.Start.Equal(b.Start) },
		func(a, b SystemSlot) int { return strings.Compare(string(a.Scope), string(b.Scope)) })
	sortRuns(r.Models, func(a, b ModelSlot) bool { return a.Start.Equal(b.Start) },
		func(a, b ModelSlot) int {
			return cmp.Or(strings.Compare(a.Server, b.Server), strings.Compare(a.Model, b.Model))
		})
	sortRuns(r.Tagged, func(a, b TaggedSlot) bool { return a.Start.Equal(b.Start) },
		func(a, b TaggedSlot) int {
			return cmp.Or(strings.Compare(a.Server, b.Server), strings.Compare(a.Model, b.Model), compareTags(tag{a.Client, a.Project}, tag{b.Client, b.Project}))
		})
	sortRuns(r.Remote, func(a, b RemoteSlot) bool { return a.Start.Equal(b.Start) },
		func(a, b RemoteSlot) int {
			return cmp.Or(strings.Compare(a.Server, b.Server), strings.Compare(a.Provider, b.Provider), strings.Compare(a.Model, b.Model))
		})
}

// sortRuns sorts each run of rows that belong together.
func sortRuns[T any](rows []T, together func(a, b T) bool, order func(a, b T) int) {
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && together(rows[0], rows[n]) {
			n++
		}
		slices.SortFunc(rows[:n], order)
		rows = rows[n:]
	}
}

// readOpen sums the part of the open windows that lies in the range.
func (r *Range) readOpen(ctx context.Context, tx *bbolt.Tx, n *names, closed time.Time) error {
	var open time.Duration
	err := eachWindow(ctx, tx, n, later(closed, r.Since), func(w attribution.Window) bool {
		length, inside := w.End.Sub(w.Start), earlier(w.End, r.Until).Sub(later(w.Start, r.Since))
		if inside > 0 {
			open += inside
			r.Open += w.Energy * energy.Joules(float64(inside)/float64(length))
		}
		return w.Start.Before(r.Until)
	})
	r.OpenSeconds = open.Seconds()
	return err
}

// bound sets First and Last. What was pruned is gone, so the oldest row bounds
// the oldest mark.
func (r *Range) bound(ctx context.Context, tx *bbolt.Tx, n *names, m marks) error {
	r.First, r.Last = m.first, m.last
	var oldest time.Time
	seen := func(t time.Time) {
		if oldest.IsZero() || t.Before(oldest) {
			oldest = t
		}
	}
	if k, _ := bucket(tx, nameSlots).Cursor().First(); len(k) >= slotKeySize {
		seen(slotTime(binary.BigEndian.Uint32(k)))
	}
	if k, _ := bucket(tx, nameGaps).Cursor().First(); len(k) == gapKeySize {
		seen(keyTime(k, 8))
	}
	err := eachWindow(ctx, tx, n, time.Time{}, func(w attribution.Window) bool {
		seen(w.Start)
		return false
	})
	r.First = later(r.First, oldest)
	return err
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
