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

func newPricesShow(e env) *cobra.Command {
	var provider, at string
	var width int
	c := &cobra.Command{
		Use:   "show MODEL",
		Short: "Show all that is known about a model's price",
		Long: `Show says what a million tokens of each kind cost, for prompts of each length,
since when, as of when and from which table, and what was asked before. MODEL is
a name as the provider has it, with or without the date of a snapshot, or a local
model's name: then all who serve the same open weights are shown.`,
		Example: `  sovmeter prices show claude-sonnet-4-5-20250929
  sovmeter prices show --provider openrouter qwen/qwen3-32b
  sovmeter prices show Qwen3-32B-Q4_K_M.gguf
  sovmeter prices show claude-sonnet-5 --at 2026-08-15`,
		Args: cobra.ExactArgs(1),
	}
	from := addPricesFlags(c)
	c.Flags().StringVar(&provider, "provider", "", "only this provider's")
	c.Flags().StringVar(&at, "at", "", "the day to look at, such as 2026-03-01, or a time in RFC 3339; default now")
	c.Flags().IntVar(&width, "width", 0, "columns to draw in; default the terminal's, or 80")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		now := time.Now()
		when, err := parsePriceDay(at, now)
		if err != nil {
			return err
		}
		t, err := from.open(e, cmd)
		if err != nil {
			return err
		}
		found := t.lookUp(provider, args[0], when)
		if len(found) == 0 {
			return t.notFound(provider, args[0], when)
		}
		for i, p := range found {
			if i > 0 {
				fmt.Fprintln(e.stdout)
			}
			if err := showPrice(e.stdout, t, p, when, now, drawWidth(e.stdout, width)); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

func parsePriceDay(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, &usageError{fmt.Errorf("day %q: want a day such as 2026-03-01, or a time such as 2026-03-01T18:00:00Z", text)}
}

// lookUp finds a model by its name at any provider or at one, as provider/model,
// or by its weights.
func (t namedTable) lookUp(provider, model string, at time.Time) []prices.Entry {
	var found []prices.Entry
	for _, p := range t.providers() {
		if provider != "" && !strings.EqualFold(p, provider) {
			continue
		}
		if e, ok := t.Find(p, model, at); ok {
			found = append(found, e)
		}
	}
	if first, rest, ok := strings.Cut(model, "/"); ok && len(found) == 0 && provider == "" {
		if e, ok := t.Find(first, rest, at); ok {
			found = append(found, e)
		}
	}
	// A name without an owner may be that of a local model, and of one at a
	// provider by chance.
	w, ok := prices.WeightsOf(model)
	if !ok || len(found) > 0 && strings.Contains(model, "/") {
		return found
	}
	for _, e := range t.Hosts(w, at) {
		known := slices.ContainsFunc(found, func(o prices.Entry) bool { return o.Provider == e.Provider && o.Model == e.Model })
		if !known && (provider == "" || strings.EqualFold(e.Provider, provider)) {
			found = append(found, e)
		}
	}
	return found
}

func (t namedTable) providers() []string {
	var names []string
	for _, e := range t.Entries() {
		if len(names) == 0 || !strings.EqualFold(names[len(names)-1], e.Provider) {
			names = append(names, e.Provider)
		}
	}
	return names
}

// maxLike is how many models are named that may have been meant.
const maxLike = 5

// leastLike is how many characters of a name have to be the same: "o" is a part
// of most.
const leastLike = 3

// notFound says what may have been meant.
func (t namedTable) notFound(provider, model string, at time.Time) error {
	err := fmt.Errorf("no price of %s on %s in %s", model, at.UTC().Format(time.DateOnly), t.name)
	if provider != "" {
		err = fmt.Errorf("no price of %s at %s on %s in %s", model, provider, at.UTC().Format(time.DateOnly), t.name)
	}
	asked := strings.ToLower(model[strings.LastIndexByte(model, '/')+1:])
	stem := strings.TrimRight(asked, "0123456789.:-")
	seen := map[string]bool{}
	var like []string
	for _, part := range []string{asked, stem} {
		for _, e := range t.Entries() {
			name := e.Provider + "/" + e.Model
			if len(part) >= leastLike && len(like) < maxLike && !seen[name] && strings.Contains(strings.ToLower(e.Model+" "+e.Weights), part) {
				seen[name] = true
				like = append(like, name)
			}
		}
	}
	if len(like) == 0 {
		return &hintError{err, "sovmeter prices list shows what is there; sovmeter prices import reads a table with more"}
	}
	return &hintError{err, "there are " + strings.Join(like, ", ")}
}

func showPrice(w io.Writer, t namedTable, p prices.Entry, at, now time.Time, width int) error {
	fmt.Fprintf(w, "%s  %s\n\n", p.Provider, p.Model)
	if err := costGrid(p).write(w, width); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, f := range priceFacts(p, at, now) {
		text := strings.ReplaceAll(priceWrap(f[1], max(narrowest, width-12)), "\n", "\n            ")
		fmt.Fprintf(w, "%-12s%s\n", f[0], text)
	}
	return writeHistory(w, t, p, width)
}

// costGrid is what a million tokens of each kind cost, by length of prompt.
func costGrid(p prices.Entry) priceGrid {
	g := priceGrid{columns: []priceColumn{{heading: "1,000,000 tokens"}}}
	kinds := []string{"in, fresh", "in, from the cache", "in, into the cache", "out"}
	for _, k := range kinds {
		g.rows = append(g.rows, []string{k})
	}
	bands, headings := []prices.Rates{p.Rates}, []string{string(p.Currency())}
	if len(p.Long) > 0 {
		headings[0] = "Prompts to " + tokensShort(p.Long[0].Above)
	}
	for _, l := range p.Long {
		bands = append(bands, l.Rates)
		headings = append(headings, "above "+tokensShort(l.Above))
	}
	for i, b := range bands {
		g.columns = append(g.columns, priceColumn{heading: headings[i], number: true, point: true})
		for j, r := range []prices.Rate{b.Input, b.Cached, b.CacheWrite, b.Output} {
			text := rateText(r)
			if !r.Known && b.Input.Known {
				text = "as fresh"
			}
			g.rows[j] = append(g.rows[j], text)
		}
	}
	return g
}

// priceFacts is the rest that is known, as names and texts.
func priceFacts(p prices.Entry, at, now time.Time) [][2]string {
	facts := [][2]string{{"currency", string(p.Currency())}}
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, [2]string{name, text})
		}
	}
	since := "since a day that is not known"
	if !p.From.IsZero() {
		since = "since " + priceDay(p.From)
	}
	if !p.Until.IsZero() {
		since += ", until " + priceDay(p.Until)
	}
	add("in force", since)
	if h := p.Hours.String(); h != "" {
		add("hours", h+" UTC each day")
	}
	if len(p.Long) > 0 {
		add("long", "a prompt of more tokens, cached ones included, reprices the whole request")
	}
	if p.BatchRatio > 0 {
		add("in a batch", fmt.Sprintf("%.4g %% of the price", 100*p.BatchRatio))
	}
	add("weights", p.Weights)
	add("also", strings.Join(p.Also, ", "))
	add("as of", ageText(p, at, now))
	add("source", p.Source)
	return facts
}

