package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// reportFlags are the flags of report as they were typed.
type reportFlags struct {
	drawFlags
	spec                                report.Spec
	compare                             string
	maxCost, requireSource, minCoverage string
}

func (f *reportFlags) add(c *cobra.Command) {
	f.drawFlags.add(c, "format")
	c.Flags().StringVar(&f.spec.Since, "since", "", "begin of the period: a date, a date and time, today or yesterday")
	c.Flags().StringVar(&f.spec.Until, "until", "", "end of the period, exclusive; default now")
	c.Flags().StringVar(&f.spec.Last, "last", "", "the last hours or days, such as 24h or 7d; by day, from midnight on")
	c.Flags().StringVar(&f.compare, "compare", "", "what to compare with in place of the config's substitute: PROVIDER/MODEL")
	c.Flags().StringVar(&f.maxCost, "max-cost", "", "end with code 3 when the period cost more, on the basis and in the tariff's currency")
	c.Flags().StringVar(&f.requireSource, "require-source", "", "end with code 5 when energy was measured at a weaker place: "+words(scopeRanks()))
	c.Flags().StringVar(&f.minCoverage, "min-coverage", "", "end with code 4 when less of the period was measured, such as 90%")
}

// reportWish is what the flags ask for, checked as far as it can be without the
// config.
type reportWish struct {
	drawing
	spec     report.Spec
	compare  string
	coverage float64 // least, 0 to 1; 0: any
	source   string  // weakest scope; empty: any
	maxCost  string
}

func (f *reportFlags) parse() (reportWish, error) {
	w := reportWish{spec: f.spec, compare: f.compare, source: f.requireSource, maxCost: f.maxCost}
	var err error
	if w.drawing, err = f.drawFlags.parse(); err != nil {
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
	return w, nil
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
