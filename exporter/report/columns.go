package report

import (
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// column is one column of the model table.
type column struct {
	name    string // in lower case, for the note on what is not shown
	heading string // a few short lines, the unit last
	cell    func(Model) string
	// dropped orders the columns by how dispensable they are: the highest
	// goes first when the table is too wide; 0 always stays.
	dropped int
	// total is true when the column can be summed over models.
	total bool
}

// outcomes is the drop order of the columns that tell how requests ended.
const outcomes = 11

// columns lists the model table's columns after the name, left to right. At
// 200 columns all of them fit. As it gets narrower they go in this order:
// cancelled, failed and late together (a note under the table then tells
// them), server (the name then tells it where needed), active time, speed,
// cached input, fresh input, error, cost per million tokens, joules per token,
// requests. Output tokens, energy and cost always stay.
func (t table) columns() []column {
	currency := string(t.report.Tariff.Currency)
	return []column{
		{"server", "Server", func(m Model) string { return t.clean(m.Server) }, 10, false},
		{"requests", "Requests", func(m Model) string { return count(m.Requests) }, 1, true},
		{"cancelled", "Can-\ncelled", func(m Model) string { return count(m.Cancelled) }, outcomes, true},
		{"failed", "Failed", func(m Model) string { return count(m.Failed) }, outcomes, true},
		{"late", "Late", func(m Model) string { return count(m.Late) }, outcomes, true},
		{"fresh input", "Fresh\ninput\ntokens", func(m Model) string { return t.tokens(m.Input) }, 6, true},
		{"cached input", "Cached\ninput\ntokens", func(m Model) string { return t.tokens(m.Cached) }, 7, true},
		{"output", "Output\ntokens", func(m Model) string { return t.tokens(m.Output) }, 0, true},
		{"speed", "Speed\ntokens\nper s", speed, 8, false},
		{"active time", "Active\ntime", func(m Model) string { return length(m.Active) }, 9, false},
		{"energy", "Energy\nWh", modelEnergy, 0, true},
		{"error", "Error\n" + t.plusMinus + " %", errorBand, 5, true},
		{"joules per token", "J per\noutput\ntoken", perToken, 2, true},
		{"cost", "Cost\n" + currency, func(m Model) string { return money(m.Marginal) }, 0, true},
		{"cost per million", currency + "\nper M\noutput", perMillion, 3, true},
	}
}

// wanted leaves out the columns of cancelled, failed and late requests when
// there was none, and the costs when no price is known.
func (t table) wanted() []column {
	var kept []column
	all := t.all()
	for _, c := range t.columns() {
		if c.dropped == outcomes && all.Cancelled+all.Failed+all.Late == 0 {
			continue
		}
		if (c.name == "cost" || c.name == "cost per million") && !t.report.Tariff.Known {
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

// tokens writes a sum of tokens; "+" says that it is at least so many.
func (t table) tokens(n Tokens) string {
	if !n.Known {
		return "?"
	}
	if n.AtLeast {
		return tokens(n.N) + "+"
	}
	return tokens(n.N)
}

func speed(m Model) string {
	if v, ok := m.TokensPerSecond(); ok {
		return significant(v)
	}
	return unknown
}

func modelEnergy(m Model) string {
	if !m.EnergyKnown {
		return unknown
	}
	return significant(m.Energy().WattHours())
}

func errorBand(m Model) string {
	v, ok := m.ErrorShare()
	if !ok {
		return unknown
	}
	return percentage(v)
}

func perToken(m Model) string {
	if v, ok := m.JoulesPerOutputToken(); ok {
		return significant(v)
	}
	return unknown
}

func perMillion(m Model) string {
	return money(m.PerMillionOutput())
}

// money writes an amount without its currency. What is not zero never reads as
// zero.
func money(a Amount) string {
	if !a.Known {
		return unknown
	}
	if a.Tiny {
		return "<0.000000001"
	}
	return grouped(cost.Money{Nanos: a.Money.Nanos}.String())
}

// moneyWithCurrency writes an amount with its currency.
func moneyWithCurrency(a Amount) string {
	if !a.Known {
		return unknown
	}
	return money(a) + " " + string(a.Money.Currency)
}
