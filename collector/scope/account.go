package scope

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// account is what is known of one meter.
type account struct {
	meter Meter
	// Points are its readings that are not settled; all before the first are.
	Points []point
	// Seen is when the meter was read last, or when the account began.
	Seen    time.Time
	Spacing time.Duration // between readings, as it was lately at most
	Away    bool          // the meter has been silent for too long
	Counter counter
	Block   block
	// Less is for how long in a row the meter has shown less than the chip drew.
	Less time.Duration
	// Side is the counter as it was told last without a power, by a meter that
	// tells both apart.
	Side    side
	Slope   slope
	Supply  supply // of an account behind the power supply
	learner *calibration.Learner
	counts  Counts
}

// Counts says what became of a meter's readings and segments.
type Counts struct {
	Readings int64 // taken
	Early    int64 // readings that did not come after the one before
	Resets   int64 // of the counter
	DropOuts int64 // segments that were too long
	Below    int64 // segments that were refused, as the meter went on to show less than the chip drew
	Above    int64 // segments that show more than the machine can draw
}

// point is a reading at the time at which it was true.
type point struct {
	At      time.Time
	Power   energy.Watts
	Powered bool
	Count   energy.Joules
	Counted bool
	// Residual is how far Power lies above the line; meaningless unless Met.
	Residual energy.Watts
	Met      bool
	Line     energy.Watts // what the line said just before; 0: not known
}

// counter is how an account stands to its meter's counter.
type counter struct {
	Known bool
	From  energy.Joules // what the counter showed when the account began
	// Booked is the energy since then, as booked, with what charged a battery.
	Booked energy.Joules
	Before energy.Joules // Booked, a segment ago
	// Debt is what the counter says beyond that, and is still to be booked.
	Debt  energy.Joules
	Moved time.Time // when it was last seen to have moved
	// Counted is what it moved by, and Powered what the powers say of the same
	// time; older time counts less.
	Counted, Powered energy.Joules
	Since            energy.Joules // by the powers, since it moved
	// Step is the least step of the counter, as far as it is known.
	Step energy.Joules
}

func (a *account) born(t time.Time) {
	if a.Seen.IsZero() {
		a.Seen = t
	}
}

// read takes a reading. A clock that was set back makes the account begin anew.
func (a *account) read(r attribution.MeterReading, lag time.Duration) {
	p := point{At: r.At.Add(-lag), Power: r.Power, Powered: r.HasPower, Count: r.Energy, Counted: r.HasEnergy}
	if !p.usable() || a.aside(&p) {
		return
	}
	if n := len(a.Points); n > 0 {
		last := &a.Points[n-1]
		if back := last.At.Sub(p.At); back > mostPause {
			a.Points, a.Counter.Known = a.Points[:0], false
		} else if back >= 0 {
			a.counts.Early++
			return
		}
	}
	if n := len(a.Points); n > 0 && !p.Powered && a.Points[n-1].Counted && p.Count == a.Points[n-1].Count {
		a.Seen = p.At // it is there, and has nothing to say
		return
	}
	a.counts.Readings++
	a.Seen, a.Away = p.At, false
	if r.Resolution > 0 {
		a.Counter.Step = r.Resolution
	}
	n := len(a.Points)
	if n == 0 {
		a.Points = append(a.Points, p)
		return
	}
	last := a.Points[n-1]
	if moved := p.Count - last.Count; p.Counted && last.Counted && moved > 0 && r.Resolution <= 0 && (a.Counter.Step <= 0 || moved < a.Counter.Step) {
		a.Counter.Step = moved
	}
	if spacing := p.At.Sub(last.At); spacing <= mostPause {
		a.Spacing = max(spacing, a.Spacing-a.Spacing/10)
	}
	if n == maxPoints { // no window comes: the newest is what the end of the gap will need
		a.Points = a.Points[:n-1]
	}
	a.Points = append(a.Points, p)
}

// side is a counter that was told apart from the power.
type side struct {
	At    time.Time
	Count energy.Joules
	Known bool
}

// aside keeps the counter of a reading without a power for the next one that has
// a power, where a meter tells them apart; it is true then. A power takes the
// counter that was told last.
func (a *account) aside(p *point) bool {
	switch n := len(a.Points); {
	case p.Powered && !p.Counted && a.Side.Known && p.At.Sub(a.Side.At).Abs() <= mostPause:
		p.Counted, p.Count = true, a.Side.Count
	case !p.Powered && p.Counted && n > 0 && a.Points[n-1].Powered && p.At.Sub(a.Points[n-1].At).Abs() <= mostPause:
		if !a.Side.Known || p.At.After(a.Side.At) {
			a.Side = side{p.At, p.Count, true}
		}
		return true
	case p.Powered && p.Counted:
		a.Side = side{}
	}
	return false
}

// usable reports whether a reading says anything that can be reckoned with.
func (p *point) usable() bool {
	finite := func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
	p.Powered = p.Powered && finite(float64(p.Power))
	p.Counted = p.Counted && finite(float64(p.Count))
	return (p.Powered || p.Counted) && !p.At.IsZero()
}

// pause is how long the meter may be silent.
func (a *account) pause() time.Duration {
	return min(max(pauseReadings*max(a.meter.Every, a.Spacing), leastPause), mostPause)
}

// waits reports whether the account may still tell what was drawn until end,
// and has not. waking is for how long the machine was measured since a time.
func (a *account) waits(end time.Time, waking func(time.Time) time.Duration) bool {
	if len(a.Points) > 0 && !a.Points[0].At.Before(end) {
		return false // it is settled until there
	}
	if n := len(a.Points); n > 0 && !a.Points[n-1].At.Before(end) {
		return true
	}
	a.Away = a.Away || waking(a.Seen) > a.pause() || len(a.Points) > 0 && waking(a.Points[len(a.Points)-1].At) > mostPause
	return !a.Away
}
