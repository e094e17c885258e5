package systemmeter

import (
	"errors"
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// together is how far apart a power and a counter may be and still be one
// reading: devices publish the two one after the other.
const together = time.Second

// newest holds the latest power and counter of a source that tells the two at
// times of their own. A Reading has one time: it holds both values only where
// both were true then, and else they are given one after the other, the older
// first. So no value is ever dated to a time that it is not from.
type newest struct {
	power  valueAt
	energy valueAt
	step   energy.Joules // the counter's least step; 0: it is not known
	// byMinute is for a counter that moves on by the minute: by what was drawn in
	// that minute.
	byMinute bool
	last     Reading // what was given last; zero before the first
}

// valueAt is a value, in watts or joules, and when it was true.
type valueAt struct {
	value float64
	at    time.Time // by our clock
	// report is the source's own time of it; the same report is no news.
	report  time.Time
	known   bool
	pending bool // not given yet
}

// set takes a report in. One that is known already changes nothing: its time
// stays what it was found to be when it was new.
func (v *valueAt) set(value float64, at, report time.Time) {
	if v.known && v.report.Equal(report) && v.value == value {
		return
	}
	*v = valueAt{value: value, at: at, report: report, known: true, pending: true}
}

// expire forgets a value that is too old.
func (v *valueAt) expire(now time.Time, maxAge time.Duration) {
	if v.known && now.Sub(v.at) > maxAge {
		v.pending = false
	}
}

// next returns what was not given yet, or, when there is nothing new, the last
// reading again while it is not too old. False: all there is is too old.
func (n *newest) next(now time.Time, maxAge time.Duration) (Reading, bool) {
	n.power.expire(now, maxAge)
	n.energy.expire(now, maxAge)
	p, e := n.power.pending, n.energy.pending
	if p && e {
		switch apart := n.power.at.Sub(n.energy.at); {
		case apart > together:
			p = false
		case apart < -together:
			e = false
		}
	}
	if p || e {
		n.last = n.give(p, e)
	}
	if n.last.At.IsZero() || now.Sub(n.last.At) > maxAge {
		return Reading{}, false
	}
	r := n.last
	r.Lag = max(0, now.Sub(r.At))
	return r, true
}

// give makes a reading. Of both it has the counter's time: what is booked
// follows the counter.
func (n *newest) give(power, counter bool) Reading {
	var r Reading
	if power {
		r.At, r.Power, r.HasPower = n.power.at, energy.Watts(n.power.value), true
		n.power.pending = false
	}
	if counter {
		r.At, r.Energy, r.HasEnergy, r.Resolution = n.energy.at, energy.Joules(n.energy.value), true, n.step
		n.energy.pending = false
		if n.byMinute && n.power.known {
			r.Resolution = max(r.Resolution, energy.Watts(n.power.value).For(time.Minute))
		}
	}
	r.At = r.At.UTC()
	return r
}

// waiting is whether anything was not given yet.
func (n *newest) waiting() bool { return n.power.pending || n.energy.pending }

// forget drops all values: the source says that they are no longer true.
func (n *newest) forget() { *n = newest{step: n.step, byMinute: n.byMinute} }

// refine takes a counter's printed step in: the least one seen is its step.
func (n *newest) refine(step energy.Joules) {
	if step > 0 && (n.step == 0 || step < n.step) {
		n.step = step
	}
}

// settle ends a round of questions for the two values. One that is not there,
// or too old, does not spoil the other; any other error does.
func (n *newest) settle(now time.Time, maxAge time.Duration, answers ...error) (Reading, error) {
	var missing error
	failed := 0
	for _, err := range answers {
		switch {
		case err == nil:
			continue
		case !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrStale):
			return Reading{}, err
		case missing == nil:
			missing = err
		}
		failed++
	}
	if failed == len(answers) {
		return Reading{}, missing
	}
	r, ok := n.next(now, maxAge)
	switch {
	case ok:
		return r, nil
	case missing != nil:
		return Reading{}, missing
	}
	return Reading{}, fmt.Errorf("nothing new for more than %v: %w", maxAge, ErrStale)
}
