package html

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// table is a grid of the report as it is drawn.
type table struct {
	ID, Title string
	Columns   []column
	Rows      []row
	Total     *row
	Notes     []string
	Dense     bool // there are many columns
	Long      bool // there are names that have to wrap
}

type column struct {
	Heading, Unit string
	Numeric       bool
	Unseen        bool // it says what the table's title says
}

type row struct {
	Name  string
	Aside string // what the name means
	Cells []cell // after the first
	Bar   string // a width in percent; empty without one
}

type cell struct {
	Text    string
	Numeric bool
}

// addTables sorts the grids into the parts of the page.
func (p *page) addTables(grids []report.Grid) {
	for _, g := range grids {
		t := newTable(g)
		switch g.Name {
		case report.GridRows:
			p.Rows = t
		case report.GridEnergy:
			t.bars(g)
			p.Energy = &t
		case report.GridCosts:
			p.Bases = &t
		case report.GridComparisons, report.GridQuotes, report.GridBreakEven:
			p.Money = append(p.Money, t)
		default:
			p.Rest = append(p.Rest, t)
		}
	}
}

// A table with more than manyColumns is set closer, and one with names longer
// than longName letters gives them room and lets them wrap.
const (
	manyColumns = 9
	longName    = 16
)

// newTable leaves out what is for programs. What a name means stands under it and
// not in a column.
func newTable(g report.Grid) table {
	t := table{ID: "grid-" + string(g.Name), Title: g.Title, Notes: g.Notes}
	var kept []int
	aside := -1
	for i, c := range g.Columns {
		switch {
		case c.Hidden:
		case c.Key == "meaning" && len(kept) > 0:
			aside = i
		default:
			kept = append(kept, i)
			t.Columns = append(t.Columns, column{c.Heading, c.Unit, c.Numeric, c.Heading == g.Title})
		}
	}
	if len(kept) == 0 {
		return t
	}
	t.Dense = len(kept) > manyColumns
	for _, line := range g.Rows {
		r := row{Name: line.Cells[kept[0]].Text}
		t.Long = t.Long || utf8.RuneCountInString(r.Name) > longName
		if aside >= 0 {
			r.Aside = line.Cells[aside].Text
		}
		for _, i := range kept[1:] {
			r.Cells = append(r.Cells, cell{line.Cells[i].Text, g.Columns[i].Numeric})
		}
		if line.Kind == report.RowTotal {
			t.Total = &r
			continue
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// bars draws each row's part of the whole.
func (t *table) bars(g report.Grid) {
	at := 0
	for _, line := range g.Rows {
		if line.Kind == report.RowTotal {
			continue
		}
		ratio, err := strconv.ParseFloat(g.Cell(line, "energy_ratio").Raw, 64)
		if err == nil && ratio > 0 {
			t.Rows[at].Bar = percent(math.Min(1, math.Max(ratio, 0.004)))
		}
		at++
	}
}
