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

// counter follows a meter's counter, and refuses a rise that no machine can have
// drawn: somebody set the counter, another device has the address, or the unit is
// wrong. What follows a jump is good again. The values stay what the device says,
// so that it is the same counter after a restart.
type counter struct {
	known bool
	last  energy.Joules
	moved time.Time     // when it last changed
	ahead energy.Joules // how far it is beyond what can have been drawn by now
}

func (c *counter) follow(r Reading, limit energy.Watts) error {
	before := *c
	c.known, c.last = true, r.Energy
	rise := r.Energy - before.last
	if before.known && rise == 0 {
		return nil
	}
	c.moved, c.ahead = r.At, 0
	if !before.known || rise < 0 {
		return nil // it begins, or begins anew
	}
	length := max(0, r.At.Sub(before.moved))
	ahead := max(0, before.ahead+rise-limit.For(length))
	most := limit.For(counterSlack) + 2*r.Resolution
	if c.ahead = min(ahead, most); ahead > most {
		return hint(fmt.Errorf("counter rose by %.3f kWh in %v: %w", rise.KilowattHours(), length.Round(time.Second), ErrImplausible),
			"is its unit right? If it was set by hand, it goes on from here")
	}
	return nil
}
