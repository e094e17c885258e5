package report

import (
	"slices"
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// The width of the name column: columns drop until names have as much as they
// need or wantName, and minName is left in any case.
const (
	wantName  = 18
	minName   = 8
	columnGap = 2
)

const nameHeading = "Model"

// models draws one row per model.
func (t table) models() []string {
	rows := t.report.Models
	if len(rows) == 0 {
		return []string{"No request was in flight in this period."}
	}
	kept, nameWidth := t.fit()
	withServer := t.report.multiServer() && !hasColumn(kept, "server")
	grid := newGrid(t)
	heading := pretty.Row{t.bold(nameHeading)}
	for _, c := range kept {
		heading = append(heading, t.boldLines(c.heading))
	}
	grid.AppendHeader(heading)
	for _, m := range rows {
		name := wrapName(t.name(m.Server, m.Model, withServer), nameWidth)
		grid.AppendRow(t.cells(strings.Join(name, "\n"), m, kept, false))
	}
	if len(rows) > 1 {
		grid.AppendSeparator()
		grid.AppendRow(t.cells("All", t.all(), kept, true))
	}
	alignRight(grid, kept)
	return append(strings.Split(grid.Render(), "\n"), t.notes(kept)...)
}

// cells is one row of the table.
func (t table) cells(name string, m Model, kept []column, total bool) pretty.Row {
	row := pretty.Row{name}
	for _, c := range kept {
		if total && !c.total {
			row = append(row, "")
			continue
		}
		row = append(row, c.cell(m))
	}
	return row
}

// fit drops columns until the table is narrow enough, and says how much is
// left for names.
func (t table) fit() ([]column, int) {
	kept := t.wanted()
	longest := width(nameHeading)
	for _, m := range t.report.Models {
		longest = max(longest, width(t.name(m.Server, m.Model, t.report.multiServer())))
	}
	for {
		left := t.width
		for _, c := range kept {
			left -= columnGap + t.columnWidth(c)
		}
		most := slices.MaxFunc(kept, func(a, b column) int { return a.dropped - b.dropped }).dropped
		if left >= min(longest, wantName) || most == 0 {
			return kept, min(max(left, minName), longest)
		}
		kept = slices.DeleteFunc(kept, func(c column) bool { return c.dropped == most })
	}
}

// columnWidth is how much the heading and the cells need.
func (t table) columnWidth(c column) int {
	need := text.LongestLineLen(c.heading)
	for _, m := range t.report.Models {
		need = max(need, width(c.cell(m)))
	}
	if c.total && len(t.report.Models) > 1 {
		need = max(need, width(c.cell(t.all())))
	}
	return need
}

// all is the sum of the rows.
func (t table) all() Model {
	sum := Model{EnergyKnown: true, Marginal: t.report.Bases[0].Cost}
	sum.PerToken.Spend = noSpend(t.report.Tariff.Currency)
	for _, m := range t.report.Models {
		sum.Requests += m.Requests
		sum.Cancelled += m.Cancelled
		sum.Failed += m.Failed
		sum.Late += m.Late
		sum.Unmetered += m.Unmetered
		sum.Partial += m.Partial
		sum.UnknownTokens += m.UnknownTokens
		sum.EstimatedTokens += m.EstimatedTokens
		sum.Input.N = plus(sum.Input.N, m.Input.N)
		sum.Cached.N = plus(sum.Cached.N, m.Cached.N)
		sum.Output.N = plus(sum.Output.N, m.Output.N)
		sum.Prefill += m.Prefill
		sum.Decode += m.Decode
		sum.Error += m.Error
		if m.PerToken.N > 0 { // a model that generates nothing has no part in the cost of a token
			sum.PerToken = sum.PerToken.plus(m.PerToken)
		}
	}
	sum.settle()
	return sum
}

func hasColumn(kept []column, name string) bool {
	return slices.ContainsFunc(kept, func(c column) bool { return c.name == name })
}

// multiServer tells whether more than one server was at work.
func (r Report) multiServer() bool {
	return slices.ContainsFunc(r.Models, func(m Model) bool { return m.Server != r.Models[0].Server })
}
