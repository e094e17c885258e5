package report_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/report"
)

func eur(nanos int64) cost.Money { return cost.Money{Nanos: nanos, Currency: "EUR"} }

func known(m cost.Money) report.Amount { return report.Amount{Money: m, Known: true} }

// economic is the golden day of an owner who told everything: hardware, what to
// compare with, and what the grid emits.
func economic(t testing.TB) report.Report {
	t.Helper()
	r := golden(t)
	saved := [][2]report.Saved{
		{{Amount: known(eur(1_029_450_000)), AtLeast: true, Unpriced: 2}, {Amount: known(eur(3_411_200_000)), AtLeast: true}},
		{{Amount: known(eur(214_300_000))}, {Amount: known(eur(702_412_000))}},
		{{}, {Amount: known(eur(6_200_000))}},
	}
	for i := range r.Models {
		r.Models[i].Saved = saved[i][:]
	}
	r.PriceTable = "genai-prices 2026-08-21, 1 USD = 0.9 EUR"
	r.Carbon = report.Carbon{Grams: 217.4, Requests: 112.6, PerCall: 0.0717, Known: true, Source: "UBA 2025"}
	r.Hardware = &report.Hardware{Machine: machine(), Charge: known(eur(1_183_400_000))}
	r.Comparisons = comparisons()
	r.Split = &report.Split{LocalTokens: 22_020_000, RemoteTokens: 1_095_000, LocalAtLeast: true, RemoteAtLeast: true,
		LocalCalls: 1771, RemoteCalls: 48, LocalSpend: known(eur(57_919_690)), RemoteSpend: known(eur(1_612_260_001))}
	return r
}

func machine() payback.Machine {
	return payback.Machine{Price: eur(2_500_000_000_000), Purchased: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
		Life: 5 * 365 * 24 * time.Hour, Residual: eur(400_000_000_000), CapitalCostRatio: 0.05, ShareRatio: 0.8, PriceDriftRatio: -0.3}
}

func comparisons() []report.Comparison {
	same := report.Comparison{Name: avoided.SameWeights, Total: report.Saved{Amount: known(eur(1_243_750_000)), AtLeast: true, Unpriced: 414},
		Capped: known(eur(1_243_750_000)), Quotes: []avoided.Quote{
			quote(avoided.SameWeights, "Qwen3-30B-A3B-Instruct-2507-Q4_K_M", "novita", "qwen/qwen3-30b-a3b-instruct-2507", 90_000_000, 0, 300_000_000, 6),
			quote(avoided.SameWeights, "mlx-community/Llama-3.3-70B-Instruct-4bit", "deepinfra", "meta-llama/Llama-3.3-70B-Instruct", 130_000_000, 0, 390_000_000, 9),
		},
		BreakEven: &payback.BreakEven{Days: 23, Needed: 14, Capital: eur(2_000_000_000_000), AvoidedMonthly: eur(37_857_000_000),
			CostMonthly: eur(1_763_000_000), Simple: payback.Forecast{Outcome: payback.BeyondLife, Months: 56, Early: 44, EarlyKnown: true},
			Drift: payback.Forecast{Outcome: payback.Never}}}
	same.Quotes[0].Guessed, same.Quotes[1].Stale = true, true
	substitute := report.Comparison{Name: avoided.Substitute, Total: report.Saved{Amount: known(eur(4_119_812_000)), AtLeast: true},
		Capped: known(eur(4_119_812_000)), BreakEven: &payback.BreakEven{Days: 23, Needed: 14, Capital: eur(2_000_000_000_000),
			AvoidedMonthly: eur(300_000_000_000), CostMonthly: eur(12_000_000_000),
			Simple: payback.Forecast{Outcome: payback.Reached, Months: 7, Early: 6, EarlyKnown: true, Late: 9, LateKnown: true},
			Drift:  payback.Forecast{Outcome: payback.Reached, Months: 9, Early: 7, EarlyKnown: true, Late: 12, LateKnown: true}}}
	for _, m := range goldenModels() {
		substitute.Quotes = append(substitute.Quotes, quote(avoided.Substitute, m.model, "openai", "gpt-5-mini", 250_000_000, 25_000_000, 2_000_000_000, 1))
	}
	return []report.Comparison{same, substitute}
}

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

// byGroup is the same day by something else than the model: rows that share its
// figures out by sixths, thirds and halves.
func byGroup(t testing.TB, by report.By, names ...string) report.Report {
	t.Helper()
	r := economic(t)
	r.By = by
	for i, name := range names {
		m := r.Models[i%len(r.Models)]
		m.Server, m.Model = "", ""
		g := report.Group{Name: name, Sum: m}
		if by == report.ByDay || by == report.ByHour {
			g.Start = r.Period.Since.Add(time.Duration(i) * time.Hour)
			g.End = g.Start.Add(time.Hour)
			g.Whole = &report.Whole{Elapsed: time.Hour, Measured: 50 * time.Minute, Energy: m.Energy() * 2,
				Dedicated: known(eur(2 * m.Marginal.Money.Nanos)), Carbon: report.Carbon{Grams: float64(m.Energy()) / 10000, Known: true}}
		}
		r.Groups = append(r.Groups, g)
	}
	return r
}

// hours are the names of so many hours of the golden day.
func hours(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("2026-03-04 %02d:00", i)
	}
	return names
}

var _ = energy.Joules(0)
