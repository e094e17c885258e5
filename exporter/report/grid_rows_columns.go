package report

import "github.com/sovmeter/sovmeter/collector/attribution"

// The order in which columns go; the larger goes first.
const (
	dropOutcomes = 16 - iota
	dropServer
	dropCoverage
	dropActive
	dropSpeed
	dropCarbon
	dropCached
	dropFresh
	dropError
	dropPerMillion
	dropPerToken
	dropMachineCost
	dropMachine
	dropRequests
	dropSameWeights
	dropSubstitute
)

// nameColumns say what a row is.
func (s sheet) nameColumns() []columnOf[rowItem] {
	r := s.report
	columns := []columnOf[rowItem]{{Column{Key: string(r.by()), Heading: r.rowHeading()}, s.rowName, true}}
	if r.by() == ByModel {
		columns = append(columns, columnOf[rowItem]{Column{Key: "server", Heading: "Server", Drop: dropServer},
			func(i rowItem) Cell { return s.wordCell(i.sum.Server) }, false})
	}
	begin, end := "since", "until" // of the report
	if r.timed() {
		begin, end = "start", "end" // of the row
	}
	return append(columns,
		columnOf[rowItem]{Column{Key: begin, Hidden: true}, func(i rowItem) Cell { return momentCell(r.bounds(i).Since) }, true},
		columnOf[rowItem]{Column{Key: end, Hidden: true}, func(i rowItem) Cell { return momentCell(r.bounds(i).Until) }, true})
}

// bounds is the time that a row is about.
func (r Report) bounds(i rowItem) Period {
	if i.group != nil && !i.group.Start.IsZero() {
		return Period{Since: i.group.Start, Until: i.group.End}
	}
	return r.Period
}

// requestColumns count requests by how they ended.
func (s sheet) requestColumns(items []rowItem) []columnOf[rowItem] {
	all := s.report.total(items).sum
	counts := func(key, heading string, drop int, hidden bool, of func(Model) int64) columnOf[rowItem] {
		return columnOf[rowItem]{Column{Key: key, Heading: heading, Numeric: true, Drop: drop, Hidden: hidden},
			func(i rowItem) Cell { return countCell(of(i.sum)) }, true}
	}
	return []columnOf[rowItem]{
		counts("requests", "Requests", dropRequests, false, func(m Model) int64 { return m.Requests }),
		counts("ok_requests", "OK", 0, true, func(m Model) int64 { return m.Requests - m.Cancelled - m.Failed }),
		counts("cancelled_requests", "Cancelled", dropOutcomes, all.Cancelled == 0, func(m Model) int64 { return m.Cancelled }),
		counts("failed_requests", "Failed", dropOutcomes, all.Failed == 0, func(m Model) int64 { return m.Failed }),
		counts("late_requests", "Late", dropOutcomes, all.Late == 0, func(m Model) int64 { return m.Late }),
		counts("unmetered_requests", "Not measured", 0, true, func(m Model) int64 { return m.Unmetered }),
		counts("partial_requests", "Measured in part", 0, true, func(m Model) int64 { return m.Partial }),
		counts("unknown_token_requests", "Tokens unknown", 0, true, func(m Model) int64 { return m.UnknownTokens }),
		counts("estimated_token_requests", "Tokens estimated", 0, true, func(m Model) int64 { return m.EstimatedTokens }),
	}
}

// tokenColumns count tokens and time.
func (s sheet) tokenColumns() []columnOf[rowItem] {
	sums := func(key, heading string, drop int, of func(Model) Tokens) columnOf[rowItem] {
		return columnOf[rowItem]{Column{Key: key, Heading: heading, Unit: "tokens", Numeric: true, Drop: drop},
			func(i rowItem) Cell { return tokensCell(of(i.sum)) }, true}
	}
	byModel := s.report.by() == ByModel
	return []columnOf[rowItem]{
		sums("input_tokens", "Fresh input", dropFresh, func(m Model) Tokens { return m.Input }),
		sums("cached_input_tokens", "Cached input", dropCached, func(m Model) Tokens { return m.Cached }),
		sums("output_tokens", "Output", 0, func(m Model) Tokens { return m.Output }),
		{Column{Key: "output_tokens_per_second", Heading: "Speed", Unit: "tokens per s", Numeric: true, Drop: dropSpeed},
			func(i rowItem) Cell { return numberCell(i.sum.TokensPerSecond()) }, false},
		{Column{Key: "active_seconds", Heading: "Active time", Numeric: true, Drop: dropActive, Hidden: !byModel},
			func(i rowItem) Cell {
				if s.report.tagged() {
					return unknownCell()
				}
				return lengthCell(i.sum.Active)
			}, false},
	}
}

