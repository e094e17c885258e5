package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// A name that stands in an issue notifies nobody and refers to nothing, which a
// backslash does not prevent.
func TestMarkdownMentionsNobody(t *testing.T) {
	r := economic(t)
	r.Models[0].Model, r.Models[1].Model = "@cf/meta/llama-3.1-8b", "www.example.com #12 a@b.org"
	text := written(t, r, report.Markdown, report.Options{})
	for _, want := range []string{"@<!-- -->cf/meta", "www\\.example.com \\#<!-- -->12 a@<!-- -->b.org"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	if strings.Contains(text, "@cf") || strings.Contains(text, "#12") {
		t.Errorf("somebody is mentioned:\n%s", text)
	}
}

// Whatever makes an amount an "at least" is told under it.
func TestAtLeastIsExplained(t *testing.T) {
	r := economic(t)
	for i := range r.Models {
		m := &r.Models[i]
		m.UnknownTokens, m.UnknownInput, m.UnknownCached, m.UnknownOutput = 0, 0, 0, 0
		m.Input.AtLeast, m.Cached.AtLeast, m.Output.AtLeast = false, false, false
	}
	const want = "+ at least: 412 requests without a price of the same weights."
	text := written(t, r, report.Table, report.Options{Width: 120})
	if !strings.Contains(text, "1.99+") || !strings.Contains(text, want) {
		t.Errorf("the table does not say %q:\n%s", want, text)
	}
	if narrow := written(t, r, report.Table, report.Options{Width: 60}); strings.Contains(narrow, "without a price of the same") {
		t.Errorf("a note is about a column that is not there:\n%s", narrow)
	}
	for _, g := range report.Grids(economic(t), report.Options{}) {
		marked := false
		for _, row := range g.Rows {
			for i, c := range row.Cells {
				marked = marked || !g.Columns[i].Hidden && g.Columns[i].Numeric && strings.HasSuffix(c.Text, "+")
			}
		}
		notes := strings.Join(g.Notes, " ")
		if marked && !strings.Contains(notes, "at least") && !strings.Contains(notes, "no price") {
			t.Errorf("%s has a + that no note explains: %q", g.Name, g.Notes)
		}
	}
}

// A unit does not begin a line that its number is not on.
func TestUnitsStayWithNumbers(t *testing.T) {
	for width := 60; width <= 110; width++ {
		text := written(t, economic(t), report.Table, report.Options{Width: width})
		for line := range strings.SplitSeq(text, "\n") {
			first, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch strings.TrimRight(first, ".,;:)") {
			case "%", "g", "Wh", "EUR", "USD", "h", "min":
				if !strings.HasPrefix(strings.TrimSpace(line), "EUR   ") { // a heading
					t.Errorf("at width %d a line begins with a unit: %q", width, line)
				}
			}
		}
	}
}

// A day of which half a minute is missing was not measured whole.
func TestNearlyWholeIsNotWhole(t *testing.T) {
	r := byGroup(t, report.ByDay)
	w := r.Groups[0].Whole
	w.Measured = w.Elapsed - 30*time.Second
	g, _ := report.Find(report.Grids(r, report.Options{}), report.GridRows)
	if got := g.Cell(g.Rows[0], "coverage_ratio").Text; got != ">99.9" {
		t.Errorf("%v of %v reads %s %%", w.Measured, w.Elapsed, got)
	}
}

// A cost that is not marginal says so where there is room for one.
func TestOneLineNamesItsBasis(t *testing.T) {
	r := economic(t)
	r.Basis = cost.Dedicated
	if got, want := written(t, r, report.OneLine, report.Options{}), "597 Wh · 0.1118 EUR dedicated · "; !strings.HasPrefix(got, want) {
		t.Errorf("%q does not begin with %q", got, want)
	}
	if faults := render(t, r).Disagreements(); len(faults) > 0 {
		t.Error(faults)
	}
}

// A spreadsheet takes wide signs for the beginning of a formula, too.
func TestWideFormulasAreDisarmed(t *testing.T) {
	r := economic(t)
	r.Models[0].Model = "＝1+1"
	if text := written(t, r, report.CSV, report.Options{}); !strings.Contains(text, "\n'＝1+1,") {
		t.Errorf("not disarmed:\n%s", text)
	}
}

// The machine's own zone has no name, and what it is called changes within the
// period when the clocks do.
func TestClocksOfTheMachine(t *testing.T) {
	old := time.Local
	t.Cleanup(func() { time.Local = old })
	for zone, want := range map[string]string{
		"UTC":               "UTC; ",
		"Europe/Berlin":     "CET (UTC+01:00), then CEST (UTC+02:00); ",
		"America/Sao_Paulo": "UTC-03:00; ",
	} {
		time.Local = location(t, zone)
		r := golden(t)
		r.Period.Since, r.Period.Until = time.Date(2026, 3, 28, 0, 0, 0, 0, time.Local), time.Date(2026, 3, 30, 0, 0, 0, 0, time.Local)
		lines := report.Footer(r, report.Options{})
		if got := lines[len(lines)-1].Text; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q does not begin with %q", zone, got, want)
		}
	}
}

// Outcomes that nobody had take no room.
func TestColumnsOfNothingAreNotShown(t *testing.T) {
	r := economic(t)
	for i := range r.Models {
		r.Models[i].Failed, r.Models[i].Late = 0, 0
	}
	text := written(t, r, report.Table, report.Options{Width: 240})
	if !strings.Contains(text, "Cancelled") || strings.Contains(text, "Failed") || strings.Contains(text, "  Late  ") {
		t.Errorf("want cancelled requests and no others:\n%s", text)
	}
}

// What a comparison is with is said beside it.
func TestSubstituteIsNamed(t *testing.T) {
	for _, l := range report.Headline(economic(t), report.Options{}) {
		if l.Label == "Bought elsewhere" && strings.HasPrefix(l.Text, "with the substitute, gpt-5-mini at openai; ") {
			return
		}
	}
	t.Error("the head does not name the substitute")
}
