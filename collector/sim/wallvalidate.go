package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// steepest is the highest slope that a machine may have.
const steepest = 10

func (p *problems) wall(w *Wall, chip energy.Watts) {
	p.want(w.Board >= 0 && w.Asleep >= 0, "wall: board %v, asleep %v watts: want 0 or more", float64(w.Board), float64(w.Asleep))
	for _, s := range []float64{w.CPU, w.GPU, w.ANE} {
		p.want(s == 0 || (s >= 1 && s <= steepest), "wall: %v watts of the board for one of a rail: want 1 to %d, or 0 for 1", s, steepest)
	}
	p.want(w.Fan.Watts >= 0 && w.Fan.Delay >= 0, "wall: fan: %v watts, delay %v: want 0 or more", float64(w.Fan.Watts), w.Fan.Delay)
	p.want(w.Supply.Fixed >= 0, "wall: supply: fixed %v watts: want 0 or more", float64(w.Supply.Fixed))
	p.want(w.Supply.Square == 0 || w.Supply.Square >= chip, "wall: supply: square %v watts: want the chip's max watts or more, or 0", float64(w.Supply.Square))
	p.ratio("wall: supply: share", w.Supply.Share)
	p.drift("wall", &w.Drift)
	p.battery(&w.Battery)
}

func (p *problems) battery(b *Battery) {
	p.want(b.Capacity >= 0 && b.Watts >= 0, "wall: battery: capacity %v J, charged with %v watts: want 0 or more", float64(b.Capacity), float64(b.Watts))
	p.ratio("wall: battery: charge", b.Charge)
	p.want(b.Capacity > 0 || (b.Watts == 0 && b.Charge == 0 && len(b.Unplugged) == 0), "wall: battery: no capacity: want none of its other fields either")
	for i, a := range b.Unplugged {
		p.want(a.At >= 0 && a.For > 0, "wall: unplugged at %v for %v: want a time from the start on and a length above 0", a.At, a.For)
		p.every("wall: unplugged: absence", a.Every, a.For)
		for _, before := range b.Unplugged[:i] {
			p.want(before.apart(a), "wall: unplugged at %v for %v: want it after the absence at %v, without overlap", a.At, a.For, before.At)
		}
	}
}

// apart is true when a later absence never falls into a.
func (a Absence) apart(later Absence) bool {
	into := later.At - a.At
	if into < a.For {
		return false
	}
	if a.Every <= 0 {
		return true
	}
	period := a.Every
	if later.Every > 0 {
		period = common(a.Every, later.Every)
	}
	into %= period
	return into >= a.For && into+later.For <= period
}

// common is the greatest common divisor.
func common(a, b time.Duration) time.Duration {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
