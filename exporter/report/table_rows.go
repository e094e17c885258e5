package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// noRows stands in for a table without a row.
const noRows = "No request was in flight in this period."

// rows draws one row per model, or per what else the report is by.
func (t table) rows() []string {
	if len(t.report.items()) == 0 {
		return []string{noRows}
	}
	return append(t.draw(t.main), t.faintNotes(t.notes(t.main))...)
}

// hidden names the columns that were dropped and that no note stands in for.
func hidden(f fitted) []string {
	var names []string
	for i, c := range f.Columns {
		if i == 0 || c.Hidden || f.shows(c.Key) || c.Drop == dropOutcomes || c.Key == "server" {
			continue
		}
		names = append(names, lowerFirst(c.Heading))
	}
	return names
}

// lowerFirst is a heading within a sentence; one that begins with a symbol, such
// as J or EUR, stays as it is.
func lowerFirst(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if !unicode.IsLower(second) {
		return s
	}
	return strings.ToLower(string(first)) + s[n:]
}

// multiServer tells whether more than one server was at work.
func (r Report) multiServer() bool {
	for _, m := range r.Models {
		if m.Server != r.Models[0].Server {
			return true
		}
	}
	return false
}
