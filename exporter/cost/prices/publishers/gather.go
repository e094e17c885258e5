package publishers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// gatherer collects the entries of a file and counts what it leaves out.
type gatherer struct {
	table Table
	taken map[string]bool
	skips map[Reason]*Skip
}

func newGatherer(f Format, day time.Time) *gatherer {
	return &gatherer{table: Table{Format: f, Day: day}, taken: map[string]bool{}, skips: map[Reason]*Skip{}}
}

func (g *gatherer) skip(r Reason, provider, model string) {
	s, ok := g.skips[r]
	if !ok {
		s = &Skip{Reason: r}
		if example := strings.TrimSpace(provider + " " + model); prices.Printable(example) {
			s.Example = example
		}
		g.skips[r] = s
	}
	s.Count++
}

// period is prices that held for a time, by length of prompt.
type period struct {
	from, until time.Time
	hours       prices.Hours
	base        card
	long        map[int64]card // by the mark that prompts have to exceed
}

// add takes the prices of a period into a copy of e, or skips them.
func (g *gatherer) add(e prices.Entry, p period) {
	e.From, e.Until, e.Hours = p.from, p.until, p.hours
	key := fmt.Sprintf("%s\n%s\n%v\n%v", e.Provider, strings.ToLower(e.Model), e.From, e.Hours)
	fault := p.base.fault()
	switch {
	case strings.TrimSpace(e.Provider) == "" || strings.TrimSpace(e.Model) == "" || !prices.Printable(e.Provider+e.Model+e.Weights+strings.Join(e.Also, "")):
		g.skip(Broken, "", "")
		return
	case fault == "" && g.taken[key]:
		fault = Twice
	}
	if fault != "" {
		g.skip(fault, e.Provider, e.Model)
		return
	}
	if storesForMore(e) {
		p = p.withoutWrite()
	}
	e.Rates = p.base.rates()
	for _, above := range sortedMarks(p.long) {
		c := p.long[above].over(p.base)
		if c.fault() != "" {
			g.skip(c.fault(), e.Provider, fmt.Sprintf("%s above %d tokens", e.Model, above))
			return
		}
		if r := c.rates(); r != e.Rates {
			e.Long = append(e.Long, prices.LongContext{Above: above, Rates: r})
		}
	}
	g.taken[key] = true
	g.table.Entries = append(g.table.Entries, e)
}

// storesForMore reports whether the price of cache writes comes on top of that
// of fresh input, not in its place: OpenRouter's for Gemini is that of storing for
// five minutes, a twelfth of Google's 1.00 or 4.50 an hour.
func storesForMore(e prices.Entry) bool {
	return e.Provider == "openrouter" && strings.HasPrefix(e.Model, "google/gemini")
}

func (p period) withoutWrite() period {
	p.base.cacheWrite = amount{}
	long := map[int64]card{}
	for above, c := range p.long {
		c.cacheWrite = amount{}
		long[above] = c
	}
	p.long = long
	return p
}

func sortedMarks(long map[int64]card) []int64 {
	var marks []int64
	for above := range long {
		if above > 0 {
			marks = append(marks, above)
		}
	}
	slices.Sort(marks)
	return marks
}

func (g *gatherer) finish() Table {
	source := strings.TrimSpace(string(g.table.Format) + " " + dayOf(g.table.Day))
	for i := range g.table.Entries {
		e := &g.table.Entries[i]
		e.Published, e.Source = g.table.Day, source
	}
	for _, s := range g.skips {
		g.table.Skipped = append(g.table.Skipped, *s)
	}
	slices.SortFunc(g.table.Skipped, func(a, b Skip) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(string(a.Reason), string(b.Reason)))
	})
	return g.table
}

func dayOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.DateOnly)
}
