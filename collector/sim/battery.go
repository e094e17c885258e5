package sim

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// How batteries are charged. What goes in is even up to chargeEvenly and then
// falls in proportion to what is missing, so that the last part takes hours. Of
// what goes in, chargeEfficiency can be drawn again. At lowest its owner plugs
// the machine in, whatever Battery.Unplugged says, until the absence is over.
const (
	chargeEvenly     = 0.8
	chargeEfficiency = 0.9
	lowest           = 0.05
)

// battery is the state of a Battery, and where the plug is.
type battery struct {
	cfg     *Battery
	held    energy.Joules
	plugged bool
	edge    time.Duration // when the timetable may say something else
}

// newBattery is a battery at the start.
func newBattery(cfg *Battery) battery {
	b := battery{cfg: cfg, held: cfg.Capacity * energy.Joules(cfg.Charge), plugged: true, edge: never}
	if len(cfg.Unplugged) > 0 {
		b.edge = 0
	}
	return b
}

// look takes notice of where the plug is now.
func (b *battery) look(now time.Duration) {
	if now < b.edge {
		return
	}
	out := false
	b.edge = never
	for _, a := range b.cfg.Unplugged {
		out = out || a.covers(now)
		b.edge = min(b.edge, a.edge(now))
	}
	b.plugged = !out
}

// spare is what can be drawn before the battery is at lowest.
func (b *battery) spare() energy.Joules { return b.held - b.cfg.Capacity*lowest }

// charge is the ratio to which it is full; 0 without a battery.
func (b *battery) charge() float64 {
	if b.cfg.Capacity == 0 {
		return 0
	}
	return min(float64(b.held/b.cfg.Capacity), 1)
}

// charging is what goes in from now on, and for how long that is a single
// course.
func (b *battery) charging() (course, time.Duration) {
	if !b.plugged || b.cfg.Capacity == 0 || b.cfg.Watts == 0 {
		return course{}, never
	}
	missing := b.cfg.Capacity*chargeEvenly - b.held
	if missing <= 0 {
		return course{taper: b.cfg.Watts * energy.Watts((1-b.charge())/(1-chargeEvenly))}, never
	}
	sec := float64(missing) / (chargeEfficiency * float64(b.cfg.Watts))
	return course{base: b.cfg.Watts}, time.Duration(min(math.Ceil(sec*1e9), 1e18)) + 1
}

// taperRate is how fast charging falls in the end, in 1/s.
func (b *battery) taperRate() float64 {
	if b.cfg.Capacity == 0 {
		return 0
	}
	return chargeEfficiency * float64(b.cfg.Watts) / ((1 - chargeEvenly) * float64(b.cfg.Capacity))
}

// covers is true while the machine is unplugged.
func (a Absence) covers(t time.Duration) bool {
	if a.Every > 0 && t >= a.At {
		return (t-a.At)%a.Every < a.For
	}
	return t >= a.At && t < a.At+a.For
}

// edge is when that changes next, after t; never if it does not.
func (a Absence) edge(t time.Duration) time.Duration {
	switch into := t - a.At; {
	case into < 0:
		return a.At
	case a.Every > 0 && into%a.Every < a.For:
		return t + a.For - into%a.Every
	case a.Every > 0:
		return t + a.Every - into%a.Every
	case into < a.For:
		return a.At + a.For
	}
	return never
}
