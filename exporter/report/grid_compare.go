package report

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// left is what a comparison is above what the requests' electricity cost, on
// the marginal basis; unknown when one of them is, or they have no common
// currency.
func (r Report) left(c Comparison) Amount {
	spent := r.costOf(cost.Marginal)
	if !c.Capped.Known || !spent.Known {
		return Amount{}
	}
	less, err := c.Capped.Money.Add(cost.Money{Nanos: -spent.Money.Nanos, Currency: spent.Money.Currency})
	if err != nil {
		return Amount{}
	}
	return Amount{Money: less, Known: true}
}

// comparisonsGrid has a row for each comparator.
func (s sheet) comparisonsGrid() Grid {
	r := s.report
	currency := r.comparisonCurrency()
	subscribed := false
	for _, c := range r.Comparisons {
		subscribed = subscribed || c.Subscription.Known
	}
	money := func(key, heading string, hidden bool, of func(Comparison) Cell) columnOf[Comparison] {
		return columnOf[Comparison]{Column{Key: key, Heading: heading, Unit: string(currency), Numeric: true, Currency: currency, Hidden: hidden}, of, false}
	}
	g := gridOf(GridComparisons, boughtHeading, []columnOf[Comparison]{
		{Column{Key: "comparator", Heading: "Compared with"}, func(c Comparison) Cell {
			return Cell{Text: comparatorName(c.Name), Raw: string(c.Name)}
		}, false},
		money("total_cost", "By the token", false, func(c Comparison) Cell { return savedCell(c.Total) }),
		{Column{Key: "total_at_least", Flag: true, Hidden: true}, func(c Comparison) Cell { return flagCell(c.Total.AtLeast) }, false},
		{Column{Key: "unpriced_requests", Heading: "No price", Numeric: true, Hidden: true},
			func(c Comparison) Cell { return countCell(c.Total.Unpriced) }, false},
		money("subscription_cost", "By subscription", !subscribed, func(c Comparison) Cell { return moneyCell(c.Subscription) }),
		money("capped_cost", "The lesser", !subscribed, func(c Comparison) Cell { return savedCell(r.capped(c)) }),
		money("left_after_electricity", "Less electricity", false, func(c Comparison) Cell { return savedCell(Saved{Amount: r.left(c), AtLeast: r.capped(c).AtLeast}) }),
		{Column{Key: comparisonCurrencyKey, Hidden: true}, func(Comparison) Cell { return hiddenCell(string(currency)) }, false},
	}, r.Comparisons)
	g.Notes = s.comparisonNotes()
	return g
}

// quotesGrid has a row for each pair of a local model and what it was compared
// with.
func (s sheet) quotesGrid() Grid {
	var quotes []avoided.Quote
	for _, c := range s.report.Comparisons {
		quotes = append(quotes, c.Quotes...)
	}
	currency := s.report.quoteCurrency()
	rate := func(key, heading string, drop int, of func(prices.Rates) prices.Rate) columnOf[avoided.Quote] {
		return columnOf[avoided.Quote]{Column{Key: key + "_per_million_tokens", Heading: heading, Unit: string(currency) + " per M",
			Numeric: true, Currency: currency, Drop: drop}, func(q avoided.Quote) Cell { return rateCell(of(q.Entry.Rates)) }, false}
	}
	g := gridOf(GridQuotes, "What was compared with what", []columnOf[avoided.Quote]{
		{Column{Key: "model", Heading: "Model here"}, func(q avoided.Quote) Cell {
			return Cell{Text: s.name("", q.Model, false), Raw: q.Model}
		}, false},
		{Column{Key: "comparator", Heading: "Compared with"}, func(q avoided.Quote) Cell {
			return Cell{Text: comparatorName(q.Comparator), Raw: string(q.Comparator)}
		}, false},
		{Column{Key: "provider", Heading: "Provider"}, func(q avoided.Quote) Cell { return s.wordCell(q.Entry.Provider) }, false},
		{Column{Key: "provider_model", Heading: "Model there"}, func(q avoided.Quote) Cell { return s.wordCell(q.Entry.Model) }, false},
		rate("input", "Fresh input", 0, func(r prices.Rates) prices.Rate { return r.Input }),
		rate("cached", "Cached input", 0, func(r prices.Rates) prices.Rate { return r.Cached }),
		rate("cache_write", "Cache write", 3, func(r prices.Rates) prices.Rate { return r.CacheWrite }),
		rate("output", "Output", 0, func(r prices.Rates) prices.Rate { return r.Output }),
		{Column{Key: currencyKey, Hidden: true}, func(avoided.Quote) Cell { return hiddenCell(string(currency)) }, false},
		{Column{Key: "from", Heading: "Since", Drop: 2}, func(q avoided.Quote) Cell { return knownDay(q.Entry.From) }, false},
		{Column{Key: "checked", Heading: "Checked", Drop: 1}, func(q avoided.Quote) Cell { return knownDay(q.Entry.Checked) }, false},
		{Column{Key: "hosts", Heading: "Hosts", Numeric: true, Drop: 2}, func(q avoided.Quote) Cell { return countCell(int64(q.Hosts)) }, false},
		{Column{Key: "guessed", Heading: "Guessed", Flag: true, Drop: 1}, func(q avoided.Quote) Cell { return flagCell(q.Guessed) }, false},
		{Column{Key: "stale", Heading: "Stale", Flag: true, Drop: 1}, func(q avoided.Quote) Cell { return flagCell(q.Stale) }, false},
		{Column{Key: "source", Heading: "Source", Drop: 3}, func(q avoided.Quote) Cell { return s.wordCell(q.Entry.Source) }, false},
	}, quotes)
	if slices.ContainsFunc(quotes, func(q avoided.Quote) bool { return !q.Entry.Rates.Cached.Known }) {
		g.Notes = append(g.Notes, "Without a price for cached input (n/a) a provider asks that of fresh input, and so does this report.")
	}
	return g
}

// quoteCurrency is that of the prices compared with.
func (r Report) quoteCurrency() cost.Currency {
	for _, c := range r.Comparisons {
		for _, q := range c.Quotes {
			for _, rate := range []prices.Rate{q.Entry.Rates.Input, q.Entry.Rates.Output} {
				if rate.Known {
					return rate.PerMtok.Currency
				}
			}
		}
	}
	return ""
}

// rateCell is a price as it was published.
func rateCell(r prices.Rate) Cell {
	if !r.Known {
		return unknownCell()
	}
	text := decimal(r.PerMtok.Money)
	return Cell{Text: grouped(text), Raw: text}
}

// knownDay is a date without its time zone, as price tables have them.
func knownDay(t time.Time) Cell {
	if t.IsZero() {
		return Cell{Text: unknown}
	}
	return hiddenCell(t.Format(time.DateOnly))
}
