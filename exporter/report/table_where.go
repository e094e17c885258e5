package report

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// The widths of the energy table's own columns.
const (
	maxBar = 24
	minBar = 10
)

// where draws where the energy went, as parts that sum to the total.
func (t table) where() []string {
	g := t.energyGrid()
	if len(g.Rows) == 0 {
		return nil
	}
	l := t.whereLayout(g)
	rule := strings.Repeat(t.rule, l.names+l.figures())
	lines := []string{t.bold(l.row(whereHeading, []string{"Wh", "%", g.Columns[g.Index("cost")].Unit})), rule}
	for _, row := range g.Rows {
		figures := []string{g.Cell(row, "energy_joules").Text, g.Cell(row, "energy_ratio").Text, g.Cell(row, "cost").Text}
		name := wrapName(row.Cells[0].Text, l.names)
		line := l.row(name[0], figures)
		if row.Kind == RowTotal {
			lines = append(lines, rule, line)
			continue
		}
		line += "  " + t.green(padRight(t.drawBar(ratioOf(g, row), l.bar), l.bar))
		if l.meanings {
			line += "  " + t.faint(g.Cell(row, "meaning").Text)
		}
		lines = append(append(lines, line), name[1:]...)
	}
	return lines
}

// ratioOf is a row's part of all energy, 0 to 1.
func ratioOf(g Grid, row GridRow) float64 {
	v, err := strconv.ParseFloat(g.Cell(row, "energy_ratio").Raw, 64)
	if err != nil {
		return 0
	}
	return v
}

// whereLayout is how the energy table is set.
type whereLayout struct {
	names, bar int   // widths
	columns    []int // widths of the figures; the cost's is 0 when no price is known
	meanings   bool
}

// whereLayout finds the widths; the meanings are left out where they do not
// fit on one line.
func (t table) whereLayout(g Grid) whereLayout {
	l := whereLayout{names: len(whereHeading), columns: make([]int, 3)}
	meaning := 0
	for _, row := range g.Rows {
		l.names = max(l.names, width(row.Cells[0].Text))
		meaning = max(meaning, width(g.Cell(row, "meaning").Text))
		for i, key := range []string{"energy_joules", "energy_ratio", "cost"} {
			if c := g.Columns[g.Index(key)]; !c.Hidden {
				l.columns[i] = max(l.columns[i], width(g.Cell(row, key).Text), width(c.Unit))
			}
		}
	}
	left := t.width - l.figures() - columnGap
	l.names = min(l.names, t.width/2, left-minBar)
	left -= l.names
	l.meanings = left >= minBar+columnGap+meaning
	if l.meanings {
		left -= columnGap + meaning
	}
	l.bar = min(maxBar, left)
	return l
}

// figures is the width of the figures with the gaps before them.
func (l whereLayout) figures() int {
	sum := 0
	for _, w := range l.columns {
		if w > 0 {
			sum += columnGap + w
		}
	}
	return sum
}

// row is one line of the energy table, but for its bar.
func (l whereLayout) row(name string, figures []string) string {
	line := padRight(name, l.names)
	for i, w := range l.columns {
		if w > 0 {
			line += strings.Repeat(" ", columnGap) + padLeft(figures[i], w)
		}
	}
	return line
}

func padLeft(s string, n int) string { return strings.Repeat(" ", max(0, n-width(s))) + s }

// gapText says why nothing was measured.
func gapText(reason attribution.GapReason) string {
	texts := map[attribution.GapReason]string{
		attribution.GapStart:         "sovmeter was not running",
		attribution.GapPowermetrics:  "powermetrics gave nothing and was restarted",
		attribution.GapSleep:         "the machine slept",
		attribution.GapUnusable:      "samples held no usable energy",
		attribution.GapBadDocument:   "samples could not be read",
		attribution.GapClockChange:   "the clock was set forwards",
		attribution.GapOverlongPause: "one sample stood for far too long a time",
		GapBeforeFirst:               "before the first measurement on record",
		GapAfterLast:                 "after the newest measurement",
		GapNoRecord:                  "no reason on record",
	}
	if s, ok := texts[reason]; ok {
		return s
	}
	return string(reason)
}

// minorGap is how much time without a reason the table does not mention: a
// running daemon is always some seconds behind.
const minorGap = 30 * time.Second

// unmeasured lists the time of which the energy is unknown.
func (t table) unmeasured() []string {
	r := t.report
	var entries []Line
	for _, g := range r.toldGaps() {
		entries = append(entries, Line{Label: "  " + length(g.Length), Text: t.clean(gapText(g.Reason)) + meteredText(g)})
	}
	if len(entries) == 0 {
		return nil
	}
	lines := wrapWords("Not measured: "+length(r.Elapsed-r.Measured)+" of "+length(r.Elapsed)+". "+r.gapNote(), t.prose())
	return append(lines, layOut(entries, t.prose(), t.plain)...)
}

// toldGaps are the gaps but for those that only say that a running daemon is some
// seconds behind.
func (r Report) toldGaps() []Gap {
	return slices.DeleteFunc(slices.Clone(r.Gaps), func(g Gap) bool {
		return g.Length < minorGap && (g.Reason == GapAfterLast || g.Reason == GapNoRecord)
	})
}

// toldGap is all of them together.
func (r Report) toldGap() Gap {
	var all Gap
	for _, g := range r.toldGaps() {
		all = all.plus(g)
	}
	return all
}

// plus is both together, whatever they are for.
func (g Gap) plus(o Gap) Gap {
	return Gap{Length: g.Length + o.Length, Metered: g.Metered + o.Metered, Energy: g.Energy + o.Energy}
}

// gapNote says what is known of the energy of gaps.
func (r Report) gapNote() string {
	all := r.toldGap()
	switch {
	case !all.EnergyKnown():
		return "The energy of that time is unknown, not zero."
	case !all.AtLeast():
		return "A meter of the whole machine went on: it tells the energy of that time, but not who used it."
	}
	return "In " + length(all.Metered) + " of it a meter of the whole machine went on: it tells the energy of that time, but not who used it. " +
		"The energy of the rest is unknown, not zero."
}

// meteredText says what a meter saw of a gap.
func meteredText(g Gap) string {
	if !g.EnergyKnown() {
		return ""
	}
	text := "; " + significant(g.Energy.WattHours()) + " Wh"
	if g.AtLeast() {
		text += " in " + length(g.Metered) + " of it, the rest unknown"
	}
	return text
}

// openEnergy is what is measured and not booked yet.
func (r Report) openEnergy() energy.Joules { return r.sink(SinkOpen).Energy }
