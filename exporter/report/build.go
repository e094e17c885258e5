package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// Build adds up what the store holds about a period. It returns ErrNoData,
// wrapped, when that is nothing.
func Build(in Inputs) (Report, error) {
	p, r, now := in.Period, in.Range, in.Now
	if empty(r) {
		return Report{}, noData(p, r)
	}
	l, err := book(in)
	if err != nil {
		return Report{}, err
	}
	out := Report{Period: p, Now: now, Elapsed: p.Elapsed(now), Scopes: scopes(r.System), Rails: rails(r.System),
		By: cmp.Or(in.By, ByModel), Basis: cmp.Or(in.Basis, cost.Marginal)}
	out.addModels(l)
	out.addTime(r, now)
	out.addSinks(r)
	out.addScopes(r)
	out.addCalibration(in)
	if err := out.addCosts(l); err != nil {
		return Report{}, err
	}
	if l.groups != nil {
		out.Groups = l.groups.finish(l)
	}
	if out.tagged() && r.TaggedSince.After(p.Since) {
		out.TaggedSince = r.TaggedSince.In(p.Since.Location())
	}
	out.addStanding(in)
	out.Power = powerPoints(p, r.System)
	out.addAssumptions(r.System)
	out.addLearned(r.Learned)
	out.addRemote(r.Remote)
	if err := out.addEconomy(in, l); err != nil {
		return Report{}, err
	}
	return out, nil
}

// addEconomy adds what needs more than the store and a tariff.
func (out *Report) addEconomy(in Inputs, l *ledger) error {
	out.forgetCosts()
	out.addCarbon(l)
	out.addSplit(in)
	if err := out.addComparisons(l); err != nil {
		return fmt.Errorf("sum what was avoided: %w", err)
	}
	if err := out.addCurve(in); err != nil {
		return err
	}
	out.addHardware(in)
	return nil
}

// empty tells whether the range says nothing that a report could show.
func empty(r store.Range) bool {
	if r.Open > 0 || r.OpenSeconds > 0 || len(r.Remote) > 0 {
		return false
	}
	for _, s := range r.System {
		if s.Measured > 0 || s.Energy > 0 {
			return false
		}
	}
	return !slices.ContainsFunc(r.Models, func(m store.ModelSlot) bool { return m.Requests() > 0 })
}

// noData says what there is instead.
func noData(p Period, r store.Range) error {
	held := "nothing has been metered yet: is sovmeter running?"
	switch {
	case len(r.Gaps) > 0:
		held = "not measured: " + gapList(gapsOf(r.Gaps))
	case !r.First.IsZero():
		held = "the store holds " + span(r.First.In(p.Since.Location()), r.Last.In(p.Since.Location()))
	}
	return fmt.Errorf("%w in %s; %s", ErrNoData, p, held)
}

// gapList tells gaps in a line: "19 s (the machine slept), 5 s (...)".
func gapList(gaps []Gap) string {
	texts := make([]string, 0, len(gaps))
	for _, g := range gaps {
		texts = append(texts, fmt.Sprintf("%s (%s)", length(g.Length), gapText(g.Reason)))
	}
	return strings.Join(texts, ", ")
}

// scopes lists what the energies cover.
func scopes(slots []store.SystemSlot) []attribution.Scope {
	var found []attribution.Scope
	for _, s := range slots {
		if s.Scope != "" && !slices.Contains(found, s.Scope) {
			found = append(found, s.Scope)
		}
	}
	slices.Sort(found)
	return found
}

// rails sums for how long the rails of the SoC were reported.
func rails(slots []store.SystemSlot) []Rail {
	found := []Rail{{Name: RailCPU}, {Name: RailGPU}, {Name: RailANE}}
	for _, s := range slots {
		if s.Scope != attribution.ScopeSoC {
			continue
		}
		for i, unknown := range []time.Duration{s.CPUUnknown, s.GPUUnknown, s.ANEUnknown} {
			found[i].Measured += s.Measured
			found[i].Reported += s.Measured - unknown
		}
	}
	if found[0].Measured <= 0 {
		return nil
	}
	return found
}

// addSinks books the total to requests, sinks and a remainder, which is
// defined as what is left and never summed a second way.
func (out *Report) addSinks(r store.Range) {
	var sum store.SystemSlot
	for _, s := range r.System {
		sum.Energy += s.Energy
		sum.ModelLoad += s.ModelLoad
		sum.ServerOther += s.ServerOther
		sum.Baseline += s.Baseline
		sum.OtherProcesses += s.OtherProcesses
		sum.Unexplained += s.Unexplained
		sum.Gap += s.Gap
		sum.GapTime += s.GapTime
	}
	out.Sinks = []Sink{
		{Name: SinkModelLoad, Energy: sum.ModelLoad},
		{Name: SinkServerOther, Energy: sum.ServerOther},
		{Name: SinkBaseline, Energy: sum.Baseline},
		{Name: SinkOtherProcesses, Energy: sum.OtherProcesses},
		{Name: SinkUnexplained, Energy: sum.Unexplained},
		{Name: SinkGap, Energy: sum.Gap, Unknown: sum.GapTime <= 0 && sum.Gap == 0 && out.toldGap().Length > 0},
		{Name: SinkOpen, Energy: r.Open},
	}
	out.Total = sum.Energy + r.Open
	out.Remainder = out.Total - out.booked()
	if abs(out.Remainder) <= roundingError*out.Total {
		out.Remainder = 0
	}
	if out.anything() && !out.divided() {
		for i := range out.Sinks {
			s := &out.Sinks[i]
			s.Unknown = s.Unknown || s.Name != SinkGap && s.Name != SinkOpen
		}
	}
}

// roundingError bounds, as a part of the total, what adding up floats may
// leave over; the parts of a report sum to its total within it.
const roundingError = 1e-9

// booked is the energy of all models and sinks.
func (out *Report) booked() energy.Joules {
	sum := out.Inference
	for _, s := range out.Sinks {
		sum += s.Energy
	}
	return sum
}

func abs(j energy.Joules) energy.Joules { return max(j, -j) }

// addAssumptions weighs what is assumed against what it is part of.
func (out *Report) addAssumptions(slots []store.SystemSlot) {
	var assumed, baseline, shared, estimated energy.Joules
	for _, s := range slots {
		assumed += s.BaselineAssumed
		baseline += s.Baseline
	}
	for _, m := range out.Models {
		shared += m.Shared
		estimated += m.Estimated
		out.Assumed.Error += m.Error
	}
	out.Assumed.BaselineShare = share(assumed, baseline)
	out.Assumed.SharedShare = share(shared, out.Inference)
	out.Assumed.EstimatedShare = share(estimated, out.Inference)
}

// share is part over whole, 0 to 1, and 0 of nothing.
func share(part, whole energy.Joules) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, max(0, float64(part/whole)))
}