// energyColumns are joules to programs and watt-hours to people.
func (s sheet) energyColumns() []columnOf[rowItem] {
	joules := func(key, heading string, hidden bool, of func(rowItem) Cell) columnOf[rowItem] {
		return columnOf[rowItem]{Column{Key: key, Heading: heading, Unit: "Wh", Numeric: true, Hidden: hidden}, of, true}
	}
	columns := []columnOf[rowItem]{
		joules("energy_joules", "Energy", false, func(i rowItem) Cell { return energyCell(i.sum.Energy(), i.sum.EnergyKnown) }),
		joules("prefill_joules", "Prefill", true, func(i rowItem) Cell { return energyCell(i.sum.Prefill, i.sum.EnergyKnown) }),
		joules("decode_joules", "Decode", true, func(i rowItem) Cell { return energyCell(i.sum.Decode, i.sum.EnergyKnown) }),
		joules("error_joules", "Error", true, func(i rowItem) Cell { return energyCell(i.sum.Error, i.sum.EnergyKnown && !s.report.tagged()) }),
		{Column{Key: "error_ratio", Heading: "Error", Unit: s.plusMinus + " %", Numeric: true, Drop: dropError, Hidden: s.report.tagged()},
			func(i rowItem) Cell {
				v, ok := i.sum.ErrorShare()
				return percentCell(v, ok && !s.report.tagged())
			}, true},
		{Column{Key: "joules_per_output_token", Heading: "J per output token", Numeric: true, Drop: dropPerToken},
			func(i rowItem) Cell { return numberCell(i.sum.JoulesPerOutputToken()) }, true},
	}
	columns = append(columns, columnOf[rowItem]{Column{Key: "scopes", Hidden: true}, func(i rowItem) Cell { return scopesCell(s.report.scopesOf(i)) }, false})
	if s.report.timed() {
		columns = append(columns, s.machineColumns()...)
	}
	return columns
}

// scopesOf is what the energy of a row covers: of a day or an hour its own, else
// all that the report has.
func (r Report) scopesOf(i rowItem) []attribution.Scope {
	if i.group != nil && i.group.Whole != nil {
		return i.group.Whole.Scopes
	}
	scopes := make([]attribution.Scope, len(r.ScopeUses))
	for k, u := range r.ScopeUses {
		scopes[k] = u.Scope
	}
	return scopes
}

// machineColumns are of the whole machine in a day or an hour.
func (s sheet) machineColumns() []columnOf[rowItem] {
	whole := func(of func(Whole) Cell) func(rowItem) Cell {
		return func(i rowItem) Cell {
			if i.group == nil || i.group.Whole == nil {
				return unknownCell()
			}
			return of(*i.group.Whole)
		}
	}
	return []columnOf[rowItem]{
		{Column{Key: "measured_joules", Heading: "Machine", Unit: "Wh", Numeric: true, Drop: dropMachine},
			whole(func(w Whole) Cell { return energyCell(w.Energy, w.Measured > 0 || w.Energy > 0) }), true},
		{Column{Key: "measured_seconds", Heading: "Measured", Numeric: true, Hidden: true},
			whole(func(w Whole) Cell { return lengthCell(w.Measured) }), true},
		{Column{Key: "elapsed_seconds", Heading: "Elapsed", Numeric: true, Hidden: true},
			whole(func(w Whole) Cell { return lengthCell(w.Elapsed) }), true},
		{Column{Key: "coverage_ratio", Heading: "Measured", Unit: "% of time", Numeric: true, Drop: dropCoverage},
			whole(func(w Whole) Cell { return percentCell(w.coverage(), true) }), true},
		{Column{Key: "carbon_grams", Heading: "Carbon", Unit: "g", Numeric: true, Drop: dropCarbon, Hidden: !s.report.Carbon.Known},
			whole(func(w Whole) Cell { return numberCell(w.Carbon.Grams, w.Carbon.Known) }), true},
	}
}

// coverage is the measured share, 0 to 1, of the time that passed.
func (w Whole) coverage() float64 {
	if w.Elapsed <= 0 {
		return 0
	}
	return min(1, float64(w.Measured)/float64(w.Elapsed))
}
