package series

import (
	"iter"
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
	p, ok := s.PointAt(t)
	return p.Value, ok
}

// PointAt returns the point that holds at t; false in a hole and outside of the
// series.
func (s Series) PointAt(t time.Time) (Point, bool) {
	p, ok := s.Before(t)
	if !ok || !t.Before(p.End) {
		return Point{}, false
	}
	return p, true
}

// Before returns the last point that began at t or before, whether or not it
// still holds; false when there is none. It tells how old the last known figure
// is.
func (s Series) Before(t time.Time) (Point, bool) {
	i, found := slices.BinarySearchFunc(s.points, t, func(p Point, t time.Time) int { return p.Start.Compare(t) })
	if !found {
		i--
	}
	if i < 0 {
		return Point{}, false
	}
	return s.points[i], true
}

// Len is how many points there are.
func (s Series) Len() int { return len(s.points) }

// Points goes through the points in time order.
func (s Series) Points() iter.Seq[Point] { return slices.Values(s.points) }

// Bounds is the time from the first point's start to the last one's end; both
// are zero for an empty series.
func (s Series) Bounds() (start, end time.Time) {
	if len(s.points) == 0 {
		return time.Time{}, time.Time{}
	}
	return s.points[0].Start, s.points[len(s.points)-1].End
}

// Holes goes through the times between two points in which nothing is known.
func (s Series) Holes() iter.Seq2[time.Time, time.Time] {
	return func(yield func(start, end time.Time) bool) {
		for i := 1; i < len(s.points); i++ {
			start, end := s.points[i-1].End, s.points[i].Start
			if start.Before(end) && !yield(start, end) {
				return
			}
		}
	}
}
