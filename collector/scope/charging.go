package scope

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// charging is what went into the battery lately; below 0 what came out of it.
type charging struct{ Points []charge }

type charge struct {
	At    time.Time
	Watts energy.Watts
}

// most is how many readings are kept: more than telemetry gives in the longest
// time that a window waits.
const mostCharges = 64

func (c *charging) add(at time.Time, w energy.Watts) {
	if n := len(c.Points); n > 0 && !at.After(c.Points[n-1].At) {
		if c.Points[n-1].At.Sub(at) <= mostPause {
			return
		}
		c.Points = c.Points[:0] // the clock was set back
	}
	c.Points = append(c.Points, charge{at, w})
	if extra := len(c.Points) - mostCharges; extra > 0 {
		c.Points = slices.Delete(c.Points, 0, extra)
	}
}

// at is what went into the battery at a time, and 0 when something came out of it.
func (c *charging) at(t time.Time) (energy.Watts, bool) {
	w, known := c.near(t)
	return max(w, 0), known
}

// near is the reading nearest to a time; false when none is near.
func (c *charging) near(t time.Time) (energy.Watts, bool) {
	best, found := charge{}, false
	for _, p := range c.Points {
		if !found || p.At.Sub(t).Abs() < best.At.Sub(t).Abs() {
			best, found = p, true
		}
	}
	if !found || best.At.Sub(t).Abs() > chargingAge {
		return 0, false
	}
	return best.Watts, true
}

// leastDrain is from how little on a battery is what the machine runs from.
const leastDrain = 0.5

// drains reports whether the machine ran from its battery at t.
func (c *charging) drains(t time.Time) bool {
	w, known := c.near(t)
	return known && w < -leastDrain
}

// still reports whether a battery neither took nor gave anything at t, as far as
// is known. Where there is none, it does not.
func (c *charging) still(t time.Time) bool {
	w, known := c.near(t)
	return len(c.Points) == 0 || known && w > -leastDrain && w < leastDrain
}

// none reports whether nothing went into a battery at t: there is no battery, or
// it was not charged.
func (c *charging) none(t time.Time) bool {
	w, known := c.at(t)
	return len(c.Points) == 0 || known && w <= 0
}
