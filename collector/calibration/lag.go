package calibration

import (
	"math"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Point is the power at a moment. A power that is the mean of some time stands
// at the middle of it.
type Point struct {
	At    time.Time
	Watts energy.Watts
}

// Lag is how late a meter shows what the chip does.
type Lag struct {
	// Delay is the mean delay, half of the time that the device averages over
	// included; negative where its clock is ahead.
	Delay time.Duration
	// Spread is what it averages over: the standard deviation of the delay. 0:
	// it shows a step at once.
	Spread time.Duration
	// Correlation is that of the changes at Delay, and Second the best one away
	// from it; both at most 1.
	Correlation, Second float64
	// Error is the standard error of Delay.
	Error time.Duration
	// Changes is how many changes of the meter were compared.
	Changes int
}

// The limits of FindLag.
const (
	MostAhead = 35 * time.Second // of a meter whose clock is wrong
	// LeastCorrelation is that of a lag that can be trusted, and LeastLead how
	// much it must be better than the second best.
	LeastCorrelation = 0.6
	LeastLead        = 0.05
	MostError        = 5 * time.Second // of the delay
	leastChanges     = 40
	leastStep        = 1.0 // watts: the chip must change by this at least, root of the mean square
)

// Steps of the search, in seconds.
const (
	coarse = 0.5
	fine   = 0.05
)

// FindLag finds the lag of a meter by the changes of both over a few seconds: the
// delay, and the way of averaging, with which those of the chip are most like
// those of the meter (correlation; what hangs on the plug besides and the slope do
// not matter). Both may be sampled at any times. Delays from -MostAhead to most
// are tried; most at 0 means a minute. Ten minutes of changing load are plenty, and
// what comes after the first two hours is left out. It is false where the load hardly changed,
// where nothing fits, and where other delays fit nearly as well.
func FindLag(soc, whole []Point, most time.Duration) (Lag, bool) {
	if most <= 0 {
		most = time.Minute
	}
	chip, ok := newSignal(soc)
	if !ok {
		return Lag{}, false
	}
	search := newSearch(clean(whole), chip, most)
	if len(search.pairs) < leastChanges {
		return Lag{}, false
	}
	best := search.best()
	if best.step < leastStep {
		return Lag{}, false
	}
	l := search.lag(best)
	return l, l.Correlation >= LeastCorrelation && l.Correlation-l.Second >= LeastLead && l.Error <= MostError
}

// clean are the points that are numbers, in the order of their times, each time
// once.
func clean(points []Point) []Point {
	var out []Point
	for _, p := range points {
		if w := float64(p.Watts); !math.IsNaN(w) && !math.IsInf(w, 0) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Point) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(out, func(a, b Point) bool { return a.At.Equal(b.At) })
}
