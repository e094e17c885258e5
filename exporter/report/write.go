package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Format is a way to write a report down.
type Format string

// The formats.
const (
	Table      Format = "table"    // for people, at a terminal
	JSON       Format = "json"     // everything, as the schema sovmeter.report/v1 has it
	JSONL      Format = "jsonl"    // the rows, one object a line
	CSV        Format = "csv"      // the rows, for spreadsheets
	Markdown   Format = "markdown" // all tables, for an issue or a wiki
	HTML       Format = "html"     // one page that stands alone; package html writes it
	Prometheus Format = "prom"     // gauges in the text exposition format
	OneLine    Format = "oneline"  // for a status bar
)

// Formats returns all formats, the usual ones first.
func Formats() []Format {
	return []Format{Table, JSON, JSONL, CSV, Markdown, HTML, Prometheus, OneLine}
}

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	if f := Format(name); slices.Contains(Formats(), f) {
		return f, nil
	}
	names := make([]string, len(Formats()))
	for i, f := range Formats() {
		names[i] = string(f)
	}
	return "", fmt.Errorf("format %q: want %s or %s: %w", name, strings.Join(names[:len(names)-1], ", "), names[len(names)-1], ErrFormat)
}

// Write writes the report in a format. HTML is drawn by a package of its own,
// and ErrFormat here.
func Write(w io.Writer, r Report, f Format, o Options) error {
	switch f {
	case Table:
		return WriteTable(w, r, o)
	case JSON:
		return WriteJSON(w, r)
	case JSONL:
		return writeJSONL(w, r)
	case CSV:
		return writeCSV(w, r)
	case Markdown:
		return writeMarkdown(w, r, o)
	case Prometheus:
		return writePrometheus(w, r)
	case OneLine:
		return writeOneLine(w, r, o)
	}
	return fmt.Errorf("format %q: %w", f, ErrFormat)
}
