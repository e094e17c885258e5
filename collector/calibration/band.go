package calibration

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Stretch is time whose energy is told by a line: what the rails drew in it.
type Stretch struct {
	Length        time.Duration
	CPU, GPU, ANE energy.Joules
}

// What is assumed of a line beyond its fit, as ratios of the energy it tells.
const (
	// driftAtOnce is how far off a line is on the next day: other ports in
	// use, another room, a display that is brighter. It is also how well the
	// plugs that are sold as accurate repeat themselves.
	driftAtOnce = 0.01
	// driftAMonth is what is added to it in 30 days, up to driftMost.
	driftAMonth = 0.015
	driftMost   = 0.15
	month       = 30 * 24 * time.Hour
	// beyond is how far off the slope may be outside the powers it was fitted
	// to: a supply's curve goes up by less than that.
	beyond = 0.25
	// unknownANE is how far off the slope of the ANE may be, which no fit of a
	// model server tells.
	unknownANE = 0.3
)

// Error is the band of the energy that c tells of s: in 95 of 100 cases the truth
// is nearer. It puts together, as errors that know nothing of each other: the
// parameters' covariance; the misfit, which is the same way at the same load;
// powers outside those of the fit; drift with the line's age; and the accuracy,
// 0 to 1, of the meter that it was fitted to. Errors of stretches add up: those of
// the parts of a stretch are never less than that of the whole.
func Error(c attribution.Calibration, s Stretch, age time.Duration, accuracy float64) energy.Joules {
	seconds := s.Length.Seconds()
	if !(seconds > 0) {
		return 0
	}
	told := c.Power(s.CPU.Over(s.Length), s.GPU.Over(s.Length), s.ANE.Over(s.Length)).For(s.Length)
	drift := min(driftAtOnce+driftAMonth*max(0, float64(age)/float64(month)), driftMost)
	parts := []float64{
		student(c) * math.Sqrt(parameters(c, seconds, float64(s.CPU), float64(s.GPU+s.ANE))),
		misfit(c, told.Over(s.Length)) * seconds,
		outside(c, s),
		unknownANE * float64(s.ANE),
		drift * float64(told),
		max(0, accuracy) * float64(told),
	}
	sum := 0.0
	for _, p := range parts {
		sum += p * p
	}
	return energy.Joules(math.Sqrt(sum))
}

// misfit is how far off the line may be, in watts, at a power of the machine:
// the scatter of its points, spread as noise is. What of it is noise evens out over
// a day; what is the curve of the supply does not, but is less than all of it.
func misfit(c attribution.Calibration, at energy.Watts) float64 {
	low, high := float64(c.Power(0, c.SoCMin, 0)), float64(c.Power(0, c.SoCMax, 0))
	usual := noise(low)
	if low > 0 && high > low {
		// The mean square of powers whose logarithms are spread evenly.
		usual = math.Hypot(noiseWatts, noiseRatio*math.Sqrt((high*high-low*low)/(2*math.Log(high/low))))
	}
	return float64(c.RMSE) * noise(float64(at)) / usual
}

// outside is what the line may be off by for a power outside those of its fit.
func outside(c attribution.Calibration, s Stretch) float64 {
	soc := (s.CPU + s.GPU + s.ANE).Over(s.Length)
	by := max(c.SoCMin-soc, soc-c.SoCMax, 0)
	return beyond * max(c.CPU, c.GPU) * float64(by) * s.Length.Seconds()
}

// student is the quantile of Student's distribution for a band of 95 %, with as
// many degrees of freedom as the fit leaves. Approximation to 1 % from 2 on.
func student(c attribution.Calibration) float64 {
	parameters := 2
	if c.PerRail {
		parameters = 3
	}
	free := float64(max(c.N-parameters, 2))
	const z = 1.96
	return z + (z*z*z+z)/(4*free) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*free*free) + 3.0/(free*free*free)
}
