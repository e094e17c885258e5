package report_test

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// wh is an energy given in watt-hours.
func wh(v float64) energy.Joules { return energy.Joules(v * 3600) }

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func flat(t testing.TB, price float64, currency string) cost.Tariff {
	t.Helper()
	tariff, err := cost.NewFlat(price, currency)
	if err != nil {
		t.Fatal(err)
	}
	return tariff
}

func period(t testing.TB, spec report.Spec, now time.Time, loc *time.Location) report.Period {
	t.Helper()
	p, err := report.ParsePeriod(spec, now, loc)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// modelDay is what one model does on the golden day.
type modelDay struct {
	server, model           string
	prefill, decode         energy.Joules
	shared, estimated, band float64 // parts of the energy
	input, cached, output   int64
	ok, cancelled, failed   int64
	late, unknown, counted  int64
	busy                    time.Duration
	decodeTime              time.Duration
}

// goldenModels are three models on two servers; the energies sum to 309.4 Wh.
func goldenModels() []modelDay {
	return []modelDay{
		{server: "llama", model: "Qwen3-30B-A3B-Instruct-2507-Q4_K_M", prefill: wh(80.1), decode: wh(171.2),
			shared: 0.31, estimated: 0.002, band: 0.041, input: 2_300_000, cached: 17_100_000, output: 520_000,
			ok: 1_271, cancelled: 9, failed: 1, late: 2, unknown: 9, busy: 3*time.Hour + 12*time.Minute, decodeTime: 3 * time.Hour},
		{server: "mlx", model: "mlx-community/Llama-3.3-70B-Instruct-4bit", prefill: wh(12.4), decode: wh(45.27),
			shared: 0.12, band: 0.063, input: 800_000, cached: 1_300_000, output: 100_000, ok: 88, counted: 3,
			busy: 51 * time.Minute, decodeTime: 45 * time.Minute},
		{server: "llama", model: "embeddinggemma-300m", prefill: wh(0.43), band: 0.2, ok: 412, input: 310_000, busy: 95 * time.Second},
	}
}

// goldenDay is a day of 597.4 Wh with a pause for sleep and a restart.
func goldenDay(since time.Time) store.Range {
	r := store.Range{Since: since, Until: since.Add(24 * time.Hour), First: since.Add(-72 * time.Hour), Last: since.Add(33 * time.Hour)}
	weights, sum := goldenWeights(since)
	for i, w := range weights {
		if w == 0 {
			continue
		}
		start, part := since.Add(time.Duration(i)*store.SlotLength).UTC(), energy.Joules(w/sum)
		r.System = append(r.System, goldenSystem(start, part))
		for _, m := range goldenModels() {
			r.Models = append(r.Models, m.slot(start, float64(part), i))
		}
	}
	r.Learned, r.Remote = goldenLearned(since), goldenRemote(since)
	r.Gaps = []attribution.Gap{
		{Start: since.Add(2 * time.Hour), End: since.Add(5 * time.Hour), Reason: attribution.GapSleep},
		{Start: since.Add(14 * time.Hour), End: since.Add(14*time.Hour + 15*time.Minute), Reason: attribution.GapPowermetrics},
	}
	return r
}

// goldenLearned is what is learned the morning after: the two large models, one
// of them long ago, and one that had nothing to do on that day.
func goldenLearned(since time.Time) []store.Learned {
	token := func(joules, err float64) store.TokenEnergy {
		return store.TokenEnergy{Energy: energy.Joules(joules), Error: energy.Joules(err), Known: true}
	}
	last := since.Add(33 * time.Hour)
	return []store.Learned{
		{Server: "llama", Model: "Qwen3-30B-A3B-Instruct-2507-Q4_K_M", Prefill: token(0.1243, 0.0012), Decode: token(1.183, 0.0071),
			Step: 1.4, Batch: 2.31, Rows: 498.2, First: last.Add(-60 * 24 * time.Hour), Last: last.Add(-12 * time.Minute)},
		{Server: "llama", Model: "unused", Prefill: token(1, 1), Rows: 30, Last: last},
		{Server: "mlx", Model: "mlx-community/Llama-3.3-70B-Instruct-4bit", Decode: token(1.64, 0.0004), Batch: 1, Rows: 31,
			First: last.Add(-22 * time.Hour), Last: last.Add(-21 * time.Hour)},
	}
}

// goldenRemote is what a gateway passed on: to one provider that tells what its
// cache served and to one that does not, each in two slots.
func goldenRemote(since time.Time) []store.RemoteSlot {
	sonnet := store.RemoteSlot{Start: since, Server: "gateway", Provider: "anthropic", Model: "claude-sonnet-4-5", OK: 20, Cancelled: 1, Failed: 1,
		Input: 61_000, Cached: 410_000, CacheWrite: 52_000, Output: 18_400, UnknownInput: 1, UnknownCached: 1, UnknownCacheWrite: 1, UnknownOutput: 1,
		Spend: 891_250_000, UnknownSpend: 2}
	mini := store.RemoteSlot{Start: since, Server: "gateway", Provider: "openai", Model: "gpt-5-mini", OK: 4, Input: 9_000, Output: 1_100,
		UnknownCached: 4, UnknownCacheWrite: 4, Spend: 4_450_001}
	later := []store.RemoteSlot{mini, sonnet}
	for i := range later {
		later[i].Start = since.Add(store.SlotLength)
	}
	return append([]store.RemoteSlot{sonnet, mini}, later...)
}

// goldenWeights shapes the day; 0 is a slot without a measurement.
func goldenWeights(time.Time) (weights []float64, sum float64) {
	for i := range 96 {
		w := 1 + 9*math.Exp(-math.Pow(float64(i-42)/8, 2)) + 6*math.Exp(-math.Pow(float64(i-76)/10, 2))
		if i >= 8 && i < 20 || i == 56 {
			w = 0
		}
		weights, sum = append(weights, w), sum+w
	}
	return weights, sum
}

func goldenSystem(start time.Time, part energy.Joules) store.SystemSlot {
	s := store.SystemSlot{Start: start, Scope: attribution.ScopeSoC,
		Inference: wh(309.4) * part, Baseline: wh(211.3) * part, ModelLoad: wh(3.9) * part, ServerOther: wh(1.2) * part,
		OtherProcesses: wh(66.2) * part, Unexplained: wh(5.4) * part, BaselineBusy: wh(44.2) * part,
		BaselineAssumed: wh(4.1) * part, Measured: store.SlotLength, Busy: 3 * time.Minute}
	s.Energy = s.Inference + s.Baseline + s.ModelLoad + s.ServerOther + s.OtherProcesses + s.Unexplained
	return s
}

// slot is the model's part of one slot; whole numbers fall into the first slots.
func (m modelDay) slot(start time.Time, part float64, i int) store.ModelSlot {
	s := store.ModelSlot{Start: start, Server: m.server, Model: m.model,
		Prefill: m.prefill * energy.Joules(part), Decode: m.decode * energy.Joules(part)}
	all := s.Prefill + s.Decode
	s.Error, s.Shared, s.Estimated = all*energy.Joules(m.band), all*energy.Joules(m.shared), all*energy.Joules(m.estimated)
	s.Busy = time.Duration(float64(m.busy) * part)
	if i != 0 {
		return s
	}
	s.Input, s.Cached, s.Output = m.input, m.cached, m.output
	s.OK, s.Cancelled, s.Failed, s.Late, s.UnknownTokens = m.ok, m.cancelled, m.failed, m.late, m.unknown
	s.UnknownInput, s.UnknownCached, s.UnknownOutput = m.unknown, m.unknown, m.unknown
	s.Answered = store.Tokens{Input: m.input, Cached: m.cached, Output: m.output} // the cancelled told no tokens
	s.DecodeTime, s.DecodedTokens = m.decodeTime, m.output
	s.EstimatedTokens = m.counted
	// The late requests are in the tokens alone, the cancelled in the energy alone.
	s.MeteredOutput, s.MeteredEnergy = m.output-m.late*500, (m.prefill+m.decode)*0.996
	s.MeteredOK, s.MeteredOKEnergy = m.ok-m.late, (m.prefill+m.decode)*0.995
	return s
}

// golden builds the report of the golden day, on the morning after.
func golden(t testing.TB) report.Report {
	t.Helper()
	berlin := location(t, "Europe/Berlin")
	now := time.Date(2026, 3, 5, 9, 0, 0, 0, berlin)
	p := period(t, report.Spec{Day: "yesterday"}, now, berlin)
	r, err := report.Build(report.Inputs{Period: p, Range: goldenDay(p.Since), Tariff: flat(t, 0.1872, "EUR"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
