package report

import (
	"slices"
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
)

// The width of the name column: columns drop until names have as much as they
// need or wantName, and minName is left in any case.
const (
	wantName  = 18
	minName   = 8
	columnGap = 2
)

// fitted is a grid and as many of its columns as there is room for.
type fitted struct {
	Grid
	kept      []int // columns after the first, which always stays
	names     []string
	nameWidth int
}

// shows tells whether the column with a key is there.
func (f fitted) shows(key string) bool {
	i := f.Index(key)
	return i == 0 || slices.Contains(f.kept, i)
}

// fit drops columns until the grid is narrow enough, and says how much is left
// for names.
func (t table) fit(g Grid) fitted {
	f := fitted{Grid: g, names: namesOf(g)}
	widths, longest := make([]int, len(g.Columns)), width(g.Columns[0].Heading)
	for i, c := range g.Columns {
		if i > 0 && !c.Hidden {
			f.kept = append(f.kept, i)
			widths[i] = columnWidth(g, i)
		}
	}
	for _, name := range f.names {
		longest = max(longest, width(name))
	}
	for {
		left, most := t.width, 0
		for _, i := range f.kept {
			left -= columnGap + widths[i]
			most = max(most, g.Columns[i].Drop)
		}
		if left >= min(longest, wantName) || most == 0 {
			f.nameWidth = min(max(left, minName), longest)
			break
		}
		f.kept = slices.DeleteFunc(f.kept, func(i int) bool { return g.Columns[i].Drop == most })
	}
	if f.Index("server") > 0 && f.shows("server") {
		for i, row := range g.Rows {
			f.names[i] = row.Cells[0].Text
		}
	}
	return f
}

// namesOf are the rows' names, with the server's where there is more than one.
func namesOf(g Grid) []string {
	names, at := make([]string, len(g.Rows)), g.Index("server")
	many := false
	for _, row := range g.Rows {
		many = many || at > 0 && !g.Columns[at].Hidden && row.Kind == RowItem && row.Cells[at].Raw != g.Rows[0].Cells[at].Raw
	}
	for i, row := range g.Rows {
		names[i] = row.Cells[0].Text
		if many && row.Kind == RowItem && row.Cells[at].Raw != "" {
			names[i] += " @ " + row.Cells[at].Text
		}
	}
	return names
}

// columnWidth is how much the heading and the cells need.
func columnWidth(g Grid, i int) int {
	need := max(longestWord(g.Columns[i].Heading), longestWord(g.Columns[i].Unit))
	for _, row := range g.Rows {
		need = max(need, width(row.Cells[i].Text))
	}
	return need
}

// headingLines sets a column's heading as narrow as its cells, the unit last.
func headingLines(c Column, limit int) []string {
	var lines []string
	for _, text := range []string{c.Heading, c.Unit} {
		if text != "" {
			lines = append(lines, wrapWords(text, limit)...)
		}
	}
	return lines
}

func longestWord(s string) int {
	longest := 0
	for word := range strings.FieldsSeq(s) {
		longest = max(longest, width(word))
	}
	return longest
}

// draw sets the grid as lines.
func (t table) draw(f fitted) []string {
	out := newPretty(t)
	heading := pretty.Row{t.boldLines(strings.Join(headingLines(f.Columns[0], f.nameWidth), "\n"))}
	for _, i := range f.kept {
		heading = append(heading, t.boldLines(strings.Join(headingLines(f.Columns[i], columnWidth(f.Grid, i)), "\n")))
	}
	out.AppendHeader(heading)
	for i, row := range f.Rows {
		if row.Kind == RowTotal {
			out.AppendSeparator()
		}
		cells := pretty.Row{strings.Join(wrapName(f.names[i], f.nameWidth), "\n")}
		for _, k := range f.kept {
			cells = append(cells, row.Cells[k].Text)
		}
		out.AppendRow(cells)
	}
	alignRight(out, f)
	return strings.Split(out.Render(), "\n")
}

// faintNotes sets sentences under a table.
func (t table) faintNotes(notes []string) []string {
	var lines []string
	for _, n := range notes {
		for _, line := range wrapWords(n, t.prose()) {
			lines = append(lines, t.faint(line))
		}
	}
	return lines
}
