package sim

import (
	"math"
	"time"
)

// All simulated times are durations since Scenario.Start; never comes after
// all of them.
const never = time.Duration(math.MaxInt64)

// timetable is when things are due, once or again and again.
type timetable []due

// due is one entry: its next time, and the time between repetitions.
type due struct{ at, every time.Duration }

// next returns the entry that is due first, and when; -1 and never if none is.
func (t timetable) next() (int, time.Duration) {
	first, at := -1, never
	for i := range t {
		if t[i].at < at {
			first, at = i, t[i].at
		}
	}
	return first, at
}

// done sets entry i to its next repetition.
func (t timetable) done(i int) {
	if t[i].every <= 0 {
		t[i].at = never
		return
	}
	t[i].at += t[i].every
}
