package report

import (
	"math"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// part is one line of where the energy went.
type part struct {
	name, meaning       string
	sink, server, model string // for programs
	energy              energy.Joules
	unknown, atLeast    bool // of the energy
	cost                Amount
}

// requestsSink is what programs read for the energy of requests.
const requestsSink = "inference"

// sinkTexts says what each sink is, shortly and at length.
func sinkTexts(name SinkName) (short, meaning string) {
	switch name {
	case SinkModelLoad:
		return "Loading models", "a model being loaded, no request running"
	case SinkServerOther:
		return "Server, no request", "a server at work with no request running"
	case SinkBaseline:
		return "Baseline (at rest)", "the machine's draw with no request running"
	case SinkOtherProcesses:
		return "Other programs", "programs that are no model server"
	case SinkUnexplained:
		return "Unexplained", "above baseline, matching no program's work"
	case SinkGap:
		return "Gaps", "a meter saw it, but not who used it"
	case SinkOpen:
		return "Not booked yet", "a request may still claim it"
	}
	return string(name), ""
}

// parts lists the total's parts. What is not zero only by fault or for a
// moment shows only then.
func (s sheet) parts() []part {
	r := s.report
	var parts []part
	for _, m := range r.Models {
		if m.EnergyKnown {
			parts = append(parts, part{name: s.name(m.Server, m.Model, r.multiServer()), meaning: "requests",
				sink: requestsSink, server: m.Server, model: m.Model, energy: m.Energy(), cost: m.Marginal})
		}
	}
	for _, k := range r.Sinks {
		if (k.Name == SinkOpen || k.Name == SinkGap) && k.Energy == 0 && !k.Unknown {
			continue
		}
		name, meaning := sinkTexts(k.Name)
		p := part{name: name, meaning: meaning, sink: string(k.Name), energy: k.Energy, unknown: k.Unknown, cost: k.Cost}
		if k.Name == SinkGap {
			p = p.gap(r.toldGap())
		}
		parts = append(parts, p)
	}
	if r.Remainder != 0 {
		parts = append(parts, part{name: "Not accounted for", meaning: "a fault in the stored sums: please report it", sink: "remainder", energy: r.Remainder})
	}
	return parts
}

// gap is the part of the gaps, which says how long they were.
func (p part) gap(all Gap) part {
	p.name += " (" + length(all.Length) + ")"
	p.atLeast = all.AtLeast()
	switch {
	case p.unknown:
		p.meaning = "not measured: unknown, not zero"
	case p.atLeast:
		p.meaning = "by a meter for " + length(all.Metered) + "; else unknown"
	}
	return p
}

// energyCell is the energy with so many decimals.
func (p part) energyCell(decimals int) Cell {
	if p.unknown {
		return unknownCell()
	}
	c := Cell{Text: aligned(p.energy.WattHours(), decimals), Raw: exact(float64(p.energy))}
	if p.atLeast {
		c.Text += "+"
	}
	return c
}

// ratioCell is its part of all energy that was measured.
func (p part) ratioCell(total energy.Joules) Cell {
	if p.unknown {
		return unknownCell()
	}
	ratio := float64(p.energy / total)
	return Cell{Text: aligned(100*ratio, 1), Raw: exact(ratio)}
}

const whereHeading = "Where the energy went"

// energyGrid has the parts that all measured energy was booked to. Its texts
// have one number of decimals, so that lines can be compared: as many as give
// the total four digits.
func (s sheet) energyGrid() Grid {
	r := s.report
	if r.Total == 0 {
		return Grid{}
	}
	all := part{name: "Total measured", sink: "", energy: r.Total, cost: r.costOf(cost.Dedicated)}
	currency := r.Tariff.Currency
	decimals := decimalsOf(math.Abs(r.Total.WattHours()))
	cents := min(9, decimalsOf(math.Abs(all.cost.Money.Units())))
	columns := []columnOf[part]{
		{Column{Key: "sink", Heading: whereHeading}, func(p part) Cell { return Cell{Text: p.name, Raw: p.sink} }, true},
		{Column{Key: "server", Hidden: true}, func(p part) Cell { return s.wordCell(p.server) }, false},
		{Column{Key: "model", Hidden: true}, func(p part) Cell { return s.wordCell(p.model) }, false},
		{Column{Key: "energy_joules", Heading: "Energy", Unit: "Wh", Numeric: true},
			func(p part) Cell { return p.energyCell(decimals) }, true},
		{Column{Key: "energy_ratio", Heading: "Share", Unit: "%", Numeric: true},
			func(p part) Cell { return p.ratioCell(r.Total) }, true},
		{Column{Key: "cost", Heading: "Cost", Unit: string(currency), Numeric: true, Currency: currency, Hidden: !all.cost.Known},
			func(p part) Cell { return alignedMoney(p.cost, cents) }, true},
		{Column{Key: currencyKey, Hidden: true}, func(part) Cell { return hiddenCell(string(currency)) }, true},
		{Column{Key: "meaning", Heading: "What it is", Drop: 1}, func(p part) Cell { return Cell{Text: p.meaning, Raw: p.meaning} }, false},
	}
	g := gridOf(GridEnergy, whereHeading, columns, s.parts())
	g.Rows = append(g.Rows, GridRow{RowTotal, cellsOf(columns, all, true)})
	return g
}

// costOf is the cost on a basis.
func (r Report) costOf(basis cost.Basis) Amount {
	for _, b := range r.Bases {
		if b.Name == basis {
			return b.Cost
		}
	}
	return Amount{}
}

// decimalsOf is how many decimals give v four digits.
func decimalsOf(v float64) int {
	if v == 0 {
		return 0
	}
	return max(0, 3-int(math.Floor(math.Log10(v))))
}

// aligned is a figure of a column with one number of decimals; what is exactly
// nothing is a plain 0.
func aligned(v float64, decimals int) string {
	if v == 0 {
		return "0"
	}
	return fixed(v, decimals)
}

// alignedMoney is the same for an amount.
func alignedMoney(a Amount, decimals int) Cell {
	if !a.Known {
		return unknownCell()
	}
	c := Cell{Text: grouped(cost.Money{Nanos: a.Money.Nanos}.Decimal(decimals)), Raw: decimal(a.Money)}
	switch {
	case a.Tiny:
		c.Text = money(a)
	case a.Money.Nanos == 0:
		c.Text = "0"
	case allZero(c.Text): // fixed says less than what
		c.Text = fixed(a.Money.Units(), decimals)
	}
	return c
}
