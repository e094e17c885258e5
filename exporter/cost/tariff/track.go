package tariff

import (
	"cmp"
	"slices"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// track is a series in the numbers that a price is looked up with: a year of a
// spot market has as many points as slots.
type track []mark

type mark struct{ start, end, value int64 } // unix seconds; billionths

func newTrack(s series.Series) track {
	t := make(track, 0, s.Len())
	for p := range s.Points() {
		t = append(t, mark{p.Start.Unix(), p.End.Unix(), int64(p.Value)})
	}
	return t
}

// cursor looks values up, fastest in the order of time. It is for one goroutine
// at a time.
type cursor struct{ next int }

// at returns the value that holds at a time; false when there is none.
func (c *cursor) at(t track, unix int64) (int64, bool) {
	i := c.next // the first mark that begins later, if time has gone on by a mark at most
	if i < len(t) && t[i].start <= unix {
		i++
	}
	if i > len(t) || i > 0 && t[i-1].start > unix || i < len(t) && t[i].start <= unix {
		i, _ = slices.BinarySearchFunc(t, unix+1, func(m mark, unix int64) int { return cmp.Compare(m.start, unix) })
	}
	c.next = i
	if i == 0 || unix >= t[i-1].end {
		return 0, false
	}
	return t[i-1].value, true
}
