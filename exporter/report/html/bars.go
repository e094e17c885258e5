package html

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// barChart is what each model cost, or took where no price is known.
type barChart struct {
	Heading, Title, Desc, Note string
	Unit                       string
	Height, AxisY              int // of all, and of the axis
	X                          []tick
	Bars                       []bar
	Legend                     []area // empty when the bars have one part
	Table                      dataTable
}

// bar is one model.
type bar struct {
	Lines       []label // of its name
	Y           int     // of the bar's top
	Left, Width string  // of the first part
	More        string  // the second part's width; empty without one
	MoreLeft    string
	End         string // where the figure stands
	Value       string
	Second      string // the figure of both parts; empty without a second
	Hint        string // the name and the figures, whole
}

// ValueY is the base line of the figure.
func (b bar) ValueY() int { return b.Y + barHeight - 3 }

// BarHeight is how thick the bars are.
func (c *barChart) BarHeight() int { return barHeight }

// LabelY is the base line of the axis' labels.
func (c *barChart) LabelY() int { return c.AxisY + 16 }

// label is a line of text.
type label struct {
	Y    int
	Text string
}

// The measures of the bars, in pixels; a bar's figure stands right of it, for
// which two fifths of the width are kept.
const (
	maxBars     = 12
	nameLine    = 18
	barHeight   = 16
	barGap      = 14
	barRatio    = 0.74
	nameLetters = 40 // in a line
	nameLines   = 3
)

// valued is a model with the figures of its bar.
type valued struct {
	name         string
	first, both  float64
	text, second string // second is empty when there is no second part
}

// newBarChart draws the models with a known figure, the largest first; nil when
// there is none.
func newBarChart(r report.Report) *barChart {
	c := &barChart{Heading: "Energy by model", Unit: "Wh", Note: "Watt-hours booked to each model's requests."}
	rows := energyRows(r)
	if r.Tariff.Known {
		rows = costRows(r)
		c.Heading, c.Unit = "Cost by model", string(r.Tariff.Currency)
		c.Note = c.Unit + " for electricity."
	}
	slices.SortStableFunc(rows, func(a, b valued) int { return cmp.Compare(b.first, a.first) })
	if len(rows) == 0 {
		return nil
	}
	c.Title = c.Heading + ", " + r.Period.String()
	c.table(rows)
	if more := len(rows) - maxBars; more > 0 {
		rows = rows[:maxBars]
		c.Note += " The first " + report.FormatCount(maxBars) + " of " + report.FormatCount(int64(maxBars+more)) + " models; the table has all."
	}
	low, high := 0.0, 0.0
	for _, v := range rows {
		low, high = min(low, v.first, v.both), max(high, v.first, v.both)
	}
	c.draw(rows, newScale(low, high, 0, 4))
	c.Desc = c.describe(rows)
	return c
}

func energyRows(r report.Report) []valued {
	var rows []valued
	for _, m := range r.Models {
		if m.EnergyKnown {
			rows = append(rows, valued{name: modelName(r, m.Server, m.Model), first: m.Energy().WattHours(),
				both: m.Energy().WattHours(), text: report.FormatSignificant(m.Energy().WattHours())})
		}
	}
	return rows
}

func costRows(r report.Report) []valued {
	var rows []valued
	for _, m := range r.Models {
		if !m.Marginal.Known {
			continue
		}
		v := valued{name: modelName(r, m.Server, m.Model), first: m.Marginal.Money.Units(), text: amountText(m.Marginal)}
		v.both = v.first
		if m.Busy.Known {
			v.both, v.second = m.Busy.Money.Units(), amountText(m.Busy)
		}
		rows = append(rows, v)
	}
	return rows
}

// draw places the bars one below the other.
func (c *barChart) draw(rows []valued, s scale) {
	y, zero := 0, s.ratio(0)
	for _, v := range rows {
		b := bar{Value: v.text, Hint: v.name + ": " + v.text + " " + c.Unit}
		for _, line := range foldName(v.name) {
			y += nameLine
			b.Lines = append(b.Lines, label{y - 5, line})
		}
		from, to := min(zero, s.ratio(v.first)), max(zero, s.ratio(v.first))
		b.Y, b.Left, b.Width = y, percent(barRatio*from), percent(barRatio*math.Max(to-from, 0.002))
		end := to
		if v.second != "" {
			b.Second = " · " + v.second
			b.Hint += " for the requests alone, " + v.second + " " + c.Unit + " with the baseline while they ran"
			if far := s.ratio(v.both); far > to {
				b.MoreLeft, b.More, end = percent(barRatio*to), percent(barRatio*(far-to)), far
			}
		}
		b.End = percent(barRatio * end)
		c.Bars = append(c.Bars, b)
		y += barHeight + barGap
	}
	c.AxisY = y - barGap/2
	c.Height = c.AxisY + 22
	for i, v := range s.values() {
		at := s.ratio(v)
		c.X = append(c.X, tick{At: percent(barRatio * at), Text: s.text(v), Anchor: anchor(barRatio * at), Wide: i%2 == 1})
	}
}

// table has the same figures, and names the parts of the bars.
func (c *barChart) table(rows []valued) {
	second := slices.ContainsFunc(rows, func(v valued) bool { return v.second != "" })
	c.Table = dataTable{Caption: c.Title, Heads: []string{"Model", c.Unit}}
	if second {
		c.Legend = []area{{Key: "requests", Name: "The requests alone (marginal)"},
			{Key: "baseline", Name: "and the baseline while they ran (active)"}}
		c.Table.Heads = []string{"Model", "Marginal, " + c.Unit, "Active, " + c.Unit}
	}
	for _, v := range rows {
		row := []string{v.name, v.text}
		if second {
			row = append(row, cmp.Or(v.second, "n/a"))
		}
		c.Table.Rows = append(c.Table.Rows, row)
	}
}

// describe says in words what the chart shows.
func (c *barChart) describe(rows []valued) string {
	texts := make([]string, 0, len(rows))
	for _, v := range rows {
		texts = append(texts, v.name+" "+v.text)
	}
	return c.Note + " " + strings.Join(texts, "; ") + "."
}
