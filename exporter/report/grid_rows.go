package report

import (
	"slices"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
)

// rowItem is one row of the report, by model or by what else it is by.
type rowItem struct {
	name  string // as logged; empty when nothing was
	sum   Model
	group *Group // nil for models, and in the row of totals without one
	saved []Saved
}

// items are the rows of the report.
func (r Report) items() []rowItem {
	var items []rowItem
	if r.by() == ByModel {
		for _, m := range r.Models {
			items = append(items, rowItem{name: m.Model, sum: m, saved: m.Saved})
		}
		return items
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		items = append(items, rowItem{name: g.Name, sum: g.Sum, group: g, saved: g.Sum.Saved})
	}
	return items
}

// by is what the rows are.
func (r Report) by() By {
	if r.By == "" {
		return ByModel
	}
	return r.By
}

// timed tells whether the rows are stretches of time.
func (r Report) timed() bool { return r.by() == ByDay || r.by() == ByHour }

// tagged tells whether the rows are by what callers said of themselves. What
// only a model as a whole has is then not known of a row.
func (r Report) tagged() bool { return r.by() == ByClient || r.by() == ByProject }

// rowHeading is what the rows' names are.
func (r Report) rowHeading() string {
	headings := map[By]string{ByModel: "Model", ByServer: "Server", ByDay: "Day", ByHour: "Hour", ByClient: "Client", ByProject: "Project"}
	return headings[r.by()]
}

// rowName is what a row is called in its first column.
func (s sheet) rowName(item rowItem) Cell {
	c := s.wordCell(item.name)
	if item.name == "" {
		c.Text = map[By]string{ByModel: "(model not logged)", ByServer: "(no server)", ByClient: "(no client)", ByProject: "(no project)"}[s.report.by()]
	}
	return c
}

// rowsGrid has a row for each model, or for what else the report is by.
func (s sheet) rowsGrid() Grid {
	items := s.report.items()
	columns := s.rowColumns(items)
	titles := map[By]string{ByModel: "Models", ByServer: "Servers", ByDay: "Days", ByHour: "Hours", ByClient: "Clients", ByProject: "Projects"}
	g := gridOf(GridRows, titles[s.report.by()], columns, items)
	if len(items) > 1 {
		g.Rows = append(g.Rows, GridRow{RowTotal, cellsOf(columns, s.report.total(items), true)})
		g.Rows[len(items)].Cells[0].Text = "All"
	}
	all := func(string) bool { return true }
	g.Notes = append(s.outcomeNotes(func(key string) bool { return !hiddenIn(g, key) }), s.markNotes(all)...)
	return g
}

func hiddenIn(g Grid, key string) bool {
	i := g.Index(key)
	return i < 0 || g.Columns[i].Hidden
}

