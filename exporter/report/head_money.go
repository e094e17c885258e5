package report

import (
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

// elsewhereFigure is what the answered requests would have cost elsewhere.
func (s sheet) elsewhereFigure() (Line, bool) {
	main, ok := s.report.mainComparison()
	if !ok {
		return Line{}, false
	}
	saved := s.report.capped(main)
	text := "with the " + lowerFirst(comparatorName(main.Name)) + s.substituteText(main)
	if main.Subscription.Known && main.Capped == main.Subscription {
		text += ", by subscription"
	}
	for _, c := range s.report.Comparisons {
		if c.Name != main.Name && c.Capped.Known {
			text += "; " + savedWithCurrency(s.report.capped(c)) + " with the " + lowerFirst(comparatorName(c.Name))
		}
	}
	return Line{Label: "Bought elsewhere", Value: savedWithCurrency(saved), Text: text}, true
}

// substituteText names the one model that stands for all of those here: ",
// gpt-5-mini at openai"; empty where there are several.
func (s sheet) substituteText(c Comparison) string {
	found := s.comparedWith(c)
	if c.Name != avoided.Substitute || len(found) != 1 {
		return ""
	}
	return ", " + s.clean(found[0].Entry.Model) + " at " + s.clean(found[0].Entry.Provider)
}

// paidFigure is when the machine has paid for itself, by the main comparison.
func (s sheet) paidFigure() (Line, bool) {
	main, ok := s.report.mainComparison()
	if !ok || main.BreakEven == nil {
		return Line{}, false
	}
	f := main.simple()
	l := Line{Label: paidHeading, Value: s.paidValue(f)}
	with := "with the " + lowerFirst(comparatorName(main.Name)) + " at today's prices"
	switch {
	case f.Outcome == payback.TooFewDays:
		l.Text = s.outcomeText(f, "")
	case f.answered():
		l.Text = f.monthsText() + spread(f.Forecast) + f.beyondText() + ", " + with
	case f.atMost:
		l.Text = f.neverText() + ", " + with
	default:
		l.Text = with
	}
	l.Text += s.driftText(main)
	return l, true
}

// driftText is the answer with prices that change: "; never with cloud prices
// -30 % a year". It stands beside the other, or the better half would be told.
func (s sheet) driftText(c Comparison) string {
	f := c.drift()
	if !s.report.drifts() || f.Outcome == payback.TooFewDays {
		return ""
	}
	answer := f.neverText()
	if f.answered() {
		answer = f.monthsText()
	}
	return "; " + answer + " with " + s.assumptionCell(f).Text
}

// paidValue is the shortest answer.
func (s sheet) paidValue(f forecast) string {
	switch {
	case !f.answered() && (f.Outcome != payback.Never || f.atMost):
		return unknown
	case f.Outcome == payback.Never:
		return "never"
	case s.dateText(f) != "":
		return strings.TrimPrefix(strings.TrimPrefix(s.dateText(f), ", in "), ", ")
	}
	return f.monthsText()
}

// carbonFigure is what was emitted.
func (s sheet) carbonFigure() (Line, bool) {
	c := s.report.Carbon
	if !c.Known {
		return Line{}, false
	}
	text := "of CO2 equivalent, " + significant(c.Requests) + " g of it for requests"
	if s.report.OneMore != nil && c.PerCall > 0 {
		text += "; " + significant(c.PerCall) + " g a call"
	}
	return Line{Label: "Carbon", Value: significant(c.Grams) + " g", Text: text}, true
}
