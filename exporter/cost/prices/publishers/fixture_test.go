package publishers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

func tableDay() time.Time { return time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC) }

// read reads a file that has to be usable, entries and all.
func read(t *testing.T, f publishers.Format, text string) publishers.Table {
	t.Helper()
	tab, err := publishers.Read(f, []byte(text), tableDay())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := prices.NewTable(tab.Entries); err != nil {
		t.Fatal(err)
	}
	if got, ok := publishers.Detect([]byte(text)); !ok || got != f {
		t.Errorf("detected as %q, %v; want %s", got, ok, f)
	}
	return tab
}

// line is an entry in a line: provider, model, what is set, and the rates as
// input/cached/cache write/output, with ? for those that are unknown.
func line(e prices.Entry) string {
	parts := []string{e.Provider, e.Model}
	if !e.From.IsZero() || !e.Until.IsZero() {
		parts = append(parts, "["+day(e.From)+","+day(e.Until)+")")
	}
	if h := e.Hours.String(); h != "" {
		parts = append(parts, h)
	}
	parts = append(parts, rates(e.Rates))
	for _, l := range e.Long {
		parts = append(parts, fmt.Sprintf(">%d %s", l.Above, rates(l.Rates)))
	}
	if e.BatchRatio != 0 {
		parts = append(parts, fmt.Sprintf("batch %v", e.BatchRatio))
	}
	if e.Weights != "" {
		parts = append(parts, "= "+e.Weights)
	}
	return strings.Join(append(parts, e.Also...), " ")
}

func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.DateOnly)
}

func rates(r prices.Rates) string {
	var parts []string
	for _, rate := range []prices.Rate{r.Input, r.Cached, r.CacheWrite, r.Output} {
		text := rate.Decimal()
		if text == "" {
			text = "?"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "/")
}

func lines(tab publishers.Table) string {
	var out []string
	for _, e := range tab.Entries {
		out = append(out, line(e))
	}
	return strings.Join(out, "\n")
}

func skips(tab publishers.Table) string {
	var out []string
	for _, s := range tab.Skipped {
		out = append(out, fmt.Sprintf("%d %s (%s)", s.Count, s.Reason, s.Example))
	}
	return strings.Join(out, "\n")
}

// check compares what was taken and what was left out with the lines wanted.
func check(t *testing.T, tab publishers.Table, entries, skipped string) {
	t.Helper()
	if got, want := lines(tab), trim(entries); got != want {
		t.Errorf("entries:\n%s\nwant:\n%s", got, want)
	}
	if got, want := skips(tab), trim(skipped); got != want {
		t.Errorf("skipped:\n%s\nwant:\n%s", got, want)
	}
}

func trim(text string) string {
	var out []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
