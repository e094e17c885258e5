package html

import (
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// curveChart is what was spent against what the same answers would have cost
// elsewhere, as sums over the days, and where the two cross.
type curveChart struct {
	Heading, Title, Desc, Note string
	Unit                       string
	frame
	ViewBox  string
	Lines    []line
	Bands    []band
	Marks    []mark
	Holes    []hole
	Uprights []upright
	Labels   []mark
	Answers  []answer // the break-even of each comparator, in words
	Table    dataTable
}

// line is one sum over time. What was metered is drawn solid, what is reckoned
// from the mean of the metered days is dashed.
type line struct {
	Key, Name         string
	Metered, Reckoned string // paths; empty when there is nothing of the kind
}

// band is the time in which a machine has paid for itself in 80 of 100
// forecasts.
type band struct{ Key, X, Width string }

// mark is where two lines cross.
type mark struct {
	Key, X, Y, Anchor string
	TextY, Text       string
}

// upright marks a day, with its name so many pixels below the top.
type upright struct {
	tick
	TextY int
}

// answer is a forecast and its outcome.
type answer struct{ Name, Text string }

// The measures of the chart in pixels, and the units of its paths, which are
// stretched to the width of the page.
const (
	curveHeight = 300
	curveUnits  = 10 // in a pixel of height
	curveWidth  = 10_000
)

// newCurveChart draws the history, with what the hardware cost where that is
// known; nil when there are not two days to draw a line through.
func newCurveChart(r report.Report, grids []report.Grid) *curveChart {
	currency, ok := curveCurrency(r.Curve)
	if !ok || len(r.Curve.Days) < 2 {
		return nil
	}
	c := &curveChart{Unit: string(currency), Heading: "Electricity against avoided spend",
		ViewBox: "0 0 " + pixels(curveWidth) + " " + pixels(curveHeight*curveUnits)}
	series := newSeries(r.Curve, currency)
	plan := newForecast(r)
	if plan != nil {
		c.Heading = "When the machine has paid for itself"
	}
	c.draw(series, plan, r)
	c.Title = c.Heading + ", " + daysText(r.Curve)
	c.Note = c.note(r, plan)
	c.Answers = answers(grids)
	c.Desc = c.describe()
	c.Table = curveTable(r.Curve, series)
	return c
}

// curveCurrency is the one currency of all known amounts; false when there is
// none, or more than one.
func curveCurrency(curve report.Curve) (cost.Currency, bool) {
	var found cost.Currency
	same := true
	see := func(a report.Amount) {
		if !a.Known || a.Money.Currency == "" {
			return
		}
		same = same && (found == "" || found == a.Money.Currency)
		found = a.Money.Currency
	}
	for _, d := range curve.Days {
		see(d.Cost)
		for _, s := range d.Avoided {
			see(s.Amount)
		}
	}
	return found, found != "" && same
}

// comparatorName is what a comparator is called.
func comparatorName(c avoided.Comparator) string {
	switch c {
	case avoided.SameWeights:
		return "Same weights"
	case avoided.Substitute:
		return "Substitute"
	}
	return report.Clean(string(c))
}

// daysText names the days of a curve.
func daysText(curve report.Curve) string {
	const date = "2 Jan 2006"
	first, last := curve.Days[0].Start, curve.Days[len(curve.Days)-1].Start
	return first.Format(date) + " to " + last.Format(date)
}

// note says what the lines are.
func (c *curveChart) note(r report.Report, plan *forecast) string {
	text := c.Unit + ", summed day by day: electricity (" + string(r.Curve.Basis)
	if scopes := r.Curve.Scopes(); len(scopes) > 0 {
		text += ", at " + report.ScopesText(scopes)
	}
	text += ")"
	if plan != nil {
		text += " on top of the hardware's " + report.FormatMoney(report.Amount{Money: plan.capital, Known: true})
	}
	text += ", and what the same answers would have cost elsewhere."
	if plan != nil {
		text += " Solid: metered. Dashed: at the mean of the metered days, at today's prices."
	}
	return text
}

// describe says in words what the chart shows.
func (c *curveChart) describe() string {
	texts := []string{c.Note}
	for _, a := range c.Answers {
		texts = append(texts, a.Name+": "+a.Text+".")
	}
	if len(c.Bands) > 0 {
		texts = append(texts, "Shaded: where 80 of 100 forecasts cross.")
	}
	return strings.Join(texts, " ")
}

// answers are the forecasts in words, as the report's table has them.
func answers(grids []report.Grid) []answer {
	g, ok := report.Find(grids, report.GridBreakEven)
	if !ok {
		return nil
	}
	out := make([]answer, len(g.Rows))
	for i, row := range g.Rows {
		out[i] = answer{Name: g.Cell(row, "comparator").Text, Text: g.Cell(row, "outcome").Text}
		if len(g.Rows) > 1 {
			out[i].Name += ", " + g.Cell(row, "assumption").Text
		}
	}
	return out
}

// monthsText is so many months in words.
func monthsText(months int) string {
	if months == 1 {
		return "1 month"
	}
	return report.FormatCount(int64(months)) + " months"
}

// monthsAfter is when a part of a month has passed since t.
func monthsAfter(t time.Time, months float64) time.Time {
	return t.Add(time.Duration(months * float64(payback.Month)))
}
