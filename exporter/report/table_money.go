package report

import (
	"fmt"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
)

const (
	boughtHeading = "Bought elsewhere instead"
	paidHeading   = "Paid for itself"
)

// bought tells what the answered tokens would have cost elsewhere.
func (t table) bought() []string {
	g := t.comparisonsGrid()
	if len(g.Rows) == 0 {
		return nil
	}
	g.Columns[0].Heading = boughtHeading
	lines := t.draw(t.fit(g))
	for _, c := range t.report.Comparisons {
		for _, q := range c.Quotes {
			lines = append(lines, t.hanging(t.quoteText(q))...)
		}
	}
	return append(lines, t.faintNotes(g.Notes)...)
}

// comparisonNotes explains the marks and what is left out.
func (s sheet) comparisonNotes() []string {
	var notes []string
	for _, c := range s.report.Comparisons {
		if c.Total.Unpriced > 0 {
			notes = append(notes, fmt.Sprintf("%s: no price is known for %s.", comparatorName(c.Name), requests(c.Total.Unpriced)))
		}
	}
	return notes
}

// quoteText says what a model's tokens were compared with.
func (s sheet) quoteText(q avoided.Quote) string {
	e := q.Entry
	text := fmt.Sprintf("%s: %s by %s of %s", comparatorName(q.Comparator), s.name("", q.Model, false), s.clean(e.Model), s.clean(e.Provider))
	return text
}

// paid tells when the machine has paid for itself.
func (t table) paid() []string {
	g := t.breakEvenGrid()
	if len(g.Rows) == 0 {
		return nil
	}
	return t.draw(t.fit(g))
}

// split tells how much was done here and how much elsewhere.
func (t table) split() []string {
	g := t.splitGrid()
	if len(g.Rows) == 0 {
		return nil
	}
	return strings.Split(strings.Join(t.draw(t.fit(g)), "\n"), "\n")
}

// learned tells what the models' tokens take.
func (t table) learned() []string {
	g := t.learnedGrid()
	if len(g.Rows) == 0 {
		return nil
	}
	return append(t.draw(t.fit(g)), t.faintNotes(g.Notes)...)
}
