package report_test

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

func TestGoldenDay(t *testing.T) {
	r := golden(t)
	near := func(name string, got, want, tolerance float64) {
		t.Helper()
		if math.Abs(got-want) > tolerance {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	near("total Wh", r.Total.WattHours(), 597.4, 1e-9)
	near("inference Wh", r.Inference.WattHours(), 309.4, 1e-9)
	for i, want := range []float64{0.0579, 0.0662, 0.1118} {
		near(string(r.Bases[i].Name), r.Bases[i].Cost.Money.Units(), want, 0.00005)
	}
	near("coverage", r.Coverage(), 83.0/96, 1e-12)
	want := []report.Gap{{Reason: attribution.GapSleep, Length: 3 * time.Hour}, {Reason: attribution.GapPowermetrics, Length: 15 * time.Minute}}
	if diff := cmp.Diff(want, r.Gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if r.OneMore == nil || r.OneMore.Requests != 1269 {
		t.Fatalf("one more call = %+v, want the mean of 1269 requests", r.OneMore)
	}
	near("energy of one more call", float64(r.OneMore.Energy), 0.995*251.3*3600/1269, 1e-6)
	near("cost of one more call", r.OneMore.Cost.Money.Units(), 0.995*251.3/1000*0.1872/1269, 1e-9)
}

// drawRange makes a range with what a store may hold.
func drawRange(t *rapid.T, since time.Time) store.Range {
	joules := rapid.Map(rapid.Float64Range(0, 1e6), func(f float64) energy.Joules { return energy.Joules(f) })
	small := rapid.Int64Range(0, 1000)
	r := store.Range{Since: since, Until: since.Add(24 * time.Hour), First: since, Last: since.Add(24 * time.Hour)}
	for i := range rapid.IntRange(1, 96).Draw(t, "slots") {
		start := since.Add(time.Duration(i) * store.SlotLength)
		s := store.SystemSlot{Start: start, Baseline: joules.Draw(t, "baseline"),
			ModelLoad: joules.Draw(t, "load"), ServerOther: joules.Draw(t, "server"), OtherProcesses: joules.Draw(t, "other"),
			Unexplained: joules.Draw(t, "unexplained"), Measured: store.SlotLength}
		for _, model := range []string{"a", "b", ""}[:rapid.IntRange(0, 3).Draw(t, "models")] {
			m := store.ModelSlot{Start: start, Server: "s", Model: model, Prefill: joules.Draw(t, "prefill"), Decode: joules.Draw(t, "decode"),
				OK: small.Draw(t, "ok"), Cancelled: small.Draw(t, "cancelled"), Output: small.Draw(t, "output"), UnknownTokens: small.Draw(t, "unknown")}
			m.UnknownOutput = m.UnknownTokens
			s.Inference += m.Prefill + m.Decode
			r.Models = append(r.Models, m)
		}
		drawScopes(t, &r, s, joules)
	}
	if rapid.Bool().Draw(t, "open") {
		r.Open, r.OpenSeconds = joules.Draw(t, "open joules"), 1
	}
	return r
}

func TestPartsSumToTotal(t *testing.T) {
	since := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	now := since.Add(24 * time.Hour)
	p := period(t, report.Spec{Day: "yesterday"}, now, time.UTC)
	tariff := flat(t, 0.3, "EUR")
	rapid.Check(t, func(rt *rapid.T) {
		in := drawRange(rt, since)
		r, err := report.Build(report.Inputs{Period: p, Range: in, Tariff: tariff, Now: now})
		if err != nil {
			rt.Fatal(err)
		}
		var read struct {
			Energy struct{ Measured_joules float64 }
			Models []struct{ Energy_joules float64 }
			Sinks  []struct{ Energy_joules float64 }
		}
		if err := json.Unmarshal(writeJSON(t, r), &read); err != nil {
			rt.Fatal(err)
		}
		sum, money := 0.0, int64(0)
		for _, m := range read.Models {
			sum += m.Energy_joules
		}
		for _, s := range read.Sinks {
			sum += s.Energy_joules
		}
		total := read.Energy.Measured_joules
		if math.Abs(sum-total) > 1e-9*total || r.Remainder != 0 {
			rt.Errorf("parts sum to %v, measured %v, remainder %v", sum, total, r.Remainder)
		}
		scopes, gaps := in.Open, energy.Joules(0)
		for _, u := range r.ScopeUses {
			scopes += u.Energy
		}
		for _, g := range r.Gaps {
			gaps += g.Energy
		}
		if math.Abs(float64(scopes)-total) > 1e-9*total || math.Abs(float64(gaps-sinkOf(r, report.SinkGap).Energy)) > 1e-9*total {
			rt.Errorf("scopes sum to %v, measured %v; gaps to %v, their sink %v", scopes, total, gaps, sinkOf(r, report.SinkGap).Energy)
		}
		if r.Bases[1].Energy+sinkOf(r, report.SinkGap).Energy > r.Bases[2].Energy*(1+1e-9) {
			rt.Errorf("the active basis has %v J, the gaps %v, all %v", r.Bases[1].Energy, sinkOf(r, report.SinkGap).Energy, r.Bases[2].Energy)
		}
		for _, m := range r.Models {
			money += m.Marginal.Money.Nanos
		}
		if money != r.Bases[0].Cost.Money.Nanos {
			rt.Errorf("models cost %d nanos, marginal basis %d", money, r.Bases[0].Cost.Money.Nanos)
		}
	})
}

func TestRemainderShowsAStoreFault(t *testing.T) {
	p, in, now := oneHour(t)
	in.System[0].Energy += 7
	r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(float64(r.Remainder)-7) > 1e-9 {
		t.Errorf("remainder = %v J, want 7", float64(r.Remainder))
	}
	if out := tableText(t, r, report.Options{}); !strings.Contains(out, "Not accounted for") {
		t.Errorf("the table hides it:\n%s", out)
	}
}

// oneHour is today from midnight to one, half of it measured.
func oneHour(t testing.TB) (report.Period, store.Range, time.Time) {
	t.Helper()
	since := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	now := since.Add(time.Hour)
	p := period(t, report.Spec{Day: "today"}, now, time.UTC)
	return p, store.Range{Since: since, Until: p.Until, First: since.Add(15 * time.Minute), Last: since.Add(45 * time.Minute),
		System: []store.SystemSlot{
			{Start: since.Add(15 * time.Minute), Energy: 900, Baseline: 900, Measured: store.SlotLength, Scope: attribution.ScopeSoC},
			{Start: since.Add(30 * time.Minute), Energy: 1800, Baseline: 800, Inference: 1000, Measured: store.SlotLength, Scope: attribution.ScopeSoC},
		},
		Models: []store.ModelSlot{{Start: since.Add(30 * time.Minute), Server: "s", Model: "m", Prefill: 400, Decode: 600, OK: 4, Output: 500,
			MeteredOutput: 500, MeteredEnergy: 1000, MeteredOK: 4, MeteredOKEnergy: 1000}},
	}, now
}

func TestTimeWithoutMeasurement(t *testing.T) {
	p, in, now := oneHour(t)
	r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	want := []report.Gap{{Reason: report.GapAfterLast, Length: 15 * time.Minute}, {Reason: report.GapBeforeFirst, Length: 15 * time.Minute}}
	if diff := cmp.Diff(want, r.Gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if r.Coverage() != 0.5 {
		t.Errorf("coverage = %v, want 0.5", r.Coverage())
	}
	for i, point := range r.Power {
		w, known := point.Watts()
		if wantKnown := i == 1 || i == 2; known != wantKnown {
			t.Errorf("power of slot %d known = %v, want %v", i, known, wantKnown)
		}
		if i == 2 && w != 2 {
			t.Errorf("power of slot 2 = %v W, want 2", w)
		}
	}
}

func TestPerTokenFiguresAreOfMeasuredRequests(t *testing.T) {
	for name, tc := range map[string]struct {
		change    func(*store.ModelSlot)
		energy    bool    // known
		perToken  float64 // 0: not known
		perCallOf int64
	}{
		"all known": {func(*store.ModelSlot) {}, true, 2, 4},
		"most tokens unmetered": {func(m *store.ModelSlot) {
			m.OK, m.Unmetered, m.Late, m.Output = 90, 80, 6, 100_000
		}, true, 2, 4},
		"cancelled ones took most": {func(m *store.ModelSlot) {
			m.Cancelled, m.UnknownTokens, m.MeteredEnergy, m.MeteredOKEnergy = 7, 7, 250, 250
		}, true, 0.5, 4},
		"no tokens known": {func(m *store.ModelSlot) {
			m.Output, m.UnknownTokens, m.MeteredOutput, m.MeteredEnergy = 0, 4, 0, 0
		}, true, 0, 4},
		"all late": {func(m *store.ModelSlot) {
			m.Late, m.MeteredOutput, m.MeteredEnergy, m.MeteredOK, m.MeteredOKEnergy = 4, 0, 0, 0, 0
		}, true, 0, 0},
		"nothing metered": {func(m *store.ModelSlot) {
			*m = store.ModelSlot{Start: m.Start, Server: "s", Model: "m", OK: 4, Unmetered: 4, Output: 500}
		}, false, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p, in, now := oneHour(t)
			tc.change(&in.Models[0])
			r, err := report.Build(report.Inputs{Period: p, Range: in, Tariff: flat(t, 0.36, "EUR"), Now: now})
			if err != nil {
				t.Fatal(err)
			}
			m := r.Models[0]
			v, known := m.JoulesPerOutputToken()
			if m.EnergyKnown != tc.energy || known != (tc.perToken > 0) || v != tc.perToken {
				t.Errorf("energy known %v, %v J per token, known %v", m.EnergyKnown, v, known)
			}
			// 0.36 EUR per kWh is a ten-millionth a joule: a million tokens cost a tenth of their J per token.
			if cost := m.PerMillionOutput(); cost.Known != known || cost.Money.Units() != tc.perToken/10 {
				t.Errorf("a million tokens cost %v, known %v", cost.Money, cost.Known)
			}
			if (r.OneMore == nil) != (tc.perCallOf == 0) {
				t.Fatalf("one more call = %+v", r.OneMore)
			}
			if r.OneMore == nil {
				return
			}
			if want := in.Models[0].MeteredOKEnergy / 4; r.OneMore.Requests != tc.perCallOf || r.OneMore.Energy != want {
				t.Errorf("mean of %v J over %d requests, want %v over %d", r.OneMore.Energy, r.OneMore.Requests, want, tc.perCallOf)
			}
			if want := tc.perToken / 10_000; r.OneMore.Per1000Output.Money.Units() != want {
				t.Errorf("1000 tokens cost %v, want %v", r.OneMore.Per1000Output.Money, want)
			}
		})
	}
}

// A model that generates nothing has no part in what a token costs.
func TestAllRowPerTokenIsOfModelsThatGenerate(t *testing.T) {
	p, in, now := oneHour(t)
	in.Models = append(in.Models, store.ModelSlot{Start: in.Models[0].Start, Server: "s", Model: "embedder", Prefill: 800, OK: 1,
		MeteredEnergy: 800, MeteredOK: 1, MeteredOKEnergy: 800})
	r, err := report.Build(report.Inputs{Period: p, Range: in, Tariff: flat(t, 0.36, "EUR"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	out := tableText(t, r, report.Options{Width: 120})
	_, after, _ := strings.Cut(out, "\nAll ")
	row, _, _ := strings.Cut(after, "\n")
	if fields := strings.Fields(row); !slices.Contains(fields, "2.00") || !slices.Contains(fields, "0.2000") {
		t.Errorf("row of all: %q, want 2.00 J per token and 0.2 EUR per million", row)
	}
}

// patchy has no price in the slots it names.
type patchy struct {
	cost.Tariff
	missing time.Time
}

func (p patchy) At(slot time.Time) (cost.Price, bool) {
	if slot.Equal(p.missing) {
		return cost.Price{}, false
	}
	return p.Tariff.At(slot)
}

func TestUnpricedEnergyHasNoCost(t *testing.T) {
	p, in, now := oneHour(t)
	in.Models = append(in.Models, store.ModelSlot{Start: in.System[0].Start, Server: "s", Model: "m", Decode: 1},
		store.ModelSlot{Start: in.System[0].Start, Server: "s", Model: "priced", Decode: 1})
	r, err := report.Build(report.Inputs{Period: p, Range: in, Tariff: patchy{flat(t, 0.3, "EUR"), in.Models[0].Start}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if r.Tariff.Unpriced != 1800 || !r.Tariff.Known {
		t.Errorf("tariff = %+v, want 1800 J without a price", r.Tariff)
	}
	if !r.Models[1].Marginal.Known || r.Models[1].Model != "priced" {
		t.Errorf("the cost of %s is not known", r.Models[1].Model)
	}
	if r.Models[0].Marginal.Known || r.Bases[0].Cost.Known || r.Bases[2].Cost.Known || r.OneMore.Cost.Known {
		t.Error("a cost is known although a part of its energy has no price")
	}
}

func TestOneMoreCallIsOfTheModelWithMostRequests(t *testing.T) {
	p, in, now := oneHour(t)
	in.Models = append(in.Models,
		store.ModelSlot{Start: in.Models[0].Start, Server: "s", Model: "busy", Decode: 1, OK: 5, MeteredOK: 5, MeteredOKEnergy: 1},
		store.ModelSlot{Start: in.Models[0].Start, Server: "s", Model: "unmetered", OK: 9, Unmetered: 9})
	r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if r.OneMore == nil || r.OneMore.Model != "busy" || r.OneMore.Energy != 0.2 {
		t.Errorf("one more call = %+v, want 0.2 J of busy", r.OneMore)
	}
}

func TestPowerIsOverTheMeasuredTime(t *testing.T) {
	p, in, now := oneHour(t)
	in.System[0].Measured = 5 * time.Minute
	r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if w, ok := r.Power[1].Watts(); !ok || w != 3 {
		t.Errorf("900 J in 5 min = %v W, want 3", w)
	}
}

func TestOpenEnergyIsPricedOnTheDedicatedBasis(t *testing.T) {
	p, in, now := oneHour(t)
	in.Open, in.OpenSeconds = 900, 15*60
	r, err := report.Build(report.Inputs{Period: p, Range: in, Tariff: flat(t, 3.6, "EUR"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if r.Total != 3600 || r.Bases[2].Cost.Money.Nanos != 3_600_000 {
		t.Errorf("total %v J at %v, want 3600 J at 0.0036 EUR", float64(r.Total), r.Bases[2].Cost.Money)
	}
	if r.Coverage() != 0.75 {
		t.Errorf("coverage = %v, want 0.75", r.Coverage())
	}
}

func TestNoData(t *testing.T) {
	p, in, now := oneHour(t)
	_, err := report.Build(report.Inputs{Period: p, Range: store.Range{}, Now: now})
	if !errors.Is(err, report.ErrNoData) || !strings.Contains(err.Error(), "is sovmeter running?") {
		t.Errorf("empty store: %v", err)
	}
	_, err = report.Build(report.Inputs{Period: p, Range: store.Range{First: in.First.Add(-48 * time.Hour), Last: in.Last.Add(-24 * time.Hour)}, Now: now})
	want := "nothing metered in today, Wed 4 Mar 2026; the store holds Mon 2 Mar 2026 00:15 to Tue 3 Mar 2026 00:45"
	if !errors.Is(err, report.ErrNoData) || err.Error() != want {
		t.Errorf("empty period: %v\nwant: %s", err, want)
	}
}
