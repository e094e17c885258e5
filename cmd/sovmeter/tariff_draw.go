package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// canvas is what a tariff is drawn on.
type canvas struct {
	width        int
	ascii, color bool
}

// The widths of a drawing; bars longer than the longest are no easier to read.
const (
	narrowTariff     = 40
	wideTariff       = 120
	longestTariffBar = 60
)

func (s *tariffShow) canvas() canvas { return newCanvas(s.env, s.width, s.ascii) }

func newCanvas(e env, width int, ascii bool) canvas {
	o := tableOptions(e.stdout, width, ascii)
	if o.Width == 0 {
		o.Width = plainWidth
	}
	return canvas{width: min(max(o.Width, narrowTariff), wideTariff), ascii: ascii, color: o.Color}
}

// paint puts a row into a colour that reads on light and dark screens.
func (c canvas) paint(code, line string) string {
	if !c.color || code == "" {
		return line
	}
	return code + line + "\x1b[0m"
}

// clean takes what a terminal without other letters cannot show out of a name.
func (c canvas) clean(name string) string {
	if !c.ascii {
		return name
	}
	return strings.Map(func(r rune) rune {
		if r > 0x7e && string(r) != glue {
			return '?'
		}
		return r
	}, name)
}

// wrap sets prose behind what stands before it on its first line; later lines
// are set in by so many spaces. A figure stays with its percent sign.
func (c canvas) wrap(before, prose string, indent int) string {
	var b strings.Builder
	b.WriteString(before)
	used, begins := text.StringWidthWithoutEscSequences(before), true
	for word := range strings.SplitSeq(strings.ReplaceAll(c.clean(prose), " %", glue+"%"), " ") {
		wide := text.StringWidthWithoutEscSequences(word)
		switch {
		case begins:
		case used+1+wide > c.width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			used = indent
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used, begins = used+wide, false
	}
	return strings.ReplaceAll(b.String(), glue, " ") + "\n"
}

// glue stands for a space at which no line may end.
const glue = "\u2007"

// draw is the whole page.
func (d *tariffDay) draw(what, note string, c canvas) string {
	var b strings.Builder
	b.WriteString(c.wrap("", fmt.Sprintf("%s %s, %s, in %s per kWh", d.date.Weekday(), d.date, zoneText(d.tariff), d.tariff.Currency()), 0))
	b.WriteString(c.wrap("", what, 0))
	b.WriteString("\n")
	d.drawRows(&b, c)
	b.WriteString("\n")
	for _, line := range d.sentences() {
		b.WriteString(c.wrap("", line, 0))
	}
	if note != "" {
		b.WriteString("\n" + c.wrap("", note, 0))
	}
	return b.String()
}

func (d *tariffDay) drawRows(b *strings.Builder, c canvas) {
	figures := make([]string, len(d.rows))
	figure, times, tags := 0, 0, 0
	for i, r := range d.rows {
		figures[i] = "?"
		if r.Unknown == "" {
			figures[i] = r.Price.Rat().FloatString(d.digits)
		}
		figure = max(figure, len(figures[i]))
		times = max(times, len(d.time(r)))
		tags = max(tags, text.StringWidthWithoutEscSequences(c.clean(r.tag())))
	}
	bar := barScale{low: min(0, d.lowest.Units()), high: max(0, d.highest.Units()), ascii: c.ascii}
	bar.cells = min(longestTariffBar, c.width-2-times-2-figure-1-2-min(tags, c.width/3))
	for i, r := range d.rows {
		line := fmt.Sprintf("  %-*s  %*s ", times, d.time(r), figure, figures[i])
		drawn := strings.Repeat(" ", bar.cells)
		if r.Unknown == "" {
			drawn = bar.draw(r.Price.Units())
		}
		tag := text.Trim(c.clean(r.tag()), c.width-text.StringWidthWithoutEscSequences(line)-bar.cells-2)
		b.WriteString(c.paint(d.color(r), strings.TrimRight(line+drawn+"  "+tag, " ")) + "\n")
	}
}

// tag is what stands behind a row's bar.
func (r tariffRow) tag() string {
	if r.label() == "" {
		return strings.Join(r.marks, ", ")
	}
	return strings.Join(append([]string{r.label()}, r.marks...), ", ")
}

func (d *tariffDay) color(r tariffRow) string {
	switch {
	case d.now != nil && r.Start.Equal(d.now.Start):
		return "\x1b[1m"
	case d.isLowest(r):
		return "\x1b[32m"
	case r.Unknown != "":
		return "\x1b[2m"
	}
	return ""
}

// time is when a row begins, by the clock; on a day of a clock change with the
// zone's name, as an hour may come twice.
func (d *tariffDay) time(r tariffRow) string {
	at := r.Start.In(d.tariff.Zone())
	if len(d.rows) == 1 {
		return "all day"
	}
	if d.changes {
		return at.Format("15:04 MST")
	}
	return at.Format("15:04")
}

// sentences sum the day up.
func (d *tariffDay) sentences() []string {
	var lines []string
	switch {
	case len(d.rows) == 0:
		lines = append(lines, fmt.Sprintf("Clocks in %s left this day out.", zoneText(d.tariff)))
	case d.varies():
		lines = append(lines, fmt.Sprintf("Lowest %s %s, highest %s %s, mean %s.",
			d.priced(d.lowest), d.times(d.isLowest), d.priced(d.highest), d.times(d.isHighest), d.meanText()))
	case d.known:
		lines = append(lines, fmt.Sprintf("A kWh costs %s at all times of the day.", d.priced(d.lowest)))
		if d.unknown > 0 {
			lines[0] = fmt.Sprintf("A kWh costs %s where the price is known.", d.priced(d.lowest))
		}
	}
	if d.now != nil && d.now.Unknown == "" && d.varies() {
		lines = append(lines, fmt.Sprintf("Now it is %s.", d.priced(d.now.Price)))
	}
	seen := map[tariff.Reason]bool{}
	for _, r := range d.rows {
		if r.Unknown != "" && !seen[r.Unknown] {
			seen[r.Unknown] = true
			lines = append(lines, fmt.Sprintf("Not known %s: %s.", d.times(func(o tariffRow) bool { return o.Unknown == r.Unknown }), unknownText(r.Unknown)))
		}
	}
	return lines
}

// mostTimes is how many times a sentence names before it counts.
const mostTimes = 3

// times names the rows that are meant: "22:00-06:00 and 12:00-13:00".
func (d *tariffDay) times(meant func(tariffRow) bool) string {
	var spans [][2]time.Time
	for _, r := range d.rows {
		switch last := len(spans) - 1; {
		case !meant(r):
		case last >= 0 && spans[last][1].Equal(r.Start):
			spans[last][1] = r.End
		default:
			spans = append(spans, [2]time.Time{r.Start, r.End})
		}
	}
	var parts []string
	for i, s := range spans {
		if i == mostTimes {
			parts = append(parts, fmt.Sprintf("%d more times", len(spans)-i))
			break
		}
		parts = append(parts, d.span(s[0], s[1]))
	}
	return joinAnd(parts)
}

func (d *tariffDay) span(from, to time.Time) string {
	zone := d.tariff.Zone()
	end := to.In(zone).Format("15:04")
	if to.Equal(d.date.Add(1).Start(zone)) {
		end = "24:00"
	}
	return from.In(zone).Format("15:04") + "-" + end
}

func joinAnd(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// priced is a price with the digits of the drawing.
func (d *tariffDay) priced(p cost.Price) string {
	return p.Rat().FloatString(d.digits) + " " + string(p.Currency) + "/kWh"
}

// meanText is the mean, which may need more digits than what it is of.
func (d *tariffDay) meanText() string {
	return d.mean.Rat().FloatString(priceDigits([]cost.Price{d.mean}, 4)) + " " + string(d.mean.Currency) + "/kWh"
}

// zoneText is the zone whose clocks are meant.
func zoneText(t *tariff.Tariff) string {
	if t.Zone() == time.Local {
		return "local time"
	}
	return t.Zone().String()
}
