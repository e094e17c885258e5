package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/exporter/report/html"
)

// drawFlags say how a report is drawn, wherever it is from.
type drawFlags struct {
	formatFlag             string
	by, basis, format, out string
	json, ascii            bool
	width                  int
}

// add adds the flags to c. The format's has another name where there is a
// format already.
func (f *drawFlags) add(c *cobra.Command, format string) {
	f.formatFlag = format
	c.Flags().StringVar(&f.by, "by", string(report.ByModel), "what the rows are: "+words(report.Bys()))
	c.Flags().StringVar(&f.basis, "basis", string(cost.Marginal), "which energy costs count: marginal, active, dedicated or loaded")
	c.Flags().StringVar(&f.format, format, "", "how to write it: "+words(report.Formats())+"; default by the name of --out, or table")
	c.Flags().StringVar(&f.out, "out", "", "file to write to, replaced as a whole; default standard output")
	c.Flags().BoolVar(&f.json, "json", false, "the same as --"+format+" json (sovmeter.report/v1)")
	c.Flags().BoolVar(&f.ascii, "ascii", false, "draw with ASCII characters only")
	c.Flags().IntVar(&f.width, "width", 0, "columns to draw a table in; default the terminal's, or 80")
}

// drawing is what the flags ask for.
type drawing struct {
	by     report.By
	basis  cost.Basis
	format report.Format
	out    string // empty: standard output
	ascii  bool
	width  int
}

func (f *drawFlags) parse() (drawing, error) {
	d := drawing{out: f.out, ascii: f.ascii, width: f.width}
	var err error
	if d.by, err = report.ParseBy(f.by); err != nil {
		return drawing{}, fmt.Errorf("--by: %w", err)
	}
	if d.basis, err = cost.ParseBasis(f.basis); err != nil {
		return drawing{}, fmt.Errorf("--basis: %w", err)
	}
	if d.format, err = f.chosenFormat(); err != nil {
		return drawing{}, err
	}
	if d.width < 0 {
		return drawing{}, fmt.Errorf("--width %d: want columns, 60 or more", d.width)
	}
	return d, nil
}

// chosenFormat is the one that is named, or that the file to write is named for.
func (f *drawFlags) chosenFormat() (report.Format, error) {
	name := f.format
	switch {
	case f.json && name != "" && name != string(report.JSON):
		return "", fmt.Errorf("--json and --%s %s contradict each other", f.formatFlag, name)
	case f.json:
		name = string(report.JSON)
	case name == "":
		name = formatOfName(f.out)
	}
	format, err := report.ParseFormat(name)
	if err != nil {
		return "", fmt.Errorf("--%s: %w", f.formatFlag, err)
	}
	return format, nil
}

// formatOfName guesses by the end of a file's name.
func formatOfName(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return string(report.JSON)
	case ".jsonl":
		return string(report.JSONL)
	case ".csv":
		return string(report.CSV)
	case ".md":
		return string(report.Markdown)
	case ".html", ".htm":
		return string(report.HTML)
	case ".prom":
		return string(report.Prometheus)
	}
	return string(report.Table)
}

// words lists names for a help text.
func words[S ~string](names []S) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}

// write writes the report in the format asked for, to its file or to stdout. A
// file is there whole or not at all.
func (d drawing) write(stdout io.Writer, r report.Report) error {
	o := tableOptions(stdout, d.width, d.ascii)
	if d.out != "" {
		o = report.Options{Width: d.width, ASCII: d.ascii}
		return writeWhole(d.out, func(file io.Writer) error { return writeFormat(file, r, d.format, o) })
	}
	if err := writeFormat(stdout, r, d.format, o); err != nil {
		return fmt.Errorf("print report: %w", err)
	}
	return nil
}

// writeFormat writes a report in any format there is.
func writeFormat(w io.Writer, r report.Report, f report.Format, o report.Options) error {
	if f == report.HTML {
		return html.Write(w, r, html.Options{Generator: "sovmeter " + version()})
	}
	return report.Write(w, r, f, o)
}

// tableOptions fits a table to where it goes: a terminal's own width and
// colours, 80 plain columns elsewhere.
func tableOptions(w io.Writer, width int, ascii bool) report.Options {
	o := report.Options{Width: width, ASCII: ascii}
	f, ok := w.(*os.File)
	if !ok || !isTerminal(f) {
		return o
	}
	_, plain := os.LookupEnv("NO_COLOR")
	o.Color = !plain && os.Getenv("TERM") != "dumb"
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil && o.Width == 0 {
		o.Width = columns
	}
	return o
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
