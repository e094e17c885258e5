package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// title says what the report is about.
func (t table) title() []string {
	title := "Energy and cost of model requests: " + t.report.Period.String()
	lines := wrapWords(title, t.prose())
	for i := range lines {
		lines[i] = t.bold(lines[i])
	}
	return lines
}

// figure is one line of the head: what, how much, and what that means.
type figure struct{ label, value, meaning string }

// headline is the answer to what the reader came for.
func (t table) headline() []string {
	figures := append(t.oneMore(), t.energyFigure())
	figures = append(figures, t.costFigures()...)
	labels, values := 0, 0
	for _, f := range figures {
		labels, values = max(labels, width(f.label)), max(values, width(f.value))
	}
	var lines []string
	for _, f := range figures {
		head := padRight(f.label, labels) + "  " + t.bold(padRight(f.value, values)) + "  "
		for _, part := range wrapWords(f.meaning, t.prose()-labels-values-4) {
			lines = append(lines, head+part)
			head = strings.Repeat(" ", labels+values+4)
		}
	}
	return lines
}

// oneMore says what one more call costs, or uses where no price is known.
func (t table) oneMore() []figure {
	call := t.report.OneMore
	if call == nil {
		return []figure{{"One more call", unknown, "no finished request was measured whole"}}
	}
	mean := fmt.Sprintf("mean of %s requests to %s", count(call.Requests),
		t.name(call.Server, call.Model, t.report.multiServer()))
	if call.Requests == 1 {
		mean = "the one request to " + t.name(call.Server, call.Model, t.report.multiServer())
	}
	joules := significant(float64(call.Energy)) + " J"
	if !call.Cost.Known {
		return []figure{{"One more call uses", joules, mean}}
	}
	figures := []figure{{"One more call costs", moneyWithCurrency(call.Cost),
		joules + callsPerUnit(call.Cost) + "; " + mean}}
	if call.Per1000Output.Known {
		figures = append(figures, figure{"1000 output tokens",
			moneyWithCurrency(call.Per1000Output), "same model; reading the prompts is included"})
	}
	return figures
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
func (t table) energyFigure() figure {
	r := t.report
	if r.Measured == 0 && r.Total == 0 {
		return figure{"Energy measured", unknown, "nothing was measured: the energy is unknown"}
	}
	part := "none of it for requests"
	if r.Inference > 0 {
		part = fmt.Sprintf("%s of it (%s Wh) for requests", percent(share(r.Inference, r.Total)), significant(r.Inference.WattHours()))
	}
	return figure{"Energy measured", significant(r.Total.WattHours()) + " Wh",
		part + "; " + percent(r.Coverage()) + " of the time was measured"}
}

// costFigures is the cost on each basis, the narrowest first.
func (t table) costFigures() []figure {
	meanings := map[cost.Basis]string{
		cost.Marginal:  "the requests alone",
		cost.Active:    "and the machine's baseline while a request ran",
		cost.Dedicated: "everything measured",
	}
	var figures []figure
	for _, b := range t.report.Bases {
		if b.Cost.Known {
			figures = append(figures, figure{"Cost, " + string(b.Name), moneyWithCurrency(b.Cost), meanings[b.Name]})
		}
	}
	if len(figures) == 0 {
		figures = append(figures, figure{"Cost", unknown, t.tariffText()})
	}
	return figures
}
