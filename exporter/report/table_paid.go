package report

import (
	"fmt"
	"slices"

	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

// paid tells when the machine has paid for itself, with each comparator. While
// that is known of none, the head has said so.
func (t table) paid() []string {
	if !slices.ContainsFunc(t.report.forecasts(), func(f forecast) bool { return f.Outcome != payback.TooFewDays }) {
		return t.faintNotes(t.paidNotes())
	}
	var lines []Line
	var even *payback.BreakEven
	for _, c := range t.report.Comparisons {
		if c.BreakEven != nil {
			even = c.BreakEven
			lines = append(lines, Line{Label: "  " + comparatorName(c.Name), Text: t.paidText(c)})
		}
	}
	if even == nil {
		return nil
	}
	head := wrapWords(paidHeading+t.capitalText(*even), t.prose())
	head[0] = t.bold(paidHeading) + head[0][len(paidHeading):]
	lines2 := append(head, layOut(lines, t.prose(), t.plain)...)
	return append(lines2, t.faintNotes(t.paidNotes())...)
}

// capitalText says what has to be earned, and from how many days it is told.
func (s sheet) capitalText(e payback.BreakEven) string {
	text := ": " + FormatMoney(Amount{Money: e.Capital, Known: true}) + " to be earned"
	if h := s.report.Hardware; h != nil && !h.Machine.Purchased.IsZero() {
		text += " since " + h.Machine.Purchased.Format("Jan 2006")
	}
	return text + ", reckoned from " + days(e.Days) + " that were metered or slept through for at least 90 %"
}

// paidText is the answer with one comparator, under each set of assumptions.
func (s sheet) paidText(c Comparison) string {
	e := *c.BreakEven
	simple := c.simple()
	if e.Simple.Outcome == payback.TooFewDays {
		return s.outcomeText(simple, "")
	}
	text := fmt.Sprintf("%s, at %s avoided and %s of electricity a month", s.outcomeText(simple, spread(e.Simple)),
		savedWithCurrency(simple.avoidedMonthly()), FormatMoney(Amount{Money: e.CostMonthly, Known: true}))
	if s.report.drifts() {
		drift := c.drift()
		text += "; with " + s.assumptionCell(drift).Text + ": " + s.outcomeText(drift, spread(e.Drift))
	}
	return text
}

// spread is how far the forecasts lie apart: " (6 to 9)".
func spread(f payback.Forecast) string {
	switch {
	case f.EarlyKnown && f.LateKnown && f.Early == f.Late && f.Early == f.Months:
		return ""
	case f.EarlyKnown && f.LateKnown:
		return fmt.Sprintf(" (%s to %s)", count(int64(f.Early)), count(int64(f.Late)))
	case f.EarlyKnown && f.Outcome != payback.TooFewDays:
		return fmt.Sprintf(" (%s to never)", count(int64(f.Early)))
	}
	return ""
}

// paidNotes explain what stands in brackets.
func (s sheet) paidNotes() []string {
	notes := s.atMostNotes()
	if slices.ContainsFunc(s.report.forecasts(), func(f forecast) bool { return spread(f.Forecast) != "" }) {
		notes = append(notes, "In brackets: 8 of 10 forecasts, each from days drawn at random out of those, lie between these months.")
	}
	for _, c := range s.report.Comparisons {
		if c.DaysLeftOut > 0 {
			notes = append(notes, comparatorName(c.Name)+": without "+days(c.DaysLeftOut)+" of which a cost or a price is not known.")
		}
	}
	return notes
}
