package attribution

import (
	"math"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// The standard errors of what a booking rests on, as shares of an amount. They
// were measured in simulations; sovmeter accuracy shows how well they hold.
const (
	unexplainedError energy.Joules = 0.5 // any part of it may be the server's
	othersError      energy.Joules = 0.05
	loadError        energy.Joules = 0.3
	sensorError      energy.Joules = 0.01
	// Of what two requests of a division may owe each other:
	decodeError  energy.Joules = 0.01 // both decode: in lockstep, equally
	readingError energy.Joules = 0.06 // one reads a prompt: when is inferred
	modelError   energy.Joules = 0.1  // two models
	unknownError energy.Joules = 0.4  // somebody's tokens are not known
	// bandWidth makes a standard error an error that 95 of 100 are below.
	bandWidth = 1.96
)

// doubtOf is the standard error of the amount that is to be shared among
// requests in a window in which load went to model loads.
func (e *Engine) doubtOf(b *Booking, amount, load energy.Joules) energy.Joules {
	active := b.Window.Energy - b.Baseline
	if active <= 0 {
		return 0
	}
	d := unexplainedError*b.Unexplained + othersError*b.OtherProcesses
	d += e.baseline.current.err.For(b.Window.End.Sub(b.Window.Start))
	return d*amount/active + loadError*min(load, amount)
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
	switch {
	case d.unknown[i] || d.unknown[j]:
		return unknownError
	case d.model[i] != d.model[j]:
		return modelError
	case d.prefill[i] > 0 || d.prefill[j] > 0:
		return readingError
	}
	return decodeError
}

// band is the error that a request's energy stays below in 95 of 100 cases, and
// what it comes from for the most part. gap is what the time that was not
// measured may have taken: as much as the rest of it did.
func band(t Tally, gap energy.Joules) (energy.Joules, Driver) {
	var most, square float64
	var driver Driver
	for _, p := range []struct {
		err    float64
		driver Driver
	}{
		{float64(t.Error) / bandWidth, DriverAmount}, {float64(t.Sharing), DriverSharing},
		{math.Sqrt(t.NoiseSquared), DriverSensor}, {float64(gap) / bandWidth, DriverGap},
	} {
		square += p.err * p.err
		if p.err > most {
			most, driver = p.err, p.driver
		}
	}
	return energy.Joules(bandWidth * math.Sqrt(square)), driver
}
