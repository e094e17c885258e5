package storetest

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

// gap draws time without a window, from now on. A meter of the whole machine may
// have gone on; it ends anywhere, or at a slot's edge.
func (f *Feed) gap(t *rapid.T) attribution.Gap {
	end := f.now.Add(time.Duration(rapid.Int64Range(1, int64(2*time.Hour)).Draw(t, "gap length")))
	if rapid.Bool().Draw(t, "to an edge") {
		end = f.now.Truncate(store.SlotLength).Add(store.SlotLength * time.Duration(rapid.IntRange(1, 5).Draw(t, "slots")))
	}
	g := attribution.Gap{Start: f.now, End: end, Reason: attribution.GapSleep}
	if rapid.IntRange(0, 2).Draw(t, "metered") > 0 {
		g.Scope = rapid.SampledFrom([]attribution.Scope{attribution.ScopeWall, attribution.ScopeSMC, attribution.ScopeBattery}).Draw(t, "gap scope")
		g.Energy, g.Error = amount(t, 40_000), amount(t, 400)
	}
	f.now = end
	return g
}

// meters draws what the meters leave in a batch.
func (f *Feed) meters(t *rapid.T, b *attribution.Batch) {
	if rapid.Bool().Draw(t, "scoping") {
		b.Scoping = []byte(fmt.Sprint("account ", f.requests))
		f.Scoping = b.Scoping
	}
	for range rapid.IntRange(0, 2).Draw(t, "calibrations") {
		made := b.At.Add(-time.Hour)
		if n := len(f.Calibrations); n > 0 && !made.After(f.Calibrations[n-1].Made) {
			made = f.Calibrations[n-1].Made.Add(1)
		}
		c := calibration(t, made)
		b.Calibrations, f.Calibrations = append(b.Calibrations, c), append(f.Calibrations, c)
	}
}

func calibration(t *rapid.T, made time.Time) attribution.Calibration {
	c := someLine(rapid.SampledFrom([]attribution.CalibrationKind{attribution.CalibrationLadder, attribution.CalibrationPassing}).Draw(t, "kind"), made)
	c.Meter = rapid.SampledFrom([]string{"plug", "bench"}).Draw(t, "meter")
	c.Scope = rapid.SampledFrom([]attribution.Scope{attribution.ScopeWall, attribution.ScopeBattery}).Draw(t, "meter's scope")
	c.GPU, c.R2 = rapid.Float64Range(0, 9).Draw(t, "slope"), rapid.Float64Range(0, 1).Draw(t, "R²")
	return c
}

// someLine is a good calibration.
func someLine(kind attribution.CalibrationKind, made time.Time) attribution.Calibration {
	return attribution.Calibration{
		Made: made, Kind: kind, Model: "Mac16,11", OS: "26.1", Meter: "plug", Scope: attribution.ScopeWall,
		Base: 6.75, CPU: 1.25, GPU: 1.0 / 3, ANE: 1, PerRail: true, RMSE: 0.1, R2: 0.99, N: 40,
		Covariance: [6]float64{1e-9, -2, 3e-5, 0, -1e-7, 1}, SoCMin: 0.125, SoCMax: 61.7, Lag: -1200 * time.Millisecond, LagKnown: true,
	}
}

func quiet(t *rapid.T) attribution.QuietEnergy {
	if rapid.Bool().Draw(t, "no meter") {
		return attribution.QuietEnergy{}
	}
	return attribution.QuietEnergy{Length: time.Duration(rapid.Int64Range(0, 60e9).Draw(t, "quiet")), Energy: amount(t, 600)}
}

func slope(t *rapid.T) attribution.Slope {
	return attribution.Slope{Whole: amount(t, 1e6), SoC: amount(t, 1e6), StepWhole: -amount(t, 3), StepSoC: amount(t, 60)}
}

// keptCalibrations says which of all calibrations a store keeps.
func keptCalibrations(all []attribution.Calibration) []attribution.Calibration {
	const most = 64
	newer := map[string]int{}
	var kept []attribution.Calibration
	for _, c := range slices.Backward(all) {
		line := string(c.Kind)
		if c.Kind == attribution.CalibrationPassing {
			line = fmt.Sprint(c.Meter, c.Scope, c.Model)
		}
		if newer[line]++; newer[line] == 1 || c.Kind == attribution.CalibrationLadder && newer[line] <= most {
			kept = append(kept, c)
		}
	}
	slices.Reverse(kept)
	return kept
}

// checkGaps holds the energy of the gaps against that of the slots, in a range
// that ends in the middle of each of them, and in one that begins there.
func checkGaps(t TB, s asks, feed *Feed) {
	t.Helper()
	for _, g := range feed.Gaps {
		middle := g.Start.Add(g.End.Sub(g.Start) / 2).Truncate(store.SlotLength)
		for _, r := range []store.Range{ask(t, s, longAgo(), middle), ask(t, s, middle, farAhead())} {
			var slots, gaps float64
			for _, x := range r.System {
				slots += float64(x.Gap)
			}
			for _, x := range r.Gaps {
				gaps += float64(x.Energy)
			}
			if !near(gaps, slots, sumTolerance) {
				t.Errorf("range %s to %s: gaps have %.15g J, the slots %.15g J", r.Since, r.Until, gaps, slots)
			}
		}
	}
}
