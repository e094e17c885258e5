package series

import (
	"fmt"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// MaxPoints is how many points a series may have: more than a century of
// 15-minute prices. It bounds the memory that a file can claim.
const MaxPoints = 4_000_000

// The years that a point may lie in. A stamp beyond them is a slip, such as
// milliseconds taken for seconds.
var (
	firstTime = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// New returns the points, in any order, as a series. Points that overlap and
// have the same value are joined; ones with different values are ErrConflict. A
// point that ends before it begins, or is not on 15-minute marks, is ErrPoint.
func New(points []Point) (Series, error) {
	if len(points) > MaxPoints {
		return Series{}, fmt.Errorf("%d points, %d are allowed: %w", len(points), MaxPoints, ErrTooMany)
	}
	sorted := make([]Point, 0, len(points))
	for _, p := range points {
		if err := p.check(); err != nil {
			return Series{}, err
		}
		sorted = append(sorted, Point{p.Start.UTC(), p.End.UTC(), p.Value})
	}
	inOrder := func(a, b Point) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return a.End.Compare(b.End)
	}
	if !slices.IsSortedFunc(sorted, inOrder) {
		slices.SortFunc(sorted, inOrder)
	}
	joined := sorted[:0]
	for _, p := range sorted {
		last := len(joined) - 1
		if last < 0 || !p.Start.Before(joined[last].End) {
			joined = append(joined, p)
			continue
		}
		if joined[last].Value != p.Value {
			return Series{}, fmt.Errorf("from %s it is %s and %s: %w", stamp(p.Start), joined[last].Value, p.Value, ErrConflict)
		}
		if p.End.After(joined[last].End) {
			joined[last].End = p.End
		}
	}
	return Series{joined}, nil
}

func (p Point) check() error {
	switch {
	case p.Start.Before(firstTime) || p.End.After(lastTime):
		return fmt.Errorf("from %s to %s: want times in the years 1970 to 2199: %w", stamp(p.Start), stamp(p.End), ErrPoint)
	case !p.Start.Before(p.End):
		return fmt.Errorf("from %s to %s: the end is not after the start: %w", stamp(p.Start), stamp(p.End), ErrPoint)
	case !onMark(p.Start) || !onMark(p.End):
		return fmt.Errorf("from %s to %s: not on 15-minute marks: %w", stamp(p.Start), stamp(p.End), ErrPoint)
	}
	return nil
}

func onMark(t time.Time) bool { return t.Equal(t.Truncate(store.SlotLength)) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
