package report

import (
	"io"
	"strings"
)

// Options says how a table is drawn. Whether to colour is the caller's choice:
// a pipe, or NO_COLOR in the environment, asks for none.
type Options struct {
	Width int  // terminal columns; 0 means 80, less than 60 is drawn as 60
	ASCII bool // no block elements, and ? for letters beyond ASCII in names
	Color bool
}

// The widths of a report. Prose is not set wider than is pleasant to read.
const (
	defaultWidth = 80
	minWidth     = 60
	maxProse     = 110
)

// table is a report being drawn.
type table struct {
	sheet
	width int
	paint
	main fitted // the rows of the report
}

// WriteTable writes the report for people. No line is wider than the options
// ask for, and no number is ever cut: columns drop in a fixed order and names
// wrap.
func WriteTable(w io.Writer, r Report, o Options) error {
	t := table{sheet: newSheet(r, o), width: max(o.Width, minWidth), paint: paint(o.Color)}
	if o.Width == 0 {
		t.width = defaultWidth
	}
	t.main = t.fit(t.rowsGrid())
	blocks := [][]string{t.title(), t.head(), t.power(), t.rows(), t.bought(), t.paid(), t.where(), t.learned(), t.remote(), t.unmeasured(), layOut(t.footer(t.main.shows), t.prose(), t.faint)}
	var out strings.Builder
	for _, lines := range blocks {
		if len(lines) == 0 {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		for _, line := range lines {
			out.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// prose is the width that running text is set to.
func (t table) prose() int { return min(t.width, maxProse) }

// name is what a model is called in running text and in the first column.
func (s sheet) name(server, model string, withServer bool) string {
	name := s.clean(model)
	if model == "" {
		name = "(model not logged)"
	}
	if withServer && server != "" {
		name += " @ " + s.clean(server)
	}
	return name
}
