package report

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// writeCSV writes the rows as RFC 4180 has it, with a heading and without a
// total, so that a column can be summed and files can be appended to each other.
//
// A field that a spreadsheet would take for a formula, as a model may be named
// by whoever calls it, gets a ' before it, and control characters in names become
// question marks. Numbers are left alone.
func writeCSV(w io.Writer, r Report) error {
	g := newSheet(r, Options{}).rowsGrid()
	out := csv.NewWriter(w)
	out.UseCRLF = true
	fields := make([]string, len(g.Columns))
	for i, c := range g.Columns {
		fields[i] = c.Key
	}
	if err := out.Write(fields); err != nil {
		return err
	}
	for _, row := range g.Rows {
		if row.Kind != RowItem {
			continue
		}
		for i, c := range row.Cells {
			fields[i] = c.Raw
			if !g.Columns[i].Numeric {
				fields[i] = disarm(c.Raw)
			}
		}
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// disarm makes a name one that no spreadsheet reckons with.
func disarm(name string) string {
	name = Clean(name)
	first, _ := utf8.DecodeRuneInString(name)
	if name != "" && strings.ContainsRune("=+-@＝＋－＠", first) { // spreadsheets take the wide ones, too
		return "'" + name
	}
	return name
}
