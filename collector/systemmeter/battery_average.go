package systemmeter

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

const (
	// maxDip is how many times less than at both ends the load can be in between.
	maxDip = 20
	// longestBridge is how long two values of the load may be apart to say what was
	// drawn between them.
	longestBridge = 2 * time.Minute
)

// batteryPause is how long two values may be apart when they are asked for so
// often. A tally says how much was drawn on average while it was added to, not
// how long that was: the rest may have been slept through.
func batteryPause(every time.Duration) time.Duration { return max(3*every, longestBridge) }

// averageLoad returns the mean load between two readings by what the laptop
// added up, and false where that cannot be true: accumulators of this kind were
// seen wrapped and full of garbage.
func averageLoad(before, after telemetry, limit energy.Watts) (energy.Watts, bool) {
	if !before.Loads.Known || !after.Loads.Known {
		return 0, false
	}
	ticks, sum := after.Loads.Count-before.Loads.Count, after.Loads.Sum-before.Loads.Sum
	if before.Loads.Sum < 0 || before.Loads.Count < 0 || sum <= 0 || ticks <= 0 {
		return 0, false
	}
	mean := energy.Watts(float64(sum) / float64(ticks) / 1e3)
	if mean > limit || mean < min(before.Load.Value, after.Load.Value)/maxDip {
		return 0, false
	}
	return mean, true
}

// drawn returns what the machine drew between two readings that are so far apart,
// and no further than longest: by the tally, or by the loads at both ends where
// they are close together.
func drawn(before, after telemetry, apart, longest time.Duration, limit energy.Watts) (energy.Joules, bool) {
	if apart < 0 || apart > longest { // below 0, the clock was set back
		return 0, false
	}
	if mean, ok := averageLoad(before, after, limit); ok {
		return mean.For(apart), true
	}
	if apart > longestBridge || !before.Load.Known || !after.Load.Known {
		return 0, false
	}
	return ((before.Load.Value + after.Load.Value) / 2).For(apart), true
}

// charging returns what goes into the battery, below 0 out of it. What the
// adapter gives is the load and the charge, to the milliwatt in all captures, so
// one of the three may be missing.
func (t telemetry) charging(limit energy.Watts) (energy.Watts, bool) {
	w := t.Battery
	if !w.Known && t.PowerIn.Known && t.Load.Known {
		w = knownWatts{t.PowerIn.Value - t.Load.Value, true}
	}
	return w.Value, w.Known && w.Value <= limit && w.Value >= -limit
}

// load returns what the machine draws.
func (t telemetry) load() (energy.Watts, bool) {
	if !t.Load.Known && t.PowerIn.Known && t.Battery.Known {
		return t.PowerIn.Value - t.Battery.Value, true
	}
	return t.Load.Value, t.Load.Known
}
