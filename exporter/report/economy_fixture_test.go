package report_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/carbon"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

func eur(nanos int64) cost.Money { return cost.Money{Nanos: nanos, Currency: "EUR"} }

// owner is somebody who told what to compare with. The embedding model has no
// provider of the same weights.
type owner struct{}

func (owner) Comparators() []avoided.Comparator {
	return []avoided.Comparator{avoided.SameWeights, avoided.Substitute}
}

func (o owner) Compare(s store.ModelSlot) []avoided.Saving {
	savings := make([]avoided.Saving, 2)
	for i, c := range o.Comparators() {
		savings[i] = avoided.Saving{Money: eur(0), Unpriced: s.OK}
		for _, q := range o.Quotes(s.Model, s.Start) {
			if q.Comparator == c {
				savings[i] = avoided.Saving{Money: eur(worth(s.Answered, q.Entry.Rates) * 9 / 10), Priced: s.OK, Partial: s.Answered.UnknownOutput}
			}
		}
	}
	return savings
}

// worth is what tokens cost in billionths of a dollar; cached ones that have no
// price cost what fresh ones do.
func worth(n store.Tokens, r prices.Rates) int64 {
	cached := r.Cached
	if !cached.Known {
		cached = r.Input
	}
	return (n.Input*r.Input.PerMtok.Nanos + n.Cached*cached.PerMtok.Nanos + n.Output*r.Output.PerMtok.Nanos) / 1_000_000
}

func (owner) Quotes(model string, _ time.Time) []avoided.Quote {
	substitute := quote(avoided.Substitute, model, "openai", "gpt-5-mini", 250_000_000, 25_000_000, 2_000_000_000, 1)
	switch model {
	case "Qwen3-30B-A3B-Instruct-2507-Q4_K_M":
		same := quote(avoided.SameWeights, model, "novita", "qwen/qwen3-30b-a3b-instruct-2507", 90_000_000, 0, 300_000_000, 6)
		same.Guessed = true
		return []avoided.Quote{same, substitute}
	case "mlx-community/Llama-3.3-70B-Instruct-4bit":
		same := quote(avoided.SameWeights, model, "deepinfra", "meta-llama/Llama-3.3-70B-Instruct", 130_000_000, 0, 390_000_000, 9)
		same.Stale = true
		return []avoided.Quote{same, substitute}
	}
	return []avoided.Quote{substitute}
}

func (owner) Subscription(time.Time, time.Time) (cost.Money, bool) { return cost.Money{}, false }

func (owner) TableName() string { return "genai-prices 2026-08-21, 1 USD = 0.9 EUR" }

// quote prices fresh, cached and output tokens in billionths of a US dollar per
// million; 0 is unknown.
func quote(c avoided.Comparator, model, provider, there string, fresh, cached, output int64, hosts int) avoided.Quote {
	rate := func(nanos int64) prices.Rate {
		return prices.Rate{PerMtok: cost.PerMtok{Money: cost.Money{Nanos: nanos, Currency: "USD"}}, Known: nanos != 0}
	}
	return avoided.Quote{Comparator: c, Model: model, Hosts: hosts, Entry: prices.Entry{Provider: provider, Model: there,
		From: time.Date(2025, 8, 7, 0, 0, 0, 0, time.UTC), Checked: time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC),
		Rates: prices.Rates{Input: rate(fresh), Cached: rate(cached), Output: rate(output)}, Source: "genai-prices 2026-08-21"}}
}

// steady is a grid that always emits as much.
type steady float64

func (s steady) At(time.Time) (carbon.GramsPerKWh, bool) { return carbon.GramsPerKWh(s), true }

func (steady) Source() string { return "UBA 2025" }

func machine() *payback.Machine {
	return &payback.Machine{Price: eur(2_500_000_000_000), Purchased: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
		Life: 5 * 365 * 24 * time.Hour, Residual: eur(400_000_000_000), CapitalCostRatio: 0.05, ShareRatio: 0.8, PriceDriftRatio: -0.3}
}

