package report

import (
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// savedJSON is what requests would have cost with one comparator.
type savedJSON struct {
	Comparator avoided.Comparator `json:"comparator"`
	Cost       *moneyJSON         `json:"cost"`
	AtLeast    bool               `json:"at_least"`
	Unpriced   int64              `json:"unpriced_requests"`
}

// savedJSON names amounts after the report's comparisons, whose order they have.
func (r Report) savedJSON(saved []Saved) []savedJSON {
	out := []savedJSON{}
	for i, s := range saved[:min(len(saved), len(r.Comparisons))] {
		out = append(out, savedJSON{r.Comparisons[i].Name, newMoneyJSON(s.Amount), s.AtLeast, s.Unpriced})
	}
	return out
}

// comparisonJSON is one row of "comparisons".
type comparisonJSON struct {
	Comparator   avoided.Comparator `json:"comparator"`
	Total        *moneyJSON         `json:"total_cost"`
	AtLeast      bool               `json:"total_at_least"`
	Unpriced     int64              `json:"unpriced_requests"`
	Subscription *moneyJSON         `json:"subscription_cost"`
	Capped       *moneyJSON         `json:"capped_cost"`
	Quotes       []quoteJSON        `json:"quotes"`
	BreakEven    *breakEvenJSON     `json:"break_even"`
}

func newComparisonJSON(c Comparison) comparisonJSON {
	out := comparisonJSON{Comparator: c.Name, Total: newMoneyJSON(c.Total.Amount), AtLeast: c.Total.AtLeast, Unpriced: c.Total.Unpriced,
		Subscription: newMoneyJSON(c.Subscription), Capped: newMoneyJSON(c.Capped), Quotes: []quoteJSON{}, BreakEven: newBreakEvenJSON(c)}
	for _, q := range c.Quotes {
		out.Quotes = append(out.Quotes, newQuoteJSON(q))
	}
	return out
}

// quoteJSON is a price that a model here was compared with.
type quoteJSON struct {
	Model         *string    `json:"model"`
	Provider      string     `json:"provider"`
	ProviderModel string     `json:"provider_model"`
	Input         *moneyJSON `json:"input_per_million_tokens"`
	Cached        *moneyJSON `json:"cached_per_million_tokens"`
	CacheWrite    *moneyJSON `json:"cache_write_per_million_tokens"`
	Output        *moneyJSON `json:"output_per_million_tokens"`
	From          *string    `json:"from"`
	Checked       *string    `json:"checked"`
	Hosts         int        `json:"hosts"`
	Guessed       bool       `json:"guessed"`
	Stale         bool       `json:"stale"`
	Source        *string    `json:"source"`
}

func newQuoteJSON(q avoided.Quote) quoteJSON {
	e := q.Entry
	rate := func(r prices.Rate) *moneyJSON { return newMoneyJSON(Amount{Money: r.PerMtok.Money, Known: r.Known}) }
	return quoteJSON{Model: nameOrNull(q.Model), Provider: e.Provider, ProviderModel: e.Model,
		Input: rate(e.Rates.Input), Cached: rate(e.Rates.Cached), CacheWrite: rate(e.Rates.CacheWrite), Output: rate(e.Rates.Output),
		From: dateOrNull(e.From), Checked: dateOrNull(e.Checked), Hosts: q.Hosts, Guessed: q.Guessed, Stale: q.Stale, Source: nameOrNull(e.Source)}
}

// breakEvenJSON says when the machine has paid for itself.
type breakEvenJSON struct {
	Days    int          `json:"days"`
	Needed  int          `json:"needed_days"`
	LeftOut int          `json:"left_out_days"`
	Capital *moneyJSON   `json:"capital"`
	Avoided *moneyJSON   `json:"avoided_per_month"`
	AtLeast bool         `json:"avoided_at_least"`
	Cost    *moneyJSON   `json:"cost_per_month"`
	Simple  forecastJSON `json:"simple"`
	Drift   forecastJSON `json:"drift"`
}

type forecastJSON struct {
	Outcome payback.Outcome `json:"outcome"`
	Months  *int            `json:"months"`
	Early   *int            `json:"early_months"`
	Late    *int            `json:"late_months"`
}

func newBreakEvenJSON(c Comparison) *breakEvenJSON {
	b := c.BreakEven
	if b == nil {
		return nil
	}
	money := func(m cost.Money) *moneyJSON { return newMoneyJSON(Amount{Money: m, Known: true}) }
	out := &breakEvenJSON{Days: b.Days, Needed: b.Needed, LeftOut: c.DaysLeftOut, AtLeast: c.AvoidedAtLeast, Capital: money(b.Capital),
		Simple: newForecastJSON(b.Simple), Drift: newForecastJSON(b.Drift)}
	if b.Days > 0 { // the mean of no days is not 0
		out.Avoided, out.Cost = money(b.AvoidedMonthly), money(b.CostMonthly)
	}
	return out
}

func newForecastJSON(f payback.Forecast) forecastJSON {
	out := forecastJSON{Outcome: f.Outcome}
	if f.Outcome == payback.TooFewDays {
		return out
	}
	if f.Outcome != payback.Never {
		out.Months = &f.Months
	}
	if f.EarlyKnown {
		out.Early = &f.Early
	}
	if f.LateKnown {
		out.Late = &f.Late
	}
	return out
}
