package report

import (
	"fmt"
	"math"
	"strings"
)

// Title says what a report is about.
func Title(r Report) string { return "Energy and cost of model requests: " + r.Period.String() }

// title sets it.
func (t table) title() []string {
	lines := wrapWords(Title(t.report), t.prose())
	for i := range lines {
		lines[i] = t.bold(lines[i])
	}
	return lines
}

// Line is one line of a report's head or foot.
type Line struct {
	Label string // what: "One more call costs"
	Value string // how much: "0.0000369 EUR"; empty in the foot
	Text  string // what that means
}

// Headline is the answer to what the reader of a report came for.
func Headline(r Report, o Options) []Line { return newSheet(r, o).headline() }

func (s sheet) headline() []Line {
	lines := append(append(s.oneMore(), s.energyFigure()), s.costFigures()...)
	for _, more := range []func() (Line, bool){s.elsewhereFigure, s.paidFigure, s.carbonFigure} {
		if l, ok := more(); ok {
			lines = append(lines, l)
		}
	}
	return lines
}

// head draws the headline.
func (t table) head() []string {
	figures := t.headline()
	labels, values := 0, 0
	for _, f := range figures {
		labels, values = max(labels, width(f.Label)), max(values, width(f.Value))
	}
	var lines []string
	for _, f := range figures {
		head := padRight(f.Label, labels) + "  " + t.bold(padRight(f.Value, values)) + "  "
		for _, part := range wrapWords(f.Text, t.prose()-labels-values-4) {
			lines = append(lines, head+part)
			head = strings.Repeat(" ", labels+values+4)
		}
	}
	return lines
}

// oneMore says what one more call costs, or uses where no price is known.
func (s sheet) oneMore() []Line {
	call := s.report.OneMore
	if call == nil {
		return []Line{{"One more call", unknown, "no finished request was measured whole"}}
	}
	mean := fmt.Sprintf("mean of %s requests to %s", count(call.Requests),
		s.name(call.Server, call.Model, s.report.multiServer()))
	if call.Requests == 1 {
		mean = "the one request to " + s.name(call.Server, call.Model, s.report.multiServer())
	}
	joules := significant(float64(call.Energy)) + " J"
	mean += s.afterComma(s.scopeAside())
	if !call.Cost.Known {
		return []Line{{"One more call uses", joules, mean}}
	}
	figures := []Line{{"One more call costs", moneyWithCurrency(call.Cost),
		joules + callsPerUnit(call.Cost) + "; " + mean}}
	if call.Per1000Output.Known {
		figures = append(figures, Line{"1000 output tokens",
			moneyWithCurrency(call.Per1000Output), "same model; reading the prompts is included"})
	}
	return figures
}

// energyAside is scopeAside with how much of the time mixed scopes have.
func (s sheet) energyAside() string {
	aside := s.scopeAside()
	if len(s.report.ScopeUses) < 2 {
		return aside
	}
	if main, ok := s.report.mainScope(); ok {
		return aside + " (" + percent(ratio(main.Time, s.report.scopeTime())) + " of the time)"
	}
	return aside + " (" + s.scopeShares() + ")"
}

// afterComma is more of a sentence, where there is more.
func (s sheet) afterComma(more string) string {
	if more == "" {
		return ""
	}
	return "," + more
}

// callsPerUnit makes a tiny amount easier to grasp: how many calls one unit of
// the currency pays for.
func callsPerUnit(a Amount) string {
	if units := a.Money.Units(); units > 0 && units < 0.1 {
		return fmt.Sprintf(", %s calls for 1 %s", significant(math.Round(round3(1/units))), a.Money.Currency)
	}
	return ""
}

// energyFigure is the measured total.
func (s sheet) energyFigure() Line {
	r := s.report
	if !r.anything() {
		return Line{"Energy measured", unknown, "nothing was measured: the energy is unknown"}
	}
	part := "none of it for requests"
	switch {
	case !r.divided():
		part = "what of it was for requests is not known"
	case r.Inference > 0:
		part = fmt.Sprintf("%s of it (%s Wh) for requests", percent(share(r.Inference, r.Total)), significant(r.Inference.WattHours()))
	}
	return Line{"Energy measured", significant(r.Total.WattHours()) + " Wh",
		part + s.afterComma(s.energyAside()) + "; " + percent(r.Coverage()) + " of the time was measured"}
}

// costFigures is the cost on each basis, the narrowest first.
func (s sheet) costFigures() []Line {
	var figures []Line
	for _, b := range s.report.Bases {
		if b.Cost.Known {
			figures = append(figures, Line{"Cost, " + string(b.Name), moneyWithCurrency(b.Cost), basisMeaning(b.Name)})
		}
	}
	if len(figures) == 0 {
		figures = append(figures, Line{"Cost", unknown, s.tariffText()})
	}
	return figures
}
