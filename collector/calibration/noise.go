package calibration

import "math"

// A point of a line is off by some watts and by a part of itself: fans, memory
// and whatever hangs on the ports are the first, the meter and the curve of the
// power supply the second. So watts are weighted by what they are a part of, and
// an idle day is told as well as a busy one.
const (
	noiseWatts = 0.25
	noiseRatio = 0.015
	// leastNoise is the least that the scatter is taken for, as a ratio of the
	// above: a few points on a line by luck are not a line without errors.
	leastNoise = 0.25
	// leastTold is the same, squared, where it is asked if two slopes differ.
	leastTold = 0.5 * 0.5
)

// noise is the usual scatter at a power of the whole machine, in watts.
func noise(watts float64) float64 { return math.Hypot(noiseWatts, noiseRatio*watts) }

// apart is how far the slopes of two rails usually are from each other: what is
// taken for their difference, one standard error, where the data do not tell. It is
// an assumption: a GPU that streams weights draws more in memory than a CPU that
// computes, by an amount that differs from chip to chip.
const apart = 0.4

// toldApart is the most standard error of the difference of two slopes with
// which they are better told apart than taken for the same.
const toldApart = apart / 2

// leastANE is the least range of the ANE's power that is worth a slope, in watts.
const leastANE = 1.0