// rowColumns are all columns, left to right. As it gets narrower they go in the
// order of Drop, the highest first.
func (s sheet) rowColumns(items []rowItem) []columnOf[rowItem] {
	columns := s.nameColumns()
	columns = append(columns, s.requestColumns(items)...)
	columns = append(columns, s.tokenColumns()...)
	columns = append(columns, s.energyColumns()...)
	columns = append(columns, s.costColumns()...)
	return append(columns, s.savedColumns()...)
}

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
	none := all.Cancelled+all.Failed+all.Late == 0
	counts := func(key, heading string, drop int, hidden bool, of func(Model) int64) columnOf[rowItem] {
		return columnOf[rowItem]{Column{Key: key, Heading: heading, Numeric: true, Drop: drop, Hidden: hidden},
			func(i rowItem) Cell { return countCell(of(i.sum)) }, true}
	}
	return []columnOf[rowItem]{
		counts("requests", "Requests", dropRequests, false, func(m Model) int64 { return m.Requests }),
		counts("ok_requests", "OK", 0, true, func(m Model) int64 { return m.Requests - m.Cancelled - m.Failed }),
		counts("cancelled_requests", "Cancelled", dropOutcomes, none, func(m Model) int64 { return m.Cancelled }),
		counts("failed_requests", "Failed", dropOutcomes, none, func(m Model) int64 { return m.Failed }),
		counts("late_requests", "Late", dropOutcomes, none, func(m Model) int64 { return m.Late }),
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
	if s.report.timed() {
		columns = append(columns, s.machineColumns()...)
	}
	return columns
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

// rowBasis is the basis that people see the rows' costs on.
func (r Report) rowBasis() cost.Basis {
	switch {
	case r.timed() && (r.Basis == cost.Dedicated || r.Basis == cost.Loaded):
		return cost.Dedicated
	case r.Basis == cost.Active && !r.tagged():
		return cost.Active
	}
	return cost.Marginal
}

// costColumns are what a row's energy cost.
func (s sheet) costColumns() []columnOf[rowItem] {
	r := s.report
	currency, known := r.Tariff.Currency, r.Tariff.Known
	money := func(key, heading string, drop int, hidden bool, of func(rowItem) Cell) columnOf[rowItem] {
		return columnOf[rowItem]{Column{Key: key, Heading: heading, Unit: string(currency), Numeric: true, Currency: currency,
			Drop: drop, Hidden: hidden || !known}, of, true}
	}
	basis := r.rowBasis()
	columns := []columnOf[rowItem]{
		money("marginal_cost", "Marginal cost", 0, basis == cost.Active, func(i rowItem) Cell { return moneyCell(i.sum.Marginal) }),
		money("active_cost", "Active cost", 0, basis != cost.Active, func(i rowItem) Cell {
			if r.tagged() {
				return unknownCell()
			}
			return moneyCell(i.sum.Busy)
		}),
	}
	if r.timed() {
		columns = append(columns, money("dedicated_cost", "Machine cost", dropMachineCost, false, func(i rowItem) Cell {
			if i.group == nil || i.group.Whole == nil {
				return unknownCell()
			}
			return moneyCell(i.group.Whole.Dedicated)
		}))
	}
	million := money("marginal_cost_per_million_output_tokens", string(currency)+" per M output", dropPerMillion,
		basis == cost.Active, func(i rowItem) Cell { return moneyCell(i.sum.PerMillionOutput()) })
	million.Unit = ""
	return append(columns, million, columnOf[rowItem]{Column{Key: currencyKey, Hidden: true},
		func(rowItem) Cell { return hiddenCell(string(currency)) }, true})
}

// savedColumns are what the answered requests would have cost elsewhere.
func (s sheet) savedColumns() []columnOf[rowItem] {
	currency := s.report.comparisonCurrency()
	var columns []columnOf[rowItem]
	for i, name := range []avoided.Comparator{avoided.SameWeights, avoided.Substitute} {
		at := slices.IndexFunc(s.report.Comparisons, func(c Comparison) bool { return c.Name == name })
		of := func(i rowItem) Saved {
			if at < 0 || at >= len(i.saved) {
				return Saved{}
			}
			return i.saved[at]
		}
		key := string(name)
		columns = append(columns,
			columnOf[rowItem]{Column{Key: key + "_cost", Heading: comparatorName(name), Unit: string(currency), Numeric: true,
				Currency: currency, Drop: dropSameWeights - i, Hidden: at < 0}, func(i rowItem) Cell { return savedCell(of(i)) }, true},
			columnOf[rowItem]{Column{Key: key + "_at_least", Flag: true, Hidden: true}, func(i rowItem) Cell {
				if !of(i).Amount.Known {
					return Cell{}
				}
				return flagCell(of(i).AtLeast)
			}, true})
	}
	return append(columns, columnOf[rowItem]{Column{Key: comparisonCurrencyKey, Hidden: true},
		func(rowItem) Cell { return hiddenCell(string(currency)) }, true})
}

// The columns that say in which currency others are.
const (
	currencyKey           = "currency"
	comparisonCurrencyKey = "comparison_currency"
)

// comparatorName is what people read for a comparator.
func comparatorName(c avoided.Comparator) string {
	switch c {
	case avoided.SameWeights:
		return "Same weights"
	case avoided.Substitute:
		return "Substitute"
	}
	return string(c)
}

// comparisonCurrency is that of what the tokens would have cost elsewhere.
func (r Report) comparisonCurrency() cost.Currency {
	var amounts []Amount
	for _, c := range r.Comparisons {
		amounts = append(amounts, c.Total.Amount, c.Subscription)
	}
	return currencyOf(amounts...)
}