// ownerInputs are days of the owner's, by whatever rows; half of the work is an
// editor's, a quarter that of an agent in a project.
func ownerInputs(t testing.TB, spec report.Spec, by report.By) report.Inputs {
	t.Helper()
	berlin := location(t, "Europe/Berlin")
	now := time.Date(2026, 3, 5, 9, 0, 0, 0, berlin)
	rates, err := cost.NewExchange("EUR", map[cost.Currency][]cost.Rate{"USD": {{Worth: eur(900_000_000)}}})
	if err != nil {
		t.Fatal(err)
	}
	in := report.Inputs{Period: period(t, spec, now, berlin), Now: now, By: by, Tariff: flat(t, 0.1872, "EUR"),
		Plan: owner{}, Machine: machine(), Carbon: steady(364), Exchange: rates}
	for day := startOf(in.Period.Since); day.Before(in.Period.Until); day = day.AddDate(0, 0, 1) {
		held := goldenDay(day)
		in.Range.System, in.Range.Models = append(in.Range.System, held.System...), append(in.Range.Models, held.Models...)
		in.Range.Gaps, in.Range.Remote = append(in.Range.Gaps, held.Gaps...), append(in.Range.Remote, held.Remote...)
		in.Range.First, in.Range.Last, in.Range.Learned = held.First, held.Last, held.Learned
	}
	outside := func(start time.Time) bool { return start.Before(in.Period.Since) || !start.Before(in.Period.Until) }
	in.Range.System = slices.DeleteFunc(in.Range.System, func(s store.SystemSlot) bool { return outside(s.Start) })
	in.Range.Models = slices.DeleteFunc(in.Range.Models, func(s store.ModelSlot) bool { return outside(s.Start) })
	for _, m := range in.Range.Models {
		in.Range.Tagged = append(in.Range.Tagged, store.TaggedSlot{Client: "editor", ModelSlot: partOf(m, 2)},
			store.TaggedSlot{Client: "agent", Project: "app", ModelSlot: partOf(m, 4)})
	}
	return in
}

func startOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// partOf is one part in n of a model's slot.
func partOf(m store.ModelSlot, n int64) store.ModelSlot {
	part := m
	part.Prefill, part.Decode = m.Prefill/energy.Joules(n), m.Decode/energy.Joules(n)
	for _, v := range []*int64{&part.OK, &part.Cancelled, &part.Failed, &part.Late, &part.UnknownTokens, &part.UnknownInput, &part.UnknownCached,
		&part.UnknownOutput, &part.EstimatedTokens, &part.Input, &part.Cached, &part.Output, &part.Answered.Input, &part.Answered.Cached,
		&part.Answered.Output, &part.DecodedTokens, &part.MeteredOutput, &part.MeteredOK} {
		*v /= n
	}
	part.DecodeTime /= time.Duration(n)
	part.MeteredEnergy, part.MeteredOKEnergy = part.MeteredEnergy/energy.Joules(n), part.MeteredOKEnergy/energy.Joules(n)
	part.Busy, part.Error, part.Shared, part.Estimated, part.Load = 0, 0, 0, 0, 0
	return part
}

func made(t testing.TB, in report.Inputs) report.Report {
	t.Helper()
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// economic is the golden day of an owner who told everything, with a break-even
// of each kind.
func economic(t testing.TB) report.Report {
	t.Helper()
	r := made(t, ownerInputs(t, report.Spec{Day: "yesterday"}, report.ByModel))
	r.Comparisons[0].BreakEven = &payback.BreakEven{Days: 23, Needed: 14, Capital: eur(2_000_000_000_000),
		AvoidedMonthly: eur(37_857_000_000), CostMonthly: eur(1_763_000_000),
		Simple: payback.Forecast{Outcome: payback.BeyondLife, Months: 66, Early: 44, EarlyKnown: true}, Drift: payback.Forecast{Outcome: payback.Never}}
	r.Comparisons[1].BreakEven = &payback.BreakEven{Days: 23, Needed: 14, Capital: eur(2_000_000_000_000),
		AvoidedMonthly: eur(300_000_000_000), CostMonthly: eur(12_000_000_000),
		Simple: payback.Forecast{Outcome: payback.Reached, Months: 7, Early: 6, EarlyKnown: true, Late: 9, LateKnown: true},
		Drift:  payback.Forecast{Outcome: payback.Reached, Months: 9, Early: 7, EarlyKnown: true, Late: 12, LateKnown: true}}
	return r
}

// byGroup is the owner's report by something else than the model: days over
// three days, hours over the first five of one of them.
func byGroup(t testing.TB, by report.By) report.Report {
	t.Helper()
	spec := report.Spec{Since: "2026-03-02", Until: "2026-03-05"}
	if by == report.ByHour {
		spec = report.Spec{Since: "2026-03-04", Until: "2026-03-04 05:00"}
	}
	return made(t, ownerInputs(t, spec, by))
}
