package html

import (
	"strconv"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// layer is a part of the power, from the bottom of the stack up.
type layer struct {
	Key, Name string
	part      func(report.PowerParts) energy.Joules
}

// layers are the parts in the order in which they are stacked: the machine at
// rest carries the rest, and requests are the summit.
func layers() []layer {
	return []layer{
		{"baseline", "Baseline (at rest)", func(p report.PowerParts) energy.Joules { return p.Baseline }},
		{"gap", "Gaps, by a meter", func(p report.PowerParts) energy.Joules { return p.Gap }},
		{"other", "Other programs", func(p report.PowerParts) energy.Joules { return p.OtherProcesses }},
		{"unexplained", "Unexplained", func(p report.PowerParts) energy.Joules { return p.Unexplained }},
		{"server", "Server, no request", func(p report.PowerParts) energy.Joules { return p.ServerOther }},
		{"load", "Loading models", func(p report.PowerParts) energy.Joules { return p.ModelLoad }},
		{"requests", "Requests", func(p report.PowerParts) energy.Joules { return p.Inference }},
	}
}

// powerChart is the power over the period, stacked by where it went.
type powerChart struct {
	Heading, Title, Desc, Note string
	frame
	ViewBox      string
	UnitX, UnitY string // of the paths, as parts of the width and the height
	Layers       []area // in the order of drawing: the whole stack first
	Legend       []area // from the top of the stack down
	Holes        []hole
	Unknown      string // what holes are: "not measured"
	Now          *tick
	Hits         []hit
	Table        dataTable
}

// area is everything of a stack up to one layer's top. Layers are drawn one over
// the other, so that each shows only its own part.
type area struct {
	Key, Name string
	Path      string
}

// hole is time without a measurement.
type hole struct {
	X, Width, Middle string
	Labelled         bool
}

// hit is the strip of a point, with what is told when a pointer rests on it.
type hit struct{ X, Width, Text string }

// powerHeight is the height of the chart in pixels, and powerUnits how finely a
// pixel is divided.
const (
	powerHeight = 260
	powerUnits  = 10
	maxPoints   = 400
)

// newPowerChart draws the points; nil when there is no curve in them.
func newPowerChart(r report.Report) *powerChart {
	points := mergeTo(r.Power, maxPoints)
	top, at, measured := peak(points)
	if len(points) < 2 || measured < 2 || !(top > 0) {
		return nil
	}
	last := points[len(points)-1]
	axis := timeAxis{points[0].Start, last.Start.Add(last.Length)}
	s := newScale(0, float64(top), powerHeight, 5)
	c := &powerChart{Heading: "Power, by where it went", Title: "Power over " + r.Period.String(),
		frame: newFrame(powerHeight, s, axis), ViewBox: "0 0 " + strconv.Itoa(len(points)) + " " + strconv.Itoa(powerHeight*powerUnits)}
	c.UnitX, c.UnitY = short(1/float64(len(points)), 9), short(1.0/(powerHeight*powerUnits), 9)
	c.Note = "Watts, the mean of each " + report.FormatDuration(points[0].Length) + ". Highest " + report.FormatPower(top) + ", " +
		momentText(points[at], r.Period) + "."
	c.Unknown = unknownText(r)
	c.addLayers(points, s)
	c.addHoles(points, axis, r)
	c.Desc = c.describe()
	for _, p := range points {
		if text, ok := pointText(p, r); ok {
			c.Hits = append(c.Hits, hit{percent(axis.ratio(p.Start)), percent(axis.ratio(p.Start.Add(p.Length)) - axis.ratio(p.Start)), text})
		}
	}
	if r.Now.After(axis.since) && r.Now.Before(axis.until) {
		at := axis.ratio(r.Now)
		c.Now = &tick{At: percent(at), Text: "now", Anchor: anchor(at)}
	}
	c.Table = powerTable(points, r, c.Legend)
	return c
}

// LabelY is where text in the middle of the chart stands.
func (c *powerChart) LabelY() int { return c.Height / 2 }

// UnknownLabel is what the legend calls the holes.
func (c *powerChart) UnknownLabel() string { return strings.ToUpper(c.Unknown[:1]) + c.Unknown[1:] }

// peak is the highest mean power, the point that has it, and how many are known.
func peak(points []report.PowerPoint) (top energy.Watts, at, measured int) {
	for i, p := range points {
		w, ok := p.Watts()
		if !ok {
			continue
		}
		measured++
		if w > top {
			top, at = w, i
		}
	}
	return top, at, measured
}

// addLayers draws the parts that occur.
func (c *powerChart) addLayers(points []report.PowerPoint, s scale) {
	below := make([]energy.Joules, len(points))
	for _, l := range layers() {
		var sum energy.Joules
		for i, p := range points {
			part := max(0, l.part(p.Parts))
			below[i] += part
			sum += part
		}
		if sum <= 0 {
			continue
		}
		a := area{Key: l.Key, Name: l.Name, Path: steps(points, below, s)}
		c.Layers, c.Legend = append([]area{a}, c.Layers...), append([]area{a}, c.Legend...)
	}
}

// steps is the outline of a step curve down to zero, with a point as the unit
// of x. Each point is a mean, so nothing is drawn sloping between two.
func steps(points []report.PowerPoint, tops []energy.Joules, s scale) string {
	zero := int(powerUnits * s.y(0))
	var path strings.Builder
	path.WriteString("M0 " + strconv.Itoa(zero))
	at := zero
	for i, p := range points {
		y := zero
		if p.Measured > 0 {
			y = int(powerUnits*s.y(float64(tops[i].Over(p.Measured))) + 0.5)
		}
		if y != at {
			path.WriteString("H" + strconv.Itoa(i) + "V" + strconv.Itoa(y))
			at = y
		}
	}
	path.WriteString("H" + strconv.Itoa(len(points)) + "V" + strconv.Itoa(zero) + "Z")
	return path.String()
}

// addHoles marks the time up to now that was not measured.
func (c *powerChart) addHoles(points []report.PowerPoint, axis timeAxis, r report.Report) {
	for i := 0; i < len(points); {
		if points[i].Measured > 0 || !points[i].Start.Before(r.Now) {
			i++
			continue
		}
		first := i
		for i < len(points) && points[i].Measured <= 0 && points[i].Start.Before(r.Now) {
			i++
		}
		end := points[i-1].Start.Add(points[i-1].Length)
		if r.Now.Before(end) {
			end = r.Now
		}
		from, to := axis.ratio(points[first].Start), axis.ratio(end)
		c.Holes = append(c.Holes, hole{percent(from), percent(to - from), percent((from + to) / 2), to-from > 0.09})
	}
}

// describe says in words what the chart shows.
func (c *powerChart) describe() string {
	names := make([]string, len(c.Legend))
	for i, l := range c.Legend {
		names[i] = strings.ToLower(l.Name[:1]) + l.Name[1:]
	}
	text := c.Note + " Stacked from the top down: " + strings.Join(names, ", ") + "."
	if len(c.Holes) > 0 {
		text += " Hatched time is " + c.Unknown + ": its power is unknown."
	}
	return text + " The table below the chart has the figures."
}

// unknownText says why the power of a point is not known. What is measured and
// not booked yet is in no point.
func unknownText(r report.Report) string {
	for _, s := range r.Sinks {
		if s.Name == report.SinkOpen && s.Energy > 0 {
			return "not measured or not booked yet"
		}
	}
	return "not measured"
}

// pointText is what a pointer on a point is told; false for what is still to
// come.
func pointText(p report.PowerPoint, r report.Report) (string, bool) {
	when := momentText(p, r.Period)
	w, ok := p.Watts()
	if !ok {
		return when + ": " + unknownText(r), p.Start.Before(r.Now)
	}
	text := when + ": " + report.FormatPower(w)
	all := layers()
	for i := range all {
		l := all[len(all)-1-i]
		if part := l.part(p.Parts); part > 0 {
			text += "\n" + l.Name + " " + report.FormatPower(part.Over(p.Measured))
		}
	}
	return text, true
}

// momentText says when a point was: a clock time within a day, a date where the
// point is whole days, both otherwise.
func momentText(p report.PowerPoint, period report.Period) string {
	loc := period.Since.Location()
	start, end := p.Start.In(loc), p.Start.Add(p.Length).In(loc)
	const day = 24 * time.Hour
	switch {
	case p.Length == day:
		return start.Format("Mon 2 Jan 2006")
	case p.Length > day:
		return start.Format("2 Jan 2006") + " to " + end.Add(-time.Second).Format("2 Jan 2006")
	case period.Until.Sub(period.Since) <= 25*time.Hour:
		return start.Format("15:04") + " to " + end.Format("15:04")
	}
	return start.Format("Mon 2 Jan 15:04") + " to " + end.Format("15:04")
}
