package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// reportFlags are the flags of report as they were typed.
type reportFlags struct {
	spec                                report.Spec
	by, basis, compare                  string
	maxCost, requireSource, minCoverage string
	format, out                         string
	json, ascii                         bool
	width                               int
}

func (f *reportFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.spec.Since, "since", "", "begin of the period: a date, a date and time, today or yesterday")
	c.Flags().StringVar(&f.spec.Until, "until", "", "end of the period, exclusive; default now")
	c.Flags().StringVar(&f.spec.Last, "last", "", "the last hours or days, such as 24h or 7d")
	c.Flags().StringVar(&f.by, "by", string(report.ByModel), "what the rows are: "+words(report.Bys()))
	c.Flags().StringVar(&f.basis, "basis", string(cost.Marginal), "which energy costs count: marginal, active, dedicated or loaded")
	c.Flags().StringVar(&f.compare, "compare", "", "what to compare with in place of the config's substitute: PROVIDER/MODEL")
	c.Flags().StringVar(&f.maxCost, "max-cost", "", "end with code 3 when the period cost more, on the basis and in the tariff's currency")
	c.Flags().StringVar(&f.requireSource, "require-source", "", "end with code 5 when energy was measured at a weaker place: "+words(scopeRanks()))
	c.Flags().StringVar(&f.minCoverage, "min-coverage", "", "end with code 4 when less of the period was measured, such as 90%")
	c.Flags().StringVar(&f.format, "format", "", "how to write it: "+words(report.Formats())+"; default by the name of --out, or table")
	c.Flags().StringVar(&f.out, "out", "", "file to write to, replaced as a whole; default standard output")
	c.Flags().BoolVar(&f.json, "json", false, "the same as --format json (sovmeter.report/v1)")
	c.Flags().BoolVar(&f.ascii, "ascii", false, "draw with ASCII characters only")
	c.Flags().IntVar(&f.width, "width", 0, "columns to draw a table in; default the terminal's, or 80")
}

// reportWish is what the flags ask for, checked as far as it can be without the
// config.
type reportWish struct {
	spec     report.Spec
	by       report.By
	basis    cost.Basis
	compare  string
	format   report.Format
	out      string
	ascii    bool
	width    int
	coverage float64 // least, 0 to 1; 0: any
	source   string  // weakest scope; empty: any
	maxCost  string
}

func (f *reportFlags) parse() (reportWish, error) {
	w := reportWish{spec: f.spec, compare: f.compare, out: f.out, ascii: f.ascii, width: f.width,
		source: f.requireSource, maxCost: f.maxCost}
	var err error
	if w.by, err = report.ParseBy(f.by); err != nil {
		return reportWish{}, fmt.Errorf("--by: %w", err)
	}
	if w.basis, err = cost.ParseBasis(f.basis); err != nil {
		return reportWish{}, fmt.Errorf("--basis: %w", err)
	}
	if w.format, err = f.chosenFormat(); err != nil {
		return reportWish{}, err
	}
	if w.coverage, err = parseRatio(f.minCoverage); err != nil {
		return reportWish{}, fmt.Errorf("--min-coverage: %w", err)
	}
	if w.source != "" && !slices.Contains(scopeRanks(), w.source) {
		return reportWish{}, fmt.Errorf("--require-source %q: want one of %s", w.source, words(scopeRanks()))
	}
	if w.compare != "" && !strings.Contains(w.compare, "/") {
		return reportWish{}, fmt.Errorf("--compare %q: want PROVIDER/MODEL, as sovmeter prices list shows them", w.compare)
	}
	if w.width < 0 {
		return reportWish{}, fmt.Errorf("--width %d: want columns, 60 or more", w.width)
	}
	return w, nil
}

// chosenFormat is the one that is named, or that the file to write is named for.
func (f *reportFlags) chosenFormat() (report.Format, error) {
	name := f.format
	switch {
	case f.json && name != "" && name != string(report.JSON):
		return "", fmt.Errorf("--json and --format %s contradict each other", name)
	case f.json:
		name = string(report.JSON)
	case name == "":
		name = formatOfName(f.out)
	}
	format, err := report.ParseFormat(name)
	if err != nil {
		return "", fmt.Errorf("--format: %w", err)
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

// parseRatio reads 0.9 or 90%; empty is 0.
func parseRatio(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	number, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("%q: want a part such as 90%% or 0.9", text)
	}
	return v, nil
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
func (w reportWish) write(stdout io.Writer, r report.Report) error {
	o := tableOptions(stdout, w.width, w.ascii)
	if w.out == "" {
		return writeFormat(stdout, r, w.format, o)
	}
	o = report.Options{Width: w.width, ASCII: w.ascii}
	return writeWhole(w.out, func(file io.Writer) error { return writeFormat(file, r, w.format, o) })
}
