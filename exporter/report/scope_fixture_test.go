package report_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// sinkOf is the sink of a name.
func sinkOf(r report.Report, name report.SinkName) report.Sink {
	i := slices.IndexFunc(r.Sinks, func(s report.Sink) bool { return s.Name == name })
	if i < 0 {
		return report.Sink{}
	}
	return r.Sinks[i]
}

// drawScopes adds a slot that is at any scope, with gaps in it or without; its
// baseline may be at a scope of its own.
func drawScopes(t *rapid.T, r *store.Range, s store.SystemSlot, joules *rapid.Generator[energy.Joules]) {
	scope := rapid.SampledFrom(attribution.Scopes())
	s.Scope = scope.Draw(t, "scope")
	rows := []store.SystemSlot{s}
	if other := scope.Draw(t, "other scope"); other != s.Scope && rapid.Bool().Draw(t, "two scopes") {
		s.Measured = store.SlotLength / 2
		rows = []store.SystemSlot{s, {Start: s.Start, Scope: other, Baseline: s.Baseline, BaselineBusy: s.BaselineBusy, Measured: store.SlotLength / 2}}
		rows[0].Baseline, rows[0].BaselineBusy = 0, 0
	}
	at := s.Start
	for i := range rows {
		row := &rows[i]
		if length := time.Duration(rapid.IntRange(0, 400).Draw(t, "gap seconds")) * time.Second; length > 0 {
			row.Measured -= length
			r.Gaps = append(r.Gaps, drawGap(t, row, at, length, joules))
			at = at.Add(length)
		}
		row.Energy = row.Baseline + row.Inference + row.ModelLoad + row.ServerOther + row.OtherProcesses + row.Unexplained + row.Gap
		if row.Scope.Whole() {
			row.Error = row.Energy * energy.Joules(rapid.Float64Range(0.001, 0.3).Draw(t, "error"))
		}
	}
	r.System = append(r.System, rows...)
}

// drawGap makes a gap in a slot, which a meter may have seen.
func drawGap(t *rapid.T, s *store.SystemSlot, start time.Time, length time.Duration, joules *rapid.Generator[energy.Joules]) attribution.Gap {
	g := attribution.Gap{Start: start, End: start.Add(length),
		Reason: rapid.SampledFrom([]attribution.GapReason{attribution.GapSleep, attribution.GapPowermetrics}).Draw(t, "reason")}
	if s.Scope.Whole() && rapid.Bool().Draw(t, "seen") {
		g.Scope, g.Energy = s.Scope, joules.Draw(t, "gap")
		s.Gap, s.GapTime = g.Energy, length
	}
	return g
}

// mixedInputs are the golden day with a plug: it comes an hour after midnight,
// sees what the machine draws in its sleep but for the first hour, and is away
// from six to half past seven in the evening.
func mixedInputs(t testing.TB, by report.By) report.Inputs {
	t.Helper()
	in := ownerInputs(t, report.Spec{Day: "yesterday"}, by)
	since := in.Period.Since
	for i := range in.Range.System {
		s := &in.Range.System[i]
		slot := int(s.Start.Sub(since) / store.SlotLength)
		switch {
		case slot < 4:
			continue
		case slot >= 72 && slot < 78:
			whole(s, attribution.ScopeCalibrated, 0.041)
		default:
			whole(s, attribution.ScopeWall, 0.012)
		}
	}
	for i := range in.Range.Models { // the SoC's are not a part of what the plug shows
		m := &in.Range.Models[i]
		if slot := int(m.Start.Sub(since) / store.SlotLength); slot >= 4 {
			for _, j := range []*energy.Joules{&m.Prefill, &m.Decode, &m.Error, &m.Shared, &m.Estimated} {
				*j *= wholeMachine
			}
		}
	}
	for i := range in.Range.Tagged {
		m := &in.Range.Tagged[i]
		if slot := int(m.Start.Sub(since) / store.SlotLength); slot >= 4 {
			m.Prefill, m.Decode = m.Prefill*wholeMachine, m.Decode*wholeMachine
		}
	}
	for i := range in.Range.Learned {
		in.Range.Learned[i].Scope = attribution.ScopeWall
	}
	in.Range.Gaps = nil
	gap(&in.Range, since.Add(2*time.Hour), time.Hour, attribution.GapSleep, 0)
	gap(&in.Range, since.Add(3*time.Hour), 2*time.Hour, attribution.GapSleep, 0.9)
	gap(&in.Range, since.Add(14*time.Hour), store.SlotLength, attribution.GapPowermetrics, 31)
	slices.SortStableFunc(in.Range.System, func(a, b store.SystemSlot) int { return a.Start.Compare(b.Start) })
	in.Range.Calibrations = []attribution.Calibration{ladder(since), passing(since)}
	return in
}

// wholeMachine is how much more a plug shows than the SoC.
const wholeMachine = 1.7

// whole makes a slot of the SoC one of the whole machine.
func whole(s *store.SystemSlot, scope attribution.Scope, off energy.Joules) {
	for _, j := range []*energy.Joules{&s.Energy, &s.Baseline, &s.Inference, &s.ModelLoad, &s.ServerOther, &s.OtherProcesses, &s.Unexplained, &s.BaselineBusy, &s.BaselineAssumed} {
		*j *= wholeMachine
	}
	s.Scope, s.Error = scope, s.Energy*off
}

// gap adds a gap of whole slots, in which the plug shows so much; 0: nothing.
func gap(r *store.Range, start time.Time, length time.Duration, reason attribution.GapReason, watts energy.Watts) {
	g := attribution.Gap{Start: start.UTC(), End: start.Add(length).UTC(), Reason: reason}
	if watts > 0 {
		g.Scope, g.Energy = attribution.ScopeWall, watts.For(length)
		g.Error = g.Energy * 0.012
		for at := g.Start; at.Before(g.End); at = at.Add(store.SlotLength) {
			e := watts.For(store.SlotLength)
			r.System = append(r.System, store.SystemSlot{Start: at, Scope: g.Scope, Energy: e, Gap: e, GapTime: store.SlotLength, Error: e * 0.012})
		}
	}
	r.Gaps = append(r.Gaps, g)
}

// ladder is a calibration of two days before, and passing what was learned since.
func ladder(since time.Time) attribution.Calibration {
	return attribution.Calibration{Made: since.Add(-48 * time.Hour).UTC(), Kind: attribution.CalibrationLadder, Model: "Mac16,11", OS: "26.1", Meter: "desk", Scope: attribution.ScopeWall,
		Base: 6.42, CPU: 1.31, GPU: 1.31, ANE: 1.31, RMSE: 0.82, R2: 0.99713, N: 312, SoCMin: 1.9, SoCMax: 46.2, Lag: 1400 * time.Millisecond, LagKnown: true}
}

func passing(since time.Time) attribution.Calibration {
	c := ladder(since)
	c.Made, c.Kind = since.Add(17*time.Hour).UTC(), attribution.CalibrationPassing
	c.Base, c.CPU, c.GPU, c.ANE, c.PerRail, c.RMSE, c.R2, c.N = 6.61, 1.22, 1.38, 1.3, true, 1.1, 0.9921, 1840
	return c
}

func mixed(t testing.TB, by report.By) report.Report { return made(t, mixedInputs(t, by)) }
