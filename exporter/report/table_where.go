package report

import (
	"math"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// part is one line of where the energy went.
type part struct {
	name, meaning string
	energy        energy.Joules
}

// sinkTexts says what each sink is, shortly and at length.
func sinkTexts(name SinkName) (short, meaning string) {
	switch name {
	case SinkModelLoad:
		return "Loading models", "a model being loaded, no request running"
	case SinkServerOther:
		return "Server, no request", "a server at work with no request running"
	case SinkBaseline:
		return "Baseline (at rest)", "the machine's draw with no request running"
	case SinkOtherProcesses:
		return "Other programs", "programs that are no model server"
	case SinkUnexplained:
		return "Unexplained", "above baseline, matching no program's work"
	case SinkOpen:
		return "Not booked yet", "a request may still claim it"
	}
	return string(name), ""
}

// parts lists the total's parts. What is not zero only by fault or for a
// moment shows only then.
func (t table) parts() []part {
	r := t.report
	var parts []part
	for _, m := range r.Models {
		if m.EnergyKnown {
			parts = append(parts, part{name: t.name(m.Server, m.Model, r.multiServer()), meaning: "requests", energy: m.Energy()})
		}
	}
	for _, s := range r.Sinks {
		if s.Name == SinkOpen && s.Energy == 0 {
			continue
		}
		name, meaning := sinkTexts(s.Name)
		parts = append(parts, part{name: name, meaning: meaning, energy: s.Energy})
	}
	if r.Remainder != 0 {
		parts = append(parts, part{name: "Not accounted for", meaning: "a fault in the stored sums: please report it", energy: r.Remainder})
	}
	return parts
}

const whereHeading = "Where the energy went"

// The widths of the energy table's own columns.
const (
	maxBar = 24
	minBar = 10
	// whereFixed is what the gaps between the columns and the percentages take.
	whereFixed = 2 + 2 + len("100.0") + 2
)

// where draws where the energy went, as parts that sum to the total.
func (t table) where() []string {
	r := t.report
	if r.Total == 0 {
		return nil
	}
	parts := t.parts()
	l := t.whereLayout(parts)
	rule := strings.Repeat(t.rule, l.names+l.figures+whereFixed-2)
	lines := []string{t.bold(l.row(whereHeading, "Wh", "%", "")), rule}
	for _, p := range parts {
		ratio := float64(p.energy / r.Total)
		rest := t.green(padRight(t.drawBar(ratio, l.bar), l.bar))
		if l.meanings {
			rest += "  " + t.faint(p.meaning)
		}
		name := wrapName(p.name, l.names)
		lines = append(lines, l.row(name[0], l.figure(p.energy.WattHours(), l.decimals), l.figure(100*ratio, 1), rest))
		lines = append(lines, name[1:]...)
	}
	return append(lines, rule, l.row("Total measured", fixed(r.Total.WattHours(), l.decimals), "100.0", ""))
}

// whereLayout is how the energy table is set.
type whereLayout struct {
	decimals            int // of the watt-hours, so that the column lines up
	names, figures, bar int // widths
	meanings            bool
}

// whereLayout finds the widths; the meanings are left out where they do not
// fit on one line.
func (t table) whereLayout(parts []part) whereLayout {
	total := t.report.Total.WattHours()
	l := whereLayout{decimals: max(0, 3-int(math.Floor(math.Log10(math.Abs(total)))))}
	l.figures = width(fixed(total, l.decimals))
	l.names = len(whereHeading)
	meaning := 0
	for _, p := range parts {
		l.figures = max(l.figures, width(fixed(p.energy.WattHours(), l.decimals)))
		l.names = max(l.names, width(p.name))
		meaning = max(meaning, width(p.meaning))
	}
	l.names = min(l.names, t.width/2, t.width-l.figures-whereFixed-minBar)
	left := t.width - l.names - l.figures - whereFixed
	l.meanings = left >= minBar+2+meaning
	if l.meanings {
		left -= 2 + meaning
	}
	l.bar = min(maxBar, left)
	return l
}

// figure is a cell of the energy table; what is exactly nothing is a plain 0.
func (l whereLayout) figure(v float64, decimals int) string {
	if v == 0 {
		return "0"
	}
	return fixed(v, decimals)
}

// row is one line of the energy table.
func (l whereLayout) row(name, wattHours, percentage, rest string) string {
	return padRight(name, l.names) + "  " + padLeft(wattHours, l.figures) + "  " + padLeft(percentage, 5) + "  " + rest
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
	var entries []entry
	for _, g := range r.Gaps {
		if g.Length < minorGap && (g.Reason == GapAfterLast || g.Reason == GapNoRecord) {
			continue
		}
		entries = append(entries, entry{"  " + length(g.Length), t.clean(gapText(g.Reason))})
	}
	if len(entries) == 0 {
		return nil
	}
	lines := wrapWords("Not measured: "+length(r.Elapsed-r.Measured)+" of "+length(r.Elapsed)+
		". The energy of that time is unknown, not zero.", t.prose())
	return append(lines, layOut(entries, t.prose(), t.plain)...)
}

// openEnergy is what is measured and not booked yet.
func (r Report) openEnergy() energy.Joules {
	for _, s := range r.Sinks {
		if s.Name == SinkOpen {
			return s.Energy
		}
	}
	return 0
}
