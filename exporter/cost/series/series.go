package series

import (
	"slices"
	"time"
)

// Value is an exact figure in billionths of the series' unit: 0.2351 EUR/kWh is
// 235_100_000. It may be negative, as spot prices are.
type Value int64

// Point is one value and the half-open time [Start, End) that it holds for.
type Point struct {
	Start, End time.Time // UTC
	Value      Value
}

// Series is a list of points that do not overlap, in time order. Between them
// there may be holes, in which nothing is known. The zero Series is empty.
type Series struct{ points []Point }

// At returns the value that holds at t; false in a hole and outside of the
// series, where it is not known.
func (s Series) At(t time.Time) (Value, bool) {
	i, found := slices.BinarySearchFunc(s.points, t, func(p Point, t time.Time) int { return p.Start.Compare(t) })
	if !found {
		i--
	}
	if i < 0 || !t.Before(s.points[i].End) {
		return 0, false
	}
	return s.points[i].Value, true
}

// Len is how many points there are.
func (s Series) Len() int { return len(s.points) }

// Bounds is the time from the first point's start to the last one's end; both
// are zero for an empty series.
func (s Series) Bounds() (start, end time.Time) {
	if len(s.points) == 0 {
		return time.Time{}, time.Time{}
	}
	return s.points[0].Start, s.points[len(s.points)-1].End
}
