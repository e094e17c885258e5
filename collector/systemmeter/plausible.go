package systemmeter

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// counterSlack is how rarely a counter may move: what was drawn in that time
// may come in one step.
const counterSlack = 10 * time.Minute

// plausible refuses what cannot be true.
func plausible(r Reading, limit energy.Watts) error {
	switch {
	case r.HasPower && !finite(float64(r.Power)), r.HasEnergy && !finite(float64(r.Energy)):
		return fmt.Errorf("not a finite number: %w", ErrImplausible)
	case r.HasPower && r.Power < 0:
		return hint(fmt.Errorf("power of %.1f W: %w", float64(r.Power), ErrImplausible),
			"no computer gives power back: is it the right meter, and not mounted the wrong way round?")
	case r.HasPower && r.Power > limit:
		return hint(fmt.Errorf("power of %.1f W: %w", float64(r.Power), ErrImplausible),
			"is its unit right? If the power is true, raise max_watts from %.0f", float64(limit))
	case r.HasEnergy && r.Energy < 0:
		return fmt.Errorf("counter below 0: %w", ErrImplausible)
	}
	return nil
}

// counter follows a meter's counter, and takes out of it what no machine can
// have drawn: somebody set the counter, or another device has the address. What
// is handed on then goes on from where it was. Where the counter falls, so does
// what is handed on: it began anew.
type counter struct {
	known bool
	raw   energy.Joules // the last value
	moved time.Time     // when it last changed
	shift energy.Joules // taken off every value
}

// follow returns the value to hand on, and ErrImplausible for one that jumped.
func (c *counter) follow(r Reading, limit energy.Watts) (energy.Joules, error) {
	before := *c
	c.known, c.raw = true, r.Energy
	if !before.known || r.Energy != before.raw {
		c.moved = r.At
	}
	if !before.known {
		return r.Energy, nil
	}
	rise := r.Energy - before.raw
	if rise < 0 {
		c.shift = 0
		if r.Energy >= before.raw-before.shift {
			c.shift = r.Energy
		}
		return r.Energy - c.shift, nil
	}
	most := limit.For(max(0, r.At.Sub(before.moved))+counterSlack) + 2*r.Resolution
	if rise > most {
		c.shift += rise
		return 0, hint(fmt.Errorf("counter rose by %.3f kWh at once: %w", rise.KilowattHours(), ErrImplausible),
			"it goes on from here; is the unit right?")
	}
	return r.Energy - c.shift, nil
}
