package report

import (
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// basisMeaning says in a few words which energy a basis counts.
func basisMeaning(b cost.Basis) string {
	switch b {
	case cost.Marginal:
		return "the requests alone"
	case cost.Active:
		return "and the machine's baseline while a request ran"
	case cost.Dedicated:
		return "everything measured"
	case cost.Loaded:
		return "and the hardware's price, spread over its life"
	}
	return ""
}

// costsGrid has a row for each basis.
func (s sheet) costsGrid() Grid {
	r := s.report
	currency := r.Tariff.Currency
	return gridOf(GridCosts, "Energy and cost", []columnOf[Basis]{
		{Column{Key: "basis", Heading: "Basis"}, func(b Basis) Cell { return hiddenCell(string(b.Name)) }, false},
		{Column{Key: "energy_joules", Heading: "Energy", Unit: "Wh", Numeric: true},
			func(b Basis) Cell { return energyCell(b.Energy, r.basisKnown(b.Name)) }, false},
		{Column{Key: "cost", Heading: "Cost", Unit: string(currency), Numeric: true, Currency: currency, Hidden: !r.Tariff.Known},
			func(b Basis) Cell { return moneyCell(b.Cost) }, false},
		{Column{Key: currencyKey, Hidden: true}, func(Basis) Cell { return hiddenCell(string(currency)) }, false},
		{Column{Key: "meaning", Heading: "What it counts"}, func(b Basis) Cell { return hiddenCell(basisMeaning(b.Name)) }, false},
	}, r.Bases)
}

// gapsGrid has a row for each reason why nothing was measured.
func (s sheet) gapsGrid() Grid {
	var all Gap
	for _, gap := range s.report.Gaps {
		all = all.plus(gap)
	}
	unmetered := !all.EnergyKnown()
	columns := []columnOf[Gap]{
		{Column{Key: "reason", Heading: "Why"}, func(g Gap) Cell { return Cell{Text: s.clean(gapText(g.Reason)), Raw: string(g.Reason)} }, false},
		{Column{Key: "seconds", Heading: "Time", Numeric: true}, func(g Gap) Cell { return lengthCell(g.Length) }, true},
		{Column{Key: "metered_seconds", Heading: "With a meter", Numeric: true, Hidden: unmetered},
			func(g Gap) Cell { return lengthCell(g.Metered) }, true},
		{Column{Key: "energy_joules", Heading: "Energy", Unit: "Wh", Numeric: true, Hidden: unmetered}, gapCell, true},
	}
	g := gridOf(GridGaps, "Not measured", columns, s.report.Gaps)
	if len(g.Rows) > 1 {
		g.Rows = append(g.Rows, GridRow{RowTotal, cellsOf(columns, all, true)})
		g.Rows[len(g.Rows)-1].Cells[0].Text = "All"
	}
	g.Notes = []string{s.report.gapNote()}
	return g
}

// gapCell is what a meter saw of a gap: at least so much where it did not see all.
func gapCell(g Gap) Cell {
	c := energyCell(g.Energy, g.EnergyKnown())
	if g.AtLeast() {
		c.Text += "+"
	}
	return c
}

// carbonItem is one amount of what was emitted.
type carbonItem struct {
	of, text string
	grams    float64
	known    bool
}

// carbonGrid has what was emitted for all energy, the requests' and one call's.
func (s sheet) carbonGrid() Grid {
	c := s.report.Carbon
	if !c.Known {
		return Grid{}
	}
	items := []carbonItem{{"measured", "Everything measured", c.Grams, true}, {"requests", "The requests alone", c.Requests, s.report.divided()}}
	if s.report.OneMore != nil && c.PerCall != 0 {
		items = append(items, carbonItem{"one_more_call", "One more call", c.PerCall, true})
	}
	g := gridOf(GridCarbon, "Carbon", []columnOf[carbonItem]{
		{Column{Key: "of", Heading: "Of what"}, func(i carbonItem) Cell { return Cell{Text: i.text, Raw: i.of} }, false},
		{Column{Key: "grams", Heading: "CO2 equivalent", Unit: "g", Numeric: true},
			func(i carbonItem) Cell { return numberCell(i.grams, i.known) }, false},
	}, items)
	g.Notes = []string{"By the " + s.carbonSource() + "."}
	return g
}
