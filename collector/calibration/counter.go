package calibration

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// A difference of a counter is a power once it has gone this many steps of its
// resolution, or once this many polls have gone by between two of its steps: then
// it is known to a part of 1 in 10, or 1 in 6.
const (
	steps = 10
	polls = 6
)

// Points are the powers that readings show, for FindLag: as they are told, and
// from a counter's differences where a meter tells no power. A coarse counter
// gives few of them.
func Points(readings []attribution.MeterReading) []Point {
	var out []Point
	for _, r := range readings {
		if r.HasPower && finite(r) {
			out = append(out, Point{At: r.At, Watts: r.Power})
		}
	}
	if len(out) > 0 {
		return out
	}
	return differences(readings)
}

func differences(readings []attribution.MeterReading) []Point {
	var out []Point
	resolution := resolution(readings)
	least, long := steps*resolution, polls*usualPoll(readings)
	var from, previous attribution.MeterReading
	for _, r := range readings {
		if !r.HasEnergy || !finite(r) {
			continue
		}
		// A coarse counter is right at the moment of its step only.
		stood, before := previous.HasEnergy && r.Energy == previous.Energy, previous
		if previous = r; stood {
			continue
		}
		r.At = stepped(before, r, resolution)
		length, drawn := r.At.Sub(from.At), r.Energy-from.Energy
		if !from.HasEnergy || drawn < 0 {
			from = r
			continue
		}
		if length <= 0 || drawn < least && length < long {
			continue
		}
		out = append(out, Point{At: from.At.Add(length / 2), Watts: drawn.Over(length)})
		from = r
	}
	return out
}

// stepped is when a counter took its last step before a reading: on average half
// as long ago as the step took to come.
func stepped(before, r attribution.MeterReading, resolution energy.Joules) time.Time {
	drawn := r.Energy - before.Energy
	if !before.HasEnergy || drawn <= 0 {
		return r.At
	}
	part := min(float64(resolution/drawn), 1)
	return r.At.Add(-time.Duration(part / 2 * float64(r.At.Sub(before.At))))
}

// usualPoll is the median time between two readings.
func usualPoll(readings []attribution.MeterReading) time.Duration {
	var between []time.Duration
	for i := 1; i < len(readings); i++ {
		between = append(between, readings[i].At.Sub(readings[i-1].At))
	}
	if len(between) == 0 {
		return 0
	}
	slices.Sort(between)
	return between[len(between)/2]
}

// ChipPoints are the powers of the chip, for FindLag.
func ChipPoints(windows []attribution.Window) []Point {
	out := make([]Point, 0, len(windows))
	for _, w := range windows {
		if length := w.End.Sub(w.Start); length > 0 {
			soc := known(w.CPU) + known(w.GPU) + known(w.ANE)
			out = append(out, Point{At: w.Start.Add(length / 2), Watts: soc.Over(length)})
		}
	}
	return out
}
