package avoided

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// turns are the times at which any price of a table changes. Between two of
// them an answer of the table may be remembered.
type turns struct {
	days  []int64         // Unix seconds, ascending
	hours []time.Duration // since midnight UTC, ascending
}

func newTurns(entries []prices.Entry) turns {
	var t turns
	for _, e := range entries {
		for _, day := range []time.Time{e.From, e.Until} {
			if !day.IsZero() {
				t.days = append(t.days, day.Unix())
			}
		}
		if e.Hours != (prices.Hours{}) {
			t.hours = append(t.hours, e.Hours.Start, e.Hours.End)
		}
	}
	slices.Sort(t.days)
	slices.Sort(t.hours)
	t.days, t.hours = slices.Compact(t.days), slices.Compact(t.hours)
	return t
}

// at is the period that holds a time: the number of turns passed.
func (t turns) at(at time.Time) (day, hour int) {
	seconds := at.Unix()
	day, found := slices.BinarySearch(t.days, seconds)
	if found {
		day++
	}
	if len(t.hours) == 0 {
		return day, 0
	}
	const whole = int64(24 * time.Hour / time.Second)
	hour, found = slices.BinarySearch(t.hours, time.Duration(((seconds%whole)+whole)%whole)*time.Second)
	if found {
		hour++
	}
	return day, hour
}
