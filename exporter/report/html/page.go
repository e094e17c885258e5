package html

import (
	"html/template"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// page is all that the templates draw.
type page struct {
	Policy    template.HTMLAttr
	Style     template.CSS
	Title     string
	Period    string
	Generator string
	Made      string
	Headline  report.Line
	Aside     string // what a thousand tokens cost; empty when unknown
	Figures   []figure
	Power     *powerChart
	Costs     *barChart
	Curve     *curveChart
	Energy    *table
	Rows      table
	Bases     *table
	Money     []table // of comparisons and the break-even
	Rest      []table
	Foot      []report.Line
}

func newPage(r report.Report, o Options, style []byte) page {
	r.Period.Title = report.Clean(r.Period.Title)
	grids := report.Grids(r, report.Options{})
	lines := report.Headline(r, report.Options{})
	p := page{Policy: policy(style), Style: template.CSS(style), Title: report.Title(r), Period: r.Period.String(),
		Generator: report.Clean(o.Generator), Made: r.Now.In(r.Period.Since.Location()).Format("Mon 2 Jan 2006 15:04 MST"),
		Headline: headline(r, lines), Figures: figures(r, lines),
		Power: newPowerChart(r), Costs: newBarChart(r), Curve: newCurveChart(r, grids), Foot: report.Footer(r, report.Options{})}
	shown := slices.ContainsFunc(p.Figures, func(f figure) bool { return f.Label == thousandTokens })
	if l, ok := find(lines, thousandTokens); ok && !shown {
		p.Aside = l.Label + ": " + l.Value + ", " + l.Text
	}
	p.addTables(grids)
	return p
}

// headline is what one more call costs or takes. While that is not known it is
// the energy, and why it is not.
func headline(r report.Report, lines []report.Line) report.Line {
	call := lines[0]
	if r.OneMore != nil {
		return call
	}
	l, ok := find(lines, energyMeasured)
	if !ok {
		return call
	}
	l.Text = "What one more call costs is not known: " + call.Text
	return l
}

// figure is one of the few figures under the headline.
type figure struct{ Label, Value, Unit, Text string }

// newFigure sets the unit apart from a number.
func newFigure(label, value, text string) figure {
	number, unit, ok := strings.Cut(value, " ")
	if !ok || strings.ContainsAny(unit, " 0123456789") || !strings.ContainsAny(number, "0123456789") {
		return figure{Label: label, Value: value, Text: text}
	}
	return figure{Label: label, Value: number, Unit: unit, Text: text}
}

// The labels of the lines that have a place of their own.
const (
	energyMeasured = "Energy measured"
	thousandTokens = "1000 output tokens"
)

// find returns the line with a label.
func find(lines []report.Line, label string) (report.Line, bool) {
	for _, l := range lines {
		if l.Label == label {
			return l, true
		}
	}
	return report.Line{}, false
}

// most is how many figures stand under the headline.
const most = 4

// figures are what was measured, what it cost, and what it is worth, as far as
// that is known.
func figures(r report.Report, lines []report.Line) []figure {
	var out []figure
	add := func(label string) {
		if l, ok := find(lines, label); ok && len(out) < most {
			out = append(out, newFigure(label, l.Value, l.Text))
		}
	}
	basis := string(r.Basis)
	if basis == "" {
		basis = "marginal"
	}
	if r.OneMore != nil { // or it is the headline
		add(energyMeasured)
	}
	add("Cost, " + basis)
	add("Cost")
	add("Bought elsewhere")
	add("Paid for itself")
	if basis != "dedicated" {
		add("Cost, dedicated")
	}
	add(thousandTokens)
	return out
}
