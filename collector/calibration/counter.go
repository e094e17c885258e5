package calibration

import (
	"github.com/sovmeter/sovmeter/collector/attribution"
)

// steps is how many steps of its resolution a counter must have gone for their
// difference to be a power.
const steps = 10

// Points are the powers that readings show, for FindLag: as they are told, and
// from a counter's differences where a meter tells no power. A coarse counter
// gives few: each stands for as long as it took to go some steps.
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
	least := steps * resolution(readings)
	var from, previous attribution.MeterReading
	for _, r := range readings {
		if !r.HasEnergy || !finite(r) {
			continue
		}
		// A coarse counter is right at the moment of its step only.
		stood := previous.HasEnergy && r.Energy == previous.Energy
		if previous = r; stood {
			continue
		}
		length, drawn := r.At.Sub(from.At), r.Energy-from.Energy
		if !from.HasEnergy || drawn < 0 {
			from = r
			continue
		}
		if length <= 0 || drawn < least {
			continue
		}
		out = append(out, Point{At: from.At.Add(length / 2), Watts: drawn.Over(length)})
		from = r
	}
	return out
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
