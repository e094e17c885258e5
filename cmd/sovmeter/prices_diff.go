package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

func newPricesDiff(e env) *cobra.Command {
	var provider string
	var width int
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what got cheaper, dearer, new or gone between two tables",
		Long: `Diff compares what two tables say is asked today. OLD and NEW are tables of any
kind that sovmeter reads, gzipped or not, or the word shipped. Models at the same
price are only counted.

Exit codes: 0 whether or not there is a difference, 1 error, 2 wrong arguments.`,
		Example: `  sovmeter prices diff shipped prices.json
  sovmeter prices diff --provider openrouter july.json august.json.gz`,
		Args: cobra.ExactArgs(2),
	}
	c.Flags().StringVar(&provider, "provider", "", "only this provider's")
	c.Flags().IntVar(&width, "width", 0, "columns to draw in; default the terminal's, or 80")
	c.RunE = func(_ *cobra.Command, args []string) error {
		before, err := openPrices(args[0])
		if err != nil {
			return err
		}
		after, err := openPrices(args[1])
		if err != nil {
			return err
		}
		all := prices.Diff(before.Table, after.Table, time.Now())
		return printDiff(e.stdout, all, provider, drawWidth(e.stdout, width))
	}
	return c
}

func printDiff(w io.Writer, all []prices.Difference, provider string, width int) error {
	g := priceGrid{columns: []priceColumn{
		{heading: "Change"}, {heading: "Provider"}, {heading: "Model"},
		{heading: "Input", number: true, point: true}, {heading: "now", number: true, point: true}, {heading: "%", number: true, drop: 2},
		{heading: "Output", number: true, point: true}, {heading: "now", number: true, point: true}, {heading: "%", number: true, drop: 2},
	}}
	count := map[prices.Change]int{}
	for _, change := range []prices.Change{prices.Cheaper, prices.Dearer, prices.Mixed, prices.New, prices.Gone, prices.Same} {
		for _, d := range all {
			named := d.New
			if d.Change == prices.Gone {
				named = d.Old
			}
			if d.Change != change || provider != "" && !strings.EqualFold(named.Provider, provider) {
				continue
			}
			count[change]++
			if change != prices.Same {
				g.rows = append(g.rows, append([]string{changeText(d), named.Provider, nameInDiff(named)}, diffCells(d)...))
			}
		}
	}
	if len(g.rows) > 0 {
		if err := g.write(w, width); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "%s cheaper, %s dearer, %s dearer and cheaper, %s new, %s gone, %s the same; per million tokens\n",
		priceThousands(int64(count[prices.Cheaper])), priceThousands(int64(count[prices.Dearer])), priceThousands(int64(count[prices.Mixed])),
		priceThousands(int64(count[prices.New])), priceThousands(int64(count[prices.Gone])), priceThousands(int64(count[prices.Same])))
	return err
}

// nameInDiff is the model, with what else a price is told apart by.
func nameInDiff(p prices.Entry) string {
	if c := p.Currency(); c != "USD" {
		return fmt.Sprintf("%s in %s", nameWithHours(p), c)
	}
	return nameWithHours(p)
}

// changeText is the change, with what has changed where that is neither column.
func changeText(d prices.Difference) string {
	old, now := d.Old.Rates, d.New.Rates
	switch {
	case d.Change == prices.New, d.Change == prices.Gone, old.Input != now.Input, old.Output != now.Output:
		return string(d.Change)
	case old != now:
		return string(d.Change) + " (cache)"
	}
	return string(d.Change) + " (long prompts)"
}

func diffCells(d prices.Difference) []string {
	var cells []string
	for _, pair := range [][2]prices.Rate{{d.Old.Rates.Input, d.New.Rates.Input}, {d.Old.Rates.Output, d.New.Rates.Output}} {
		percent := ""
		if r, ok := prices.Ratio(pair[0], pair[1]); ok && r != 0 {
			percent = fmt.Sprintf("%+.0f %%", 100*r)
		}
		for _, r := range pair {
			if !r.Known {
				cells = append(cells, "")
				continue
			}
			cells = append(cells, rateText(r))
		}
		cells = append(cells, percent)
	}
	return cells
}
