package foreign

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// row is one figure of a file and the time that it holds for.
type row struct {
	start, end stamp // end is the zero stamp when the file does not tell it
	amount     decimal
	line       int32
	hole       bool // there is no figure; the time tells how long others hold
}

func (r row) at(err error) error { return &LineError{int(r.line), err} }

// span is a row whose times are known, in unix seconds.
type span struct {
	start, end int64 // end 0: not told
	amount     decimal
	line       int32
	hole       bool
}

func (s span) at(err error) error { return &LineError{int(s.line), err} }

// The years that a figure may lie in.
var (
	firstSecond = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
)

// rows are the figures of a file, or of one layer of it, in the file's order.
type rows []row

func (rs *rows) add(r row) error {
	if len(*rs) >= series.MaxPoints {
		return r.at(fmt.Errorf("%d figures are allowed: %w", series.MaxPoints, series.ErrTooMany))
	}
	*rs = append(*rs, r)
	return nil
}

// spans gives every figure its time, in order of the start.
func (rs rows) spans(zone *time.Location) ([]span, error) {
	out, err := rs.placed(zone)
	if err != nil {
		return nil, err
	}
	byStart := func(a, b span) int { return cmp.Compare(a.start, b.start) }
	if !slices.IsSortedFunc(out, byStart) {
		slices.SortStableFunc(out, byStart)
	}
	if err := tellEnds(out); err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(s span) bool { return s.hole })
	for _, s := range out {
		if s.start < firstSecond || s.end > lastSecond || s.start >= s.end {
			return nil, s.at(fmt.Errorf("from %s to %s: want a time in the years 1970 to 2199: %w", show(s.start), show(s.end), series.ErrPoint))
		}
	}
	return out, nil
}

func show(second int64) string { return time.Unix(second, 0).UTC().Format(time.RFC3339) }

// disjoint drops what is said twice, and refuses what contradicts itself.
func disjoint(spans []span, f factor) ([]span, error) {
	out := spans[:0]
	for _, s := range spans {
		last := len(out) - 1
		if last < 0 || s.start >= out[last].end {
			out = append(out, s)
			continue
		}
		before, err := f.value(out[last].amount)
		if err != nil {
			return nil, out[last].at(err)
		}
		now, err := f.value(s.amount)
		if err != nil {
			return nil, s.at(err)
		}
		if before != now {
			return nil, s.at(fmt.Errorf("from %s it is %s, and %s in line %d: %w", show(s.start), now, before, out[last].line, series.ErrConflict))
		}
		if s.end > out[last].end {
			out = append(out, span{start: out[last].end, end: s.end, amount: s.amount, line: s.line})
		}
	}
	return out, nil
}