func ageText(p prices.Entry, at, now time.Time) string {
	if p.AsOf().IsZero() {
		return "a day that is not told"
	}
	how := "checked at the provider"
	if p.Checked.IsZero() {
		how = "the day of the table; nobody tells of a check"
	}
	text := fmt.Sprintf("%s, %s (%s)", priceDay(p.AsOf()), priceDays(now.Sub(p.AsOf()))+" ago", how)
	if p.Stale(now, config.DefaultStaleAfter) {
		text += "; stale: import a newer table"
	}
	if at.Before(p.AsOf()) && p.From.IsZero() {
		text += "; what was asked before is not known"
	}
	return text
}

// writeHistory lists all prices of the model that are known, when there are
// several.
func writeHistory(w io.Writer, t namedTable, p prices.Entry, width int) error {
	g := priceGrid{columns: []priceColumn{
		{heading: "From"}, {heading: "Until"}, {heading: "Hours", drop: 3}, {heading: "Input", number: true, point: true}, {heading: "Cached", number: true, point: true, drop: 2}, {heading: "Output", number: true, point: true},
	}}
	for _, e := range t.Entries() {
		if e.Provider == p.Provider && e.Model == p.Model {
			g.rows = append(g.rows, []string{priceDay(e.From), priceDay(e.Until), e.Hours.String(), rateText(e.Rates.Input), rateText(e.Rates.Cached), rateText(e.Rates.Output)})
		}
	}
	if len(g.rows) < 2 {
		return nil
	}
	fmt.Fprintln(w)
	return g.write(w, width)
}
