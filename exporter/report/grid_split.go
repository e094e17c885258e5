package report

import (
	"slices"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// splitItem is one side of the split.
type splitItem struct {
	where, text  string
	calls, rest  int64 // rest is the other side's
	tokens       Tokens
	tokensRatio  float64
	spend        Saved
	tokensShared bool // the ratio is known
}

// splitGrid has what was done here and what elsewhere.
func (s sheet) splitGrid() Grid {
	p := s.report.Split
	if p == nil {
		return Grid{}
	}
	currency := currencyOf(p.LocalSpend, p.RemoteSpend)
	here, away := p.LocalTokens, p.RemoteTokens
	ratio := func(n int64) float64 { return float64(n) / float64(plus(here, away)) }
	known := here > 0 || away > 0
	items := []splitItem{
		{"local", "On this machine", p.LocalCalls, p.RemoteCalls, Tokens{here, true, p.LocalAtLeast}, 0, Saved{Amount: p.LocalSpend}, known},
		{"remote", "Elsewhere", p.RemoteCalls, p.LocalCalls, Tokens{away, true, p.RemoteAtLeast}, 0, Saved{Amount: p.RemoteSpend, AtLeast: p.RemoteSpendAtLeast}, known},
	}
	if known {
		items[0].tokensRatio, items[1].tokensRatio = ratio(here), ratio(away)
	}
	g := gridOf(GridSplit, "Here and elsewhere", []columnOf[splitItem]{
		{Column{Key: "where", Heading: "Finished calls"}, func(i splitItem) Cell { return Cell{Text: i.text, Raw: i.where} }, false},
		{Column{Key: "calls", Heading: "Calls", Numeric: true}, func(i splitItem) Cell { return countCell(i.calls) }, false},
		{Column{Key: "tokens", Heading: "Tokens", Numeric: true}, func(i splitItem) Cell { return tokensCell(i.tokens) }, false},
		{Column{Key: "tokens_ratio", Heading: "Of tokens", Unit: "%", Numeric: true},
			func(i splitItem) Cell { return percentCell(i.tokensRatio, i.tokensShared) }, false},
		{Column{Key: "spend", Heading: "Spend", Unit: string(currency), Numeric: true, Currency: currency},
			func(i splitItem) Cell { return savedCell(i.spend) }, false},
		{Column{Key: "spend_ratio", Heading: "Of spend", Unit: "%", Numeric: true},
			s.spendShare, false},
		{Column{Key: currencyKey, Hidden: true}, func(splitItem) Cell { return hiddenCell(string(currency)) }, false},
	}, items)
	if p.LocalAtLeast || p.RemoteAtLeast || p.RemoteSpendAtLeast {
		g.Notes = append(g.Notes, "+ at least: of some calls not every token count or price is known.")
	}
	return g
}

// spendShare is a side's part of what was spent in all.
func (s sheet) spendShare(i splitItem) Cell {
	p := s.report.Split
	if !p.LocalSpend.Known || !p.RemoteSpend.Known {
		return unknownCell()
	}
	all, err := p.LocalSpend.Money.Add(p.RemoteSpend.Money)
	if err != nil || all.Nanos <= 0 {
		return unknownCell()
	}
	return percentCell(float64(i.spend.Amount.Money.Nanos)/float64(all.Nanos), true)
}

// gatewayCurrency is that of what gateways reckon.
func (r Report) gatewayCurrency() cost.Currency {
	for _, row := range r.Remote {
		if row.Spend.Known {
			return row.Spend.Money.Currency
		}
	}
	return ""
}

// elsewhereGrid has a row for each model that gateways passed calls on to.
func (s sheet) elsewhereGrid() Grid {
	rows := s.report.Remote
	if len(rows) == 0 {
		return Grid{}
	}
	currency := s.report.gatewayCurrency()
	counts := func(key, heading string, drop int, of func(Remote) int64) columnOf[Remote] {
		return columnOf[Remote]{Column{Key: key, Heading: heading, Numeric: true, Drop: drop}, func(r Remote) Cell { return countCell(of(r)) }, true}
	}
	sums := func(key, heading string, drop int, of func(Remote) Tokens) columnOf[Remote] {
		return columnOf[Remote]{Column{Key: key, Heading: heading, Unit: "tokens", Numeric: true, Drop: drop}, func(r Remote) Cell { return tokensCell(of(r)) }, true}
	}
	columns := []columnOf[Remote]{
		{Column{Key: "model", Heading: "Model"}, func(r Remote) Cell { return Cell{Text: s.name("", r.Model, false), Raw: r.Model} }, false},
		{Column{Key: "provider", Heading: "Provider"}, func(r Remote) Cell { return s.wordCell(r.Provider) }, false},
		{Column{Key: "server", Heading: "Gateway", Drop: 3}, func(r Remote) Cell { return s.wordCell(r.Server) }, false},
		counts("calls", "Calls", 0, func(r Remote) int64 { return r.Calls }),
		counts("cancelled_calls", "Cancelled", 2, func(r Remote) int64 { return r.Cancelled }),
		counts("failed_calls", "Failed", 2, func(r Remote) int64 { return r.Failed }),
		sums("input_tokens", "Fresh input", 1, func(r Remote) Tokens { return r.Input }),
		sums("cached_input_tokens", "Cached input", 1, func(r Remote) Tokens { return r.Cached }),
		sums("cache_write_input_tokens", "Cache write", 1, func(r Remote) Tokens { return r.CacheWrite }),
		sums("output_tokens", "Output", 0, func(r Remote) Tokens { return r.Output }),
		{Column{Key: "spend", Heading: "Spend", Unit: string(currency), Numeric: true, Currency: currency},
			func(r Remote) Cell { return savedCell(Saved{Amount: r.Spend, AtLeast: r.Unpriced > 0}) }, true},
		{Column{Key: "unpriced_calls", Heading: "No price", Numeric: true, Hidden: true}, func(r Remote) Cell { return countCell(r.Unpriced) }, true},
		{Column{Key: currencyKey, Hidden: true}, func(Remote) Cell { return hiddenCell(string(currency)) }, true},
	}
	g := gridOf(GridElsewhere, "Answered elsewhere", columns, rows)
	if len(rows) > 1 {
		g.Rows = append(g.Rows, GridRow{RowTotal, cellsOf(columns, s.report.elsewhere(), true)})
		g.Rows[len(rows)].Cells[0] = Cell{Text: "All"}
	}
	g.Notes = []string{"They took no energy here that could be booked to them; the spend is as the gateway reckons."}
	if slices.ContainsFunc(rows, func(r Remote) bool {
		return r.Unpriced > 0 || r.Input.AtLeast || r.Cached.AtLeast || r.CacheWrite.AtLeast || r.Output.AtLeast
	}) {
		g.Notes = append(g.Notes, "+ at least: of some calls not every token count or price is known.")
	}
	return g
}
