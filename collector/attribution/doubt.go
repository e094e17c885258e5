package attribution

import (
	"math"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// The standard errors of what a booking rests on, as shares of an amount. They
// were measured in simulations; sovmeter accuracy shows how well they hold. How
// far off a model's requests really are widens its bands; see widened.
const (
	unexplainedError energy.Joules = 0.3 // any part of it may be the server's
	othersError      energy.Joules = 0.03
	loadError        energy.Joules = 0.3
	sensorError      energy.Joules = 0.003
	// scaleError is of a request's whole energy: what is the same way in all of
	// its windows.
	scaleError energy.Joules = 0.001
	// Of what two requests of a division may owe each other:
	decodeError  energy.Joules = 0.006 // both decode: in lockstep, equally
	readingError energy.Joules = 0.036 // one reads a prompt: when is inferred
	modelError   energy.Joules = 0.06  // two models
	unknownError energy.Joules = 0.24  // somebody's tokens are not known
	// assumedError is of GPU energy that was given to a busy server for want of
	// GPU times.
	assumedGPUError energy.Joules = 0.02
	// unlearned is how much larger those are before a model is known.
	unlearned energy.Joules = 4
	// bandWidth makes a standard error an error that 95 of 100 are below.
	bandWidth = 1.96
	// A band's width begins at firstWidth, since a model that is new is further
	// off, and follows the requests by widthStep, not below leastWidth: sharing
	// by what tokens take shows less than all of its own error. widthRows is
	// from how many rows on a model's energies are good enough to judge by.
	firstWidth, leastWidth = 3, 1.5
	widthStep              = 0.25
	widthRows              = 30
)

// doubtOf is the standard error of the amount that is to be shared among
// requests in a window in which load went to model loads.
func (e *Engine) doubtOf(b *Booking, c party, amount, load energy.Joules, assumed bool) energy.Joules {
	active := b.Window.Energy - b.Baseline
	if active <= 0 {
		return 0
	}
	d := unexplainedError*b.Unexplained + c.unsure()*othersError*b.OtherProcesses
	d += e.baseline.current.err.For(b.Window.End.Sub(b.Window.Start))
	if assumed && b.Window.Usage != nil {
		d += assumedGPUError * active
	}
	return d*amount/active + loadError*min(load, amount)
}

// rivalry is the standard error of the division with other servers.
func (c party) rivalry(amount energy.Joules) energy.Joules {
	return c.unsure() * modelError * min(amount, c.rivals)
}

// unsure is how much larger errors are as long as not all that is at work is
// known.
func (c party) unsure() energy.Joules {
	if c.expected <= 0 {
		return unlearned
	}
	return 1
}

// mixed is the standard error of each of the parts.
func (d division) mixed(parts []energy.Joules) []energy.Joules {
	errs := make([]energy.Joules, len(parts))
	var whole energy.Joules
	for _, p := range parts {
		whole += p
	}
	if whole <= 0 {
		return errs
	}
	for i, p := range parts {
		for j, q := range parts {
			if i != j {
				errs[i] += d.error(i, j) * p * q / whole
			}
		}
	}
	return errs
}

// error is the standard error of the division between two requests.
func (d division) error(i, j int) energy.Joules {
	unsure := energy.Joules(1)
	if !d.learned[i] || !d.learned[j] {
		unsure = unlearned
	}
	switch {
	case d.unknown[i] || d.unknown[j]:
		return unknownError
	case d.model[i] != d.model[j]:
		return modelError * unsure
	case d.prefill[i] > 0 || d.prefill[j] > 0:
		return readingError * unsure
	}
	return decodeError
}

// width is how wide the bands of m's requests are, in standard errors.
func (m *model) width(t Tier) *float64 {
	w := &m.CompanyWidth
	if t == TierMeasured {
		w = &m.AloneWidth
	}
	if *w <= 0 {
		*w = firstWidth
	}
	return w
}

// widened is the width after a request was booked sum, which its tokens are
// known to take Expected. The two are told by different things, the sensor and
// the log, so their distance shows how far off sums are: the width is moved so
// that in the long run 95 of 100 are within it (adaptive conformal inference,
// Gibbs and Candès 2021), and never below leastWidth.
func widened(width float64, sum energy.Joules, t Tally) float64 {
	step := -0.05 * widthStep
	if math.Abs(float64(sum-t.Expected)) > width*standardError(t) {
		step = 0.95 * widthStep
	}
	return max(width*math.Exp(step), leastWidth)
}

func standardError(t Tally) float64 {
	scale := scaleError * (t.Prefill + t.Decode)
	return math.Sqrt(square(t.Error/bandWidth) + square(t.Sharing) + square(scale) + t.NoiseSquared)
}

func square(j energy.Joules) float64 { return float64(j * j) }

// band is the error that a request's energy stays below in 95 of 100 cases, and
// what it comes from for the most part. gap is what the time that was not
// measured may have taken: as much as the rest of it did.
func band(t Tally, gap energy.Joules, width float64) (energy.Joules, Driver) {
	scale := float64(scaleError * (t.Prefill + t.Decode))
	var most float64
	var driver Driver
	for _, p := range []struct {
		err    float64
		driver Driver
	}{
		{float64(t.Error) / bandWidth, DriverAmount}, {float64(t.Sharing), DriverSharing},
		{math.Sqrt(t.NoiseSquared + scale*scale), DriverSensor}, {float64(gap) / width, DriverGap},
	} {
		if p.err > most {
			most, driver = p.err, p.driver
		}
	}
	return energy.Joules(math.Hypot(width*standardError(t), float64(gap))), driver
}
