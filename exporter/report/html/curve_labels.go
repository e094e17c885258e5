package html

import (
	"cmp"
	"slices"
)

// labelSpace is how far apart the names of lines stand at least, in pixels.
const labelSpace = 18

// place is where a line ends, for its name.
type place struct {
	mark
	y float64
}

// addLabels names the lines at their right ends, from the lowest up, so that no
// name stands on another.
func (c *curveChart) addLabels(v canvas, plan *forecast, series []sums) {
	places := make([]place, 0, len(series))
	for i, s := range series {
		p := v.end(s, plan)
		p.Key, p.Text = s.key, c.Lines[i].Name
		places = append(places, p)
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(b.y, a.y) })
	above := float64(curveHeight)
	for i, p := range places {
		y := min(p.y-8, above)
		if i == 0 && p.Key == costKey && p.y+labelSpace < above { // what crosses it is above it by now
			y = p.y + labelSpace
		}
		if y < 12 { // beside a line that leaves at the top, and under the last name otherwise
			y = 14
		}
		p.TextY, above = pixels(y), y-labelSpace
		c.Labels = append(c.Labels, p.mark)
	}
}

// end is where a line leaves the chart: right, or at the top.
func (c canvas) end(s sums, plan *forecast) place {
	p := place{mark: mark{X: "100%", Anchor: "end"}}
	if plan == nil {
		p.y = c.s.y(s.days[len(s.days)-1].money.Units())
		return p
	}
	months := c.months()
	p.y = c.s.y(plan.at(s.key, months))
	if p.y >= 0 {
		return p
	}
	start := plan.at(s.key, 0)
	months = (c.s.high - start) / plan.monthly[s.key] // it rises, or it would not be above
	p.X, p.y = percent(0.985*months/c.months()), 0
	return p
}
