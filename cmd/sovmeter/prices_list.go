package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

func newPricesList(e env) *cobra.Command {
	var q priceQuery
	var asJSON, all bool
	var width int
	c := &cobra.Command{
		Use:   "list [QUERY]",
		Short: "List what providers ask, per million tokens",
		Long: `List shows the prices that stand now; with --all also those that are over and
those that are announced. With --json it is a table that sovmeter reads again; to
keep one with its history, add --all. QUERY is any part of a provider's, a model's or the
weights' name.`,
		Example: `  sovmeter prices list claude
  sovmeter prices list --provider openrouter qwen3
  sovmeter prices list --weights Qwen3-32B-Q4_K_M.gguf     hosts of what runs here
  sovmeter prices list --json --all > prices.json`,
		Args: cobra.MaximumNArgs(1),
	}
	from := addPricesFlags(c)
	c.Flags().StringVar(&q.provider, "provider", "", "only this provider's")
	c.Flags().StringVar(&q.weights, "weights", "", "only those that serve these open weights; a local model's name will do")
	c.Flags().BoolVar(&all, "all", false, "also prices that are over or announced")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON ("+prices.Schema+")")
	c.Flags().IntVar(&width, "width", 0, "columns to draw in; default the terminal's, or 80")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		t, err := from.open(e, cmd)
		if err != nil {
			return err
		}
		now := time.Now()
		q.text = strings.ToLower(strings.Join(args, ""))
		found, err := q.find(t, now, all)
		if err != nil {
			return err
		}
		if asJSON {
			return found.Write(e.stdout)
		}
		return printPrices(e.stdout, namedTable{found, t.name}, t.sourceLine(now), now, drawWidth(e.stdout, width), all)
	}
	return c
}

// priceQuery is what prices are looked for.
type priceQuery struct{ text, provider, weights string }

func (q priceQuery) find(t namedTable, now time.Time, all bool) (prices.Table, error) {
	weights := q.weights
	if w, ok := prices.WeightsOf(weights); ok {
		weights = w
	}
	var found []prices.Entry
	for _, p := range t.Entries() {
		switch {
		case !all && !p.Stands(now),
			q.provider != "" && !strings.EqualFold(p.Provider, q.provider),
			weights != "" && p.Weights != strings.ToLower(weights),
			!strings.Contains(strings.ToLower(p.Provider+"/"+p.Model+" "+p.Weights), q.text):
		default:
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return prices.Table{}, &hintError{fmt.Errorf("no price of %s in %s", q.describe(weights), t.name),
			"sovmeter prices list shows all; sovmeter prices import reads a table with more"}
	}
	return prices.NewTable(found)
}

func (q priceQuery) describe(weights string) string {
	parts := []string{"any model"}
	if q.text != "" {
		parts = []string{fmt.Sprintf("a model like %q", q.text)}
	}
	if weights != "" {
		parts = append(parts, fmt.Sprintf("with weights %s", weights))
	}
	if q.provider != "" {
		parts = append(parts, "at "+q.provider)
	}
	return strings.Join(parts, " ")
}

func printPrices(w io.Writer, found namedTable, source string, now time.Time, width int, all bool) error {
	g := priceGrid{columns: []priceColumn{
		{heading: "Provider"}, {heading: "Model"}, {heading: "Weights", drop: 4},
		{heading: "Input", number: true, point: true}, {heading: "Cached", number: true, point: true, drop: 2}, {heading: "Write", number: true, point: true, drop: 6}, {heading: "Output", number: true, point: true},
		{heading: "Long", number: true, drop: 3}, {heading: "As of", number: true, drop: 5},
	}}
	if all {
		g.columns = append(g.columns, priceColumn{heading: "From", number: true}, priceColumn{heading: "Until", number: true})
	}
	stale, long, currencies := 0, 0, map[string]bool{}
	for _, p := range found.Entries() {
		asOf, mark := priceDay(p.AsOf()), ""
		if p.Stale(now, config.DefaultStaleAfter) {
			stale++
			asOf += " *"
		}
		if len(p.Long) > 0 {
			long++
			mark = ">" + tokensShort(p.Long[0].Above)
		}
		currencies[string(p.Currency())] = true
		row := []string{
			p.Provider, nameWithHours(p), p.Weights, rateText(p.Rates.Input), rateText(p.Rates.Cached), rateText(p.Rates.CacheWrite),
			rateText(p.Rates.Output), mark, asOf,
		}
		if all {
			row = append(row, priceDay(p.From), priceDay(p.Until))
		}
		g.rows = append(g.rows, row)
	}
	if _, err := fmt.Fprintf(w, "%s\n\n", priceWrap(source, max(width, narrowest))); err != nil {
		return err
	}
	if err := g.write(w, width); err != nil {
		return err
	}
	notes := []string{fmt.Sprintf("%s, %s per million tokens. ?: no price of its own; billed like fresh input.",
		priceCount(found.Len(), "price"), strings.Join(priceKeys(currencies), " or "))}
	if long > 0 {
		notes = append(notes, "Long: longer prompts are dearer; see sovmeter prices show MODEL.")
	}
	if stale > 0 {
		notes = append(notes, fmt.Sprintf("*: %s not checked for more than %s; import a newer table.", priceCount(stale, "price"), priceDays(config.DefaultStaleAfter)))
	}
	fmt.Fprintln(w)
	for _, note := range notes {
		fmt.Fprintln(w, priceWrap(note, max(width, narrowest)))
	}
	return nil
}
