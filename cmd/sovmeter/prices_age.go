package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

func newPricesAge(e env) *cobra.Command {
	var limit, width int
	c := &cobra.Command{
		Use:   "age",
		Short: "List the prices that nobody has checked for long",
		Long: `Age lists the prices in force that were last held against the provider's page,
or else last published in a table, more than some days ago; the oldest first.

Exit codes: 0 all are fresh, 1 error, 2 wrong arguments or config, 3 some are
stale.`,
		Example: `  sovmeter prices age
  sovmeter prices age --days 30 --prices prices.json || echo "time for a new table"`,
	}
	from := addPricesFlags(c)
	c.Flags().IntVar(&limit, "days", int(config.DefaultStaleAfter/(24*time.Hour)), "days after which a price is stale")
	c.Flags().IntVar(&width, "width", 0, "columns to draw in; default the terminal's, or 80")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if limit < 1 || limit > 36500 {
			return &usageError{fmt.Errorf("days %d: want 1 to 36500", limit)}
		}
		t, err := from.open(e, cmd)
		if err != nil {
			return err
		}
		now := time.Now()
		fmt.Fprintf(e.stdout, "%s\n", t.sourceLine(now))
		return printAge(e.stdout, t, now, limit, drawWidth(e.stdout, width))
	}
	return c
}

func printAge(w io.Writer, t namedTable, now time.Time, limit, width int) error {
	var stale []prices.Entry
	all := 0
	for _, p := range t.Entries() {
		if !p.Stands(now) {
			continue
		}
		all++
		if p.Stale(now, time.Duration(limit)*24*time.Hour) {
			stale = append(stale, p)
		}
	}
	if len(stale) == 0 {
		_, err := fmt.Fprintf(w, "All %s in force were checked, or at least published, in the last %d days.\n", priceCount(all, "price"), limit)
		return err
	}
	slices.SortStableFunc(stale, func(a, b prices.Entry) int { return a.AsOf().Compare(b.AsOf()) })
	g := priceGrid{columns: []priceColumn{
		{heading: "Provider"}, {heading: "Model"}, {heading: "As of", number: true}, {heading: "Days", number: true}, {heading: "What it says", drop: 2},
	}}
	for _, p := range stale {
		age, says := "?", "nothing"
		if !p.AsOf().IsZero() {
			age = strings.TrimSuffix(strings.TrimSuffix(priceDays(now.Sub(p.AsOf())), "s"), " day")
			says = "day of the table"
		}
		if !p.Checked.IsZero() {
			says = "checked"
		}
		g.rows = append(g.rows, []string{p.Provider, p.Model, priceDay(p.AsOf()), age, says})
	}
	fmt.Fprintln(w)
	if err := g.write(w, width); err != nil {
		return err
	}
	return &hintError{
		&limitError{exitThreshold, fmt.Sprintf("%d of %d prices in force were not checked or published for more than %d days", len(stale), all, limit)},
		"download a newer table and import it: sovmeter prices --help says where they are",
	}
}
