package report_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// A history that ends within a day says nothing about the rest of it.
func TestBreakEvenLeavesOutADayThatTheHistoryCuts(t *testing.T) {
	in := payingDays(t, 20, 20_000_000)
	in.History.Until = in.Period.Since.Add(-2 * time.Hour)
	in.History.System = slices.DeleteFunc(in.History.System, func(s store.SystemSlot) bool { return !s.Start.Before(in.History.Until) })
	r := build(t, in)
	if last := r.Curve.Days[19]; !last.End.Equal(in.History.Until) || last.CoverageRatio != 1 {
		t.Errorf("the last day ends at %v, of which %v is known", last.End, last.CoverageRatio)
	}
	if got := r.Comparisons[0].BreakEven.Days; got != 19 {
		t.Errorf("%d days, want 19", got)
	}
}

// A busy day that is hardly measured is no day of a break-even: it must not make
// a subscription look cheap for the others, nor count as left out.
func TestBreakEvenIsCappedForItsDaysOnly(t *testing.T) {
	in := payingDays(t, 20, 10_000_000)     // 1 EUR a day
	in.Plan = subscribed{10_000_000, 1.5e9} // 1.5 EUR a day
	want := build(t, in).Comparisons[0]
	at := in.Period.Since.AddDate(0, 0, -21).Add(10 * time.Hour)
	in.History.System = slices.Insert(in.History.System, 0, store.SystemSlot{Start: at, Energy: 3600, Baseline: 3600, Measured: store.SlotLength})
	in.History.Models = slices.Insert(in.History.Models, 0, store.ModelSlot{Start: at, Server: "s", Model: "m", OK: 100_000})
	got := build(t, in)
	if *got.Comparisons[0].BreakEven != *want.BreakEven {
		t.Errorf("got %+v, want %+v", *got.Comparisons[0].BreakEven, *want.BreakEven)
	}
	if n := got.Comparisons[1].DaysLeftOut; n != 20 {
		t.Errorf("%d metered days are left out, want 20", n)
	}
}

func TestBreakEvenIsOfDaysSinceThePurchase(t *testing.T) {
	in := payingDays(t, 20, 20_000_000)
	in.Machine.Purchased = in.Period.Since.AddDate(0, 0, -15)
	if got := build(t, in).Comparisons[0].BreakEven.Days; got != 15 {
		t.Errorf("%d days, want 15", got)
	}
}

func TestBreakEvenSaysThatMoreWasAvoided(t *testing.T) {
	in := payingDays(t, 20, 20_000_000)
	atLeast := func() bool { return build(t, in).Comparisons[0].AvoidedAtLeast }
	if atLeast() {
		t.Error("at least, and all of it has a price")
	}
	in.History.Models[3].UnknownTokens = 1
	if !atLeast() {
		t.Error("not at least, and a request has no price")
	}
	in.Plan = subscribed{20_000_000, 1e9}
	if atLeast() {
		t.Error("at least, and a subscription costs no more")
	}
}

// Requests that ran while nothing was measured have no cost, and not one of 0.
func TestNothingMeasuredCostsNothingKnown(t *testing.T) {
	p, _, now := oneHour(t)
	in := report.Inputs{Period: p, Now: now, Tariff: flat(t, 0.3, "EUR"), Plan: perRequest(5), Carbon: steady(300), Machine: machine(),
		Range: store.Range{Models: []store.ModelSlot{{Start: p.Since, Server: "s", Model: "m", OK: 3, Unmetered: 3}},
			Remote: []store.RemoteSlot{{Start: p.Since, Server: "gw", OK: 1}}}}
	for _, by := range report.Bys() {
		in.By = by
		r := build(t, in)
		for _, problem := range parseSchema(t).check(parse(t, writeJSON(t, r))) {
			t.Errorf("by %s: %s", by, problem)
		}
		for _, b := range r.Bases {
			if b.Cost.Known {
				t.Errorf("by %s: on the %s basis it cost %v", by, b.Name, b.Cost.Money)
			}
		}
		for _, s := range r.Sinks {
			if s.Cost.Known {
				t.Errorf("by %s: %s cost %v", by, s.Name, s.Cost.Money)
			}
		}
		if r.Carbon.Known || r.Split.LocalSpend.Known {
			t.Errorf("by %s: emitted %+v, spent %v", by, r.Carbon, r.Split.LocalSpend)
		}
		for _, list := range []string{"costs", "sinks"} {
			for _, row := range parse(t, writeJSON(t, r)).(map[string]any)[list].([]any) {
				if got := row.(map[string]any)["energy_joules"]; got != nil {
					t.Errorf("by %s: %s of %v joules", by, list, got)
				}
			}
		}
	}
}
