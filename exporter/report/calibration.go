package report

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// CalibrationLine is a line that tells the power of the whole machine by that of
// the SoC, and how well it still holds.
type CalibrationLine struct {
	attribution.Calibration
	Age time.Duration // by the end of the period, or now
	// DriftRatio is what the machine draws by what was learned in passing last, by
	// what it draws by the ladder that a user ran before: 1.05 is a twentieth more.
	// Of the ratios at the least and at the most power that the ladder saw it is the
	// one further from 1. Meaningless unless DriftKnown.
	DriftRatio float64
	DriftKnown bool
}

// addCalibration takes the line in force at the end of the period.
func (out *Report) addCalibration(in Inputs) {
	end := earlier(out.Period.Until, out.Now)
	made := slices.DeleteFunc(slices.Clone(in.Range.Calibrations), func(c attribution.Calibration) bool { return c.Made.After(end) })
	made = ofNewestMachine(made)
	line := CalibrationLine{}
	switch {
	case in.Calibration != nil:
		line.Calibration = *in.Calibration
	case len(made) > 0:
		line.Calibration = slices.MaxFunc(made, byTrust)
	default:
		return
	}
	line.Age = max(0, end.Sub(line.Made))
	line.DriftRatio, line.DriftKnown = driftOf(made, line.Calibration)
	out.Calibration = &line
}

// ofNewestMachine leaves out the lines of machines that the store was on before.
func ofNewestMachine(made []attribution.Calibration) []attribution.Calibration {
	if len(made) == 0 {
		return nil
	}
	newest := slices.MaxFunc(made, func(a, b attribution.Calibration) int { return a.Made.Compare(b.Made) })
	return slices.DeleteFunc(made, func(c attribution.Calibration) bool { return c.Model != newest.Model })
}

// byTrust orders lines by the scope of their meter, and those of one by age.
func byTrust(a, b attribution.Calibration) int {
	switch {
	case a.Scope.Weaker(b.Scope):
		return -1
	case b.Scope.Weaker(a.Scope):
		return 1
	}
	return cmp.Or(a.Made.Compare(b.Made), cmp.Compare(a.Kind, b.Kind))
}

// driftOf compares what was learned in passing last with the ladder before it, on
// the machine and at the scope of a line.
func driftOf(made []attribution.Calibration, line attribution.Calibration) (float64, bool) {
	newest := map[attribution.CalibrationKind]attribution.Calibration{}
	for _, c := range made {
		if c.Model == line.Model && c.Scope == line.Scope && !c.Made.Before(newest[c.Kind].Made) {
			newest[c.Kind] = c
		}
	}
	ladder, passing := newest[attribution.CalibrationLadder], newest[attribution.CalibrationPassing]
	if ladder.Kind == "" || !passing.Made.After(ladder.Made) {
		return 0, false
	}
	drift := 1.0
	for _, soc := range []energy.Watts{ladder.SoCMin, ladder.SoCMax} {
		before := atLoad(ladder, soc)
		if before <= 0 {
			return 0, false
		}
		if d := float64(atLoad(passing, soc) / before); math.Abs(d-1) > math.Abs(drift-1) {
			drift = d
		}
	}
	return drift, true
}

// atLoad is what the machine draws while a model works: nearly all of that is the
// GPU's.
func atLoad(c attribution.Calibration, soc energy.Watts) energy.Watts { return c.Power(0, soc, 0) }
