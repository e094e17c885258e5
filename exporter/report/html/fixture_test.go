package html_test

import (
	"bytes"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/exporter/report/html"
	"github.com/sovmeter/sovmeter/store"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func flat(t testing.TB, price float64) cost.Tariff {
	t.Helper()
	tariff, err := cost.NewFlat(price, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	return tariff
}

func wh(v float64) energy.Joules { return energy.Joules(v * energy.JoulesPerKilowattHour / 1000) }

func euros(v int64) cost.Money { return cost.Money{Nanos: v * 1_000_000_000, Currency: "EUR"} }

// work is what one model does on a day: its part of the requests' energy, and
// how much.
type work struct {
	server, model string
	part          float64
	requests      int64
	output        int64
}

func models() []work {
	return []work{
		{"llama", "Qwen3-30B-A3B-Instruct-2507-Q4_K_M", 0.812, 1281, 520_000},
		{"mlx", "mlx-community/Llama-3.3-70B-Instruct-4bit", 0.187, 88, 100_000},
		{"llama", "embeddinggemma-300m", 0.001, 412, 0},
	}
}

// shape is how much of the day falls into a slot: calm nights, work in the
// morning and in the evening.
func shape(i int, busy float64) float64 {
	return busy * (9*math.Exp(-math.Pow(float64(i-42)/8, 2)) + 6*math.Exp(-math.Pow(float64(i-76)/10, 2)))
}

// day is the golden day, or one that is busier, or calmer: the machine at rest
// draws the same. It may sleep between 2 and 5.
func day(since time.Time, busy float64, works []work, sleeps bool) (r store.Range) {
	sum := 0.0
	for i := range 96 {
		sum += shape(i, 1)
	}
	for i := range 96 {
		if sleeps && (i >= 8 && i < 20 || i == 56) {
			continue
		}
		start := since.Add(time.Duration(i) * store.SlotLength).UTC()
		part := energy.Joules(shape(i, busy) / sum)
		s := store.SystemSlot{Start: start, Scope: attribution.ScopeSoC, Measured: store.SlotLength, Busy: 3 * time.Minute,
			Inference: wh(309.4) * part, Baseline: wh(211.3) / 83, BaselineBusy: wh(44.2) * part, ModelLoad: wh(3.9) * part,
			ServerOther: wh(1.2) * part, OtherProcesses: wh(30)*part + wh(36.2)/83, Unexplained: wh(5.4) * part}
		if i%9 == 4 {
			s.OtherProcesses += wh(3)
		}
		if i == 31 {
			s.ModelLoad += wh(4)
		}
		s.Energy = s.Inference + s.Baseline + s.ModelLoad + s.ServerOther + s.OtherProcesses + s.Unexplained
		r.System = append(r.System, s)
		for _, w := range works {
			r.Models = append(r.Models, w.slot(start, wh(309.4)*part, i, busy))
		}
	}
	if !sleeps {
		return r
	}
	r.Gaps = []attribution.Gap{
		{Start: since.Add(2 * time.Hour), End: since.Add(5 * time.Hour), Reason: attribution.GapSleep},
		{Start: since.Add(14 * time.Hour), End: since.Add(14*time.Hour + 15*time.Minute), Reason: attribution.GapPowermetrics},
	}
	return r
}

func (w work) slot(start time.Time, all energy.Joules, i int, busy float64) store.ModelSlot {
	e := all * energy.Joules(w.part)
	s := store.ModelSlot{Start: start, Server: w.server, Model: w.model, Prefill: e * 0.3, Decode: e * 0.7,
		Error: e * 0.04, Shared: e * 0.2, Busy: time.Duration(w.part * float64(3*time.Minute))}
	if i != 0 { // requests are counted where they end: here all of them at once
		return s
	}
	n := int64(float64(w.requests) * busy)
	s.OK, s.Cancelled, s.Failed = n-9, 8, 1
	s.Input, s.Cached, s.Output = 2_300_000, 17_100_000, int64(float64(w.output)*busy)
	s.Answered = store.Tokens{Input: s.Input, Cached: s.Cached, Output: s.Output}
	s.DecodeTime, s.DecodedTokens = 3*time.Hour, s.Output
	s.MeteredOutput, s.MeteredEnergy = s.Output, wh(309.4)*energy.Joules(w.part*busy)
	s.MeteredOK, s.MeteredOKEnergy = s.OK, s.MeteredEnergy
	return s
}

// plan asks so much for an answered request.
type plan struct{ same, substitute int64 } // billionths of a euro; 0 is no price

func (plan) Comparators() []avoided.Comparator {
	return []avoided.Comparator{avoided.SameWeights, avoided.Substitute}
}

func (p plan) Compare(s store.ModelSlot) []avoided.Saving {
	of := func(each int64) avoided.Saving {
		if each == 0 {
			return avoided.Saving{Unpriced: s.OK}
		}
		return avoided.Saving{Money: cost.Money{Nanos: each * s.OK, Currency: "EUR"}, Priced: s.OK}
	}
	return []avoided.Saving{of(p.same), of(p.substitute)}
}

func (plan) Quotes(model string, _ time.Time) []avoided.Quote {
	mtok := func(nanos int64) prices.Rate {
		return prices.Rate{Known: true, PerMtok: cost.PerMtok{Money: cost.Money{Nanos: nanos, Currency: "USD"}}}
	}
	rates := prices.Rates{Input: mtok(90_000_000), Output: mtok(300_000_000)}
	return []avoided.Quote{{Comparator: avoided.SameWeights, Model: model, Hosts: 7, Guessed: true,
		Entry: prices.Entry{Provider: "together", Model: "qwen3-30b-a3b", Rates: rates}}}
}

func (plan) Subscription(time.Time, time.Time) (cost.Money, bool) { return cost.Money{}, false }
func (plan) TableName() string                                    { return "genai-prices of 2026-03-01" }

// goldenInputs are those of the golden day, on the morning after.
func goldenInputs(t testing.TB) report.Inputs {
	loc := berlin(t)
	since := time.Date(2026, 3, 4, 0, 0, 0, 0, loc)
	r := day(since, 1, models(), true)
	r.Since, r.Until = since, since.AddDate(0, 0, 1)
	r.First, r.Last = since.Add(-72*time.Hour), since.Add(33*time.Hour)
	r.Learned = []store.Learned{{Server: "llama", Model: "Qwen3-30B-A3B-Instruct-2507-Q4_K_M",
		Prefill: store.TokenEnergy{Energy: 0.1243, Error: 0.0012, Known: true}, Decode: store.TokenEnergy{Energy: 1.183, Error: 0.0071, Known: true},
		Batch: 2.31, First: since, Last: r.Last}}
	r.Remote = []store.RemoteSlot{{Start: since, Server: "gateway", Provider: "anthropic", Model: "claude-sonnet-4-5", OK: 20, Cancelled: 1,
		Input: 61_000, Cached: 410_000, Output: 18_400, Spend: 891_250_000, UnknownSpend: 2}}
	p := report.Period{Title: "yesterday", Since: since, Until: r.Until}
	return report.Inputs{Period: p, Range: r, Now: since.Add(33 * time.Hour), Tariff: flat(t, 0.1872)}
}

// mixedInputs are the golden day with a plug that was away in the evening, and
// that went on while powermetrics did not.
func mixedInputs(t testing.TB) report.Inputs {
	in := goldenInputs(t)
	for i := range in.Range.System {
		s := &in.Range.System[i]
		s.Scope, s.Error = attribution.ScopeWall, s.Energy*0.012
		switch at := s.Start.Sub(in.Period.Since) / store.SlotLength; {
		case at < 4:
			s.Scope, s.Error = attribution.ScopeSoC, 0
		case at >= 72 && at < 78:
			s.Scope, s.Error = attribution.ScopeCalibrated, s.Energy*0.04
		}
	}
	since := in.Period.Since
	in.Range.Gaps = []attribution.Gap{
		{Start: since.Add(2 * time.Hour), End: since.Add(3 * time.Hour), Reason: attribution.GapSleep},
		seen(&in.Range, since.Add(3*time.Hour), 2*time.Hour, attribution.GapSleep, 3),
		seen(&in.Range, since.Add(14*time.Hour), store.SlotLength, attribution.GapPowermetrics, 38),
	}
	slices.SortStableFunc(in.Range.System, func(a, b store.SystemSlot) int { return a.Start.Compare(b.Start) })
	in.Range.Calibrations = []attribution.Calibration{
		{Made: since.Add(-48 * time.Hour), Kind: attribution.CalibrationLadder, Model: "Mac16,11", Meter: "desk", Scope: attribution.ScopeWall,
			Base: 6.42, CPU: 1.31, GPU: 1.31, ANE: 1.31, RMSE: 0.82, R2: 0.99713, N: 312, SoCMin: 1.9, SoCMax: 46.2},
		{Made: since.Add(17 * time.Hour), Kind: attribution.CalibrationPassing, Model: "Mac16,11", Meter: "desk", Scope: attribution.ScopeWall,
			Base: 6.61, CPU: 1.22, GPU: 1.38, ANE: 1.3, PerRail: true, RMSE: 1.1, R2: 0.9921, N: 1840, SoCMin: 1.9, SoCMax: 41},
	}
	return in
}

// seen is a gap of whole slots in which the plug shows so much.
func seen(r *store.Range, start time.Time, length time.Duration, reason attribution.GapReason, watts energy.Watts) attribution.Gap {
	g := attribution.Gap{Start: start, End: start.Add(length), Reason: reason, Scope: attribution.ScopeWall, Energy: watts.For(length)}
	for at := start; at.Before(g.End); at = at.Add(store.SlotLength) {
		e := watts.For(store.SlotLength)
		r.System = append(r.System, store.SystemSlot{Start: at.UTC(), Scope: g.Scope, Energy: e, Gap: e, GapTime: store.SlotLength, Error: e * 0.012})
	}
	return g
}

// historyInputs are so many days with hardware that pays for itself, by day.
func historyInputs(t testing.TB, days int, price int64, p plan) report.Inputs {
	loc := berlin(t)
	since := time.Date(2026, 3, 1, 0, 0, 0, 0, loc)
	var r store.Range
	for i := range days {
		if i == 11 || i == 12 { // nobody was there
			continue
		}
		start := time.Date(2026, 3, 1+i, 0, 0, 0, 0, loc)
		busy := 0.75 + 0.5*math.Sin(float64(i)*0.9)
		if wd := start.Weekday(); wd == time.Saturday || wd == time.Sunday {
			busy = 0.25
		}
		one := day(start, busy, models(), false)
		r.System, r.Models = append(r.System, one.System...), append(r.Models, one.Models...)
	}
	until := time.Date(2026, 3, 1+days, 0, 0, 0, 0, loc)
	r.Since, r.Until, r.First, r.Last = since, until, since, until.Add(9*time.Hour)
	machine := payback.Machine{Price: euros(price), Purchased: time.Date(2026, 1, 10, 0, 0, 0, 0, loc),
		Life: 4 * 365 * 24 * time.Hour, ShareRatio: 1}
	return report.Inputs{Period: report.Period{Since: since, Until: until}, Range: r, History: r, Now: until.Add(9 * time.Hour),
		Tariff: flat(t, 0.1872), By: report.ByDay, Plan: p, Machine: &machine, PayBasis: cost.Dedicated}
}

func build(t testing.TB, in report.Inputs) report.Report {
	t.Helper()
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(w io.Writer, r report.Report) error {
	return html.Write(w, r, html.Options{Generator: "sovmeter test"})
}

// failing is a writer that fails.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func draw(t testing.TB, r report.Report) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
