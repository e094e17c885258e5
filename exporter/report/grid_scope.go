package report

import "github.com/sovmeter/sovmeter/collector/attribution"

// scopesGrid says how much was measured at each scope.
func (s sheet) scopesGrid() Grid {
	r := s.report
	columns := []columnOf[ScopeUse]{
		{Column{Key: "scope", Heading: "Scope"}, func(u ScopeUse) Cell { return Cell{Text: scopeName(u.Scope), Raw: string(u.Scope)} }, false},
		{Column{Key: "seconds", Heading: "Time", Numeric: true}, func(u ScopeUse) Cell { return lengthCell(u.Time) }, true},
		{Column{Key: "time_ratio", Heading: "Of the time", Unit: "%", Numeric: true},
			func(u ScopeUse) Cell { return percentCell(ratio(u.Time, r.scopeTime()), true) }, true},
		{Column{Key: "energy_joules", Heading: "Energy", Unit: "Wh", Numeric: true}, func(u ScopeUse) Cell { return energyCell(u.Energy, true) }, true},
		{Column{Key: "energy_ratio", Heading: "Of the energy", Unit: "%", Numeric: true},
			func(u ScopeUse) Cell { return percentCell(share(u.Energy, r.scopeEnergy()), true) }, true},
		{Column{Key: "error_joules", Heading: "Error", Unit: s.plusMinus + " Wh", Numeric: true},
			func(u ScopeUse) Cell { return energyCell(u.Error, u.ErrorKnown()) }, true},
	}
	g := gridOf(GridScopes, "What the energies cover", columns, r.ScopeUses)
	if len(g.Rows) == 0 {
		return g
	}
	if len(g.Rows) > 1 {
		g.Rows = append(g.Rows, GridRow{RowTotal, cellsOf(columns, r.allScopes(), true)})
		g.Rows[len(g.Rows)-1].Cells[0].Text = "All, mixed"
		g.Notes = append(g.Notes, s.mixText()+".")
	}
	if r.LeastTrusted() == attribution.ScopeSoC {
		g.Notes = append(g.Notes, "How far powermetrics is off at scope soc is not known.")
	}
	return g
}

// allScopes is the sum over the scopes; its error is known when that of each is.
func (r Report) allScopes() ScopeUse {
	all := ScopeUse{Scope: attribution.ScopeSoC, Time: r.scopeTime(), Energy: r.scopeEnergy()}
	if off, known := r.TotalError(); known {
		all.Scope, all.Error = r.LeastTrusted(), off
	}
	return all
}

// scopesCell names the scopes of some energy for programs, the least trusted
// first: "calibrated wall". Empty while nothing is booked.
func scopesCell(uses []attribution.Scope) Cell {
	text := ""
	for _, scope := range attribution.Scopes() {
		for _, used := range uses {
			if used == scope {
				text += " " + string(scope)
			}
		}
	}
	if text != "" {
		text = text[1:]
	}
	return hiddenCell(text)
}
