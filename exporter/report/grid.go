package report

import (
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Grid is one table of a report, in cells that every rendering draws: the table
// for terminals, Markdown and HTML from the texts, CSV, JSONL and the Prometheus
// exposition from the exact values.
type Grid struct {
	Name    GridName
	Title   string // for people, such as "Where the energy went"
	Columns []Column
	Rows    []GridRow // a total, if there is one, comes last
	Notes   []string  // what its marks mean and what its cells do not say, in sentences
}

// GridName names a grid. The set is closed.
type GridName string

// The grids, in the order of a report.
const (
	GridRows        GridName = "rows"         // models, or what else the report is by
	GridCosts       GridName = "costs"        // energy and cost on each basis
	GridEnergy      GridName = "energy"       // where the energy went; sums to all that was measured
	GridComparisons GridName = "comparisons"  // what the answered tokens would have cost elsewhere
	GridQuotes      GridName = "quotes"       // what they were compared with
	GridBreakEven   GridName = "break_even"   // when the machine has paid for itself
	GridSplit       GridName = "split"        // how much was done here and how much elsewhere
	GridElsewhere   GridName = "elsewhere"    // what gateways passed on
	GridCarbon      GridName = "carbon"       // what was emitted
	GridLearned     GridName = "learned"      // what a token takes
	GridScopes      GridName = "scopes"       // what the energies cover, and for how long
	GridGaps        GridName = "not_measured" // time without a measurement
)

// Column is one column of a grid.
type Column struct {
	// Key is the column's name for programs, in snake_case and with the unit of
	// Cell.Raw in it: energy_joules. Where the JSON has the figure it is the same
	// name.
	Key     string
	Heading string // for people: "Cached input"
	Unit    string // of Cell.Text: "tokens", "Wh", "EUR"; empty when the heading says it or there is none
	Numeric bool   // Cell.Raw is a decimal number, or empty
	Flag    bool   // Cell.Raw is true or false, or empty
	// Currency is that of a column of money, whose Cell.Raw is in units of it;
	// empty for other columns, and where no amount is known.
	Currency cost.Currency
	// Drop orders the columns by how dispensable they are where there is little
	// room: the highest goes first, and columns of one order go together; 0
	// always stays.
	Drop int
	// Hidden columns are for programs: people are told by another column or by a
	// note, or there is nothing to tell.
	Hidden bool
}

// RowKind says what a row of a grid is.
type RowKind string

// The kinds of rows.
const (
	RowItem  RowKind = "row"
	RowTotal RowKind = "total" // the sum of the others, where a column can be summed
)

// GridRow is one row, with a cell for each column of its grid.
type GridRow struct {
	Kind  RowKind
	Cells []Cell
}

// Cell is one figure or word.
type Cell struct {
	// Text is for people: rounded to what can be defended, n/a or ? where nothing
	// is known, and without any character that a terminal would obey. It is empty
	// where a total has none.
	Text string
	// Raw is exact, for programs: a number as a plain decimal without grouping or
	// exponent, a name as it was logged. Empty is unknown, and never 0.
	Raw string
}

// Grids returns the tables of a report. Grids without a row are left out, but
// for that of the rows. Of the options only ASCII matters.
func Grids(r Report, o Options) []Grid {
	s := newSheet(r, o)
	grids := []Grid{s.rowsGrid()}
	for _, g := range []Grid{s.costsGrid(), s.energyGrid(), s.comparisonsGrid(), s.quotesGrid(), s.breakEvenGrid(),
		s.splitGrid(), s.elsewhereGrid(), s.carbonGrid(), s.learnedGrid(), s.scopesGrid(), s.gapsGrid()} {
		if len(g.Rows) > 0 {
			grids = append(grids, g)
		}
	}
	return grids
}

// Find returns the grid of a name; false when the report has nothing to put in
// it.
func Find(grids []Grid, name GridName) (Grid, bool) {
	for _, g := range grids {
		if g.Name == name {
			return g, true
		}
	}
	return Grid{}, false
}

// Index is where the column with a key stands, or -1.
func (g Grid) Index(key string) int {
	for i, c := range g.Columns {
		if c.Key == key {
			return i
		}
	}
	return -1
}

// Cell returns the cell of a row in the column with a key; the empty cell when
// there is none.
func (g Grid) Cell(row GridRow, key string) Cell {
	if i := g.Index(key); i >= 0 && i < len(row.Cells) {
		return row.Cells[i]
	}
	return Cell{}
}

// sheet is a report being put into words and figures.
type sheet struct {
	report Report
	glyphs
}

func newSheet(r Report, o Options) sheet { return sheet{report: r, glyphs: newGlyphs(o.ASCII)} }

// gridOf fills a grid from items, of which each column knows its cell.
func gridOf[T any](name GridName, title string, columns []columnOf[T], items []T) Grid {
	g := Grid{Name: name, Title: title}
	for _, c := range columns {
		g.Columns = append(g.Columns, c.Column)
	}
	for _, item := range items {
		g.Rows = append(g.Rows, GridRow{RowItem, cellsOf(columns, item, false)})
	}
	return g
}

// columnOf is a column and how it draws an item.
type columnOf[T any] struct {
	Column
	cell func(T) Cell
	// total is true when the column has a cell in the row of totals.
	total bool
}

func cellsOf[T any](columns []columnOf[T], item T, total bool) []Cell {
	cells := make([]Cell, len(columns))
	for i, c := range columns {
		if !total || c.total {
			cells[i] = c.cell(item)
		}
	}
	return cells
}
