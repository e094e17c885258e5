package report

import (
	"math"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// power draws the mean power over the period as a sparkline with a time axis.
func (t table) power() []string {
	const label = "Power  "
	cells := mergePoints(t.report.Power, t.prose()-len(label))
	highest := energy.Watts(0)
	for _, c := range cells {
		if w, ok := c.Watts(); ok {
			highest = max(highest, w)
		}
	}
	if len(cells) < 2 || highest == 0 { // one mark is no curve
		return nil
	}
	line := t.sparkline(cells, highest)
	indent := strings.Repeat(" ", len(label))
	legend := "means of " + length(cells[0].Length) + ", highest " + significant(float64(highest)) + " W"
	if strings.ContainsRune(line, t.glyphs.unmeasured) {
		legend += "; " + string(t.glyphs.unmeasured) + " not measured"
		if t.report.openEnergy() > 0 {
			legend += " or not booked yet"
		}
	}
	out := []string{label + t.green(line), indent + t.faint(axis(cells, t.report.Period))}
	for _, part := range wrapWords(legend, t.prose()-len(indent)) {
		out = append(out, indent+t.faint(part))
	}
	return out
}

// sparkline draws one mark per cell, from nothing at the bottom to highest at
// the top. What was not measured has its own mark, what is still to come none.
func (t table) sparkline(cells []PowerPoint, highest energy.Watts) string {
	marks := make([]rune, len(cells))
	for i, c := range cells {
		w, measured := c.Watts()
		switch {
		case measured:
			level := int(math.Ceil(float64(w/highest)*float64(len(t.levels)))) - 1
			marks[i] = t.levels[min(max(level, 0), len(t.levels)-1)]
		case c.Start.Before(t.report.Now):
			marks[i] = t.glyphs.unmeasured
		default:
			marks[i] = ' '
		}
	}
	return string(marks)
}

// mergePoints joins neighbours until the points fit into so many cells.
func mergePoints(points []PowerPoint, cells int) []PowerPoint {
	if len(points) == 0 || cells <= 0 {
		return nil
	}
	each := (len(points) + cells - 1) / cells
	merged := make([]PowerPoint, 0, cells)
	for i, p := range points {
		if i%each == 0 {
			merged = append(merged, PowerPoint{Start: p.Start})
		}
		cell := &merged[len(merged)-1]
		cell.Length += p.Length
		cell.Energy += p.Energy
		cell.Parts = cell.Parts.Plus(p.Parts)
		cell.Measured += p.Measured
	}
	return merged
}

// axis labels the cells with times, as many as fit loosely, and the end.
func axis(cells []PowerPoint, p Period) string {
	layout := clockLayout(p.Since, p.Until)
	marks := quarters(len(cells))
	if p.Until.Sub(p.Since) > 49*time.Hour {
		layout, marks = "2 Jan", newDays(cells)
	}
	end := p.Until.Format(layout)
	line := p.Since.Format(layout)
	next := len(cells) / 5 // where another label may stand
	for _, at := range marks {
		label := cells[at].Start.Format(layout)
		if at < next || at < len(line)+2 || at+len(label)+2 > len(cells)-len(end) {
			continue
		}
		line = padRight(line, at) + label
		next = at + len(cells)/5
	}
	if len(line)+1+len(end) > len(cells) {
		return line + " to " + end
	}
	return padRight(line, len(cells)-len(end)) + end
}

// quarters are the cells at which a quarter of the time begins.
func quarters(n int) []int { return []int{n / 4, n * 2 / 4, n * 3 / 4} }

// newDays are the cells at which a day begins, or within.
func newDays(cells []PowerPoint) []int {
	var starts []int
	for i := 1; i < len(cells); i++ {
		if cells[i].Start.YearDay() != cells[i-1].Start.YearDay() {
			starts = append(starts, i)
		}
	}
	return starts
}
