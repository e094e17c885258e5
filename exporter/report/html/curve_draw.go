package html

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/report"
)

// canvas places points on the chart of sums.
type canvas struct {
	axis timeAxis
	s    scale
}

// point is a place on a path.
func (c canvas) point(t time.Time, v float64) string {
	return pixels(curveWidth*c.axis.ratio(t)) + " " + pixels(curveUnits*c.s.y(v))
}

// draw fills the chart.
func (c *curveChart) draw(series []sums, plan *forecast, r report.Report) {
	v := newCanvas(series, plan, r)
	c.frame = newFrame(curveHeight, v.s, v.axis)
	for _, s := range series {
		l := line{Key: s.key, Name: s.name, Metered: v.metered(s, plan, r.Curve)}
		if plan != nil {
			if s.key == costKey {
				l.Name = "Hardware and electricity"
			}
			if _, ok := plan.monthly[s.key]; ok {
				l.Reckoned = "M" + v.point(v.axis.since, plan.at(s.key, 0)) + "L" + v.point(v.axis.until, plan.at(s.key, v.months()))
			}
		}
		c.Lines = append(c.Lines, l)
	}
	c.addLabels(v, plan, series)
	if plan == nil {
		c.addHoles(r.Curve, v.axis)
		return
	}
	c.addCrossings(plan, v)
	c.addUprights(plan, v, r.Now)
}

// newCanvas spans the days, or with a forecast the time from the purchase to
// beyond the break-even.
func newCanvas(series []sums, plan *forecast, r report.Report) canvas {
	days := r.Curve.Days
	if plan != nil {
		horizon := plan.horizon(r.Now)
		return canvas{timeAxis{plan.purchased, monthsAfter(plan.purchased, horizon)}, newScale(0, plan.highest(horizon), curveHeight, 5)}
	}
	low, high := 0.0, 0.0
	for _, s := range series {
		for _, d := range s.days {
			low, high = min(low, d.money.Units()), max(high, d.money.Units())
		}
	}
	return canvas{timeAxis{days[0].Start, days[len(days)-1].End}, newScale(low, high, curveHeight, 5)}
}

// months is the length of the axis.
func (c canvas) months() float64 { return monthsSince(c.axis.since, c.axis.until) }

func monthsSince(from, to time.Time) float64 { return float64(to.Sub(from)) / float64(payback.Month) }

// metered is the path over the days with a known amount. With a forecast it
// begins where the mean of the metered days would have led by then, and goes on
// at the mean over a day that is not known.
func (c canvas) metered(s sums, plan *forecast, curve report.Curve) string {
	var path strings.Builder
	at, broken := 0.0, true
	if plan != nil {
		at = plan.at(s.key, monthsSince(plan.purchased, curve.Days[0].Start))
	}
	for i, d := range curve.Days {
		if !s.days[i].known {
			if plan != nil {
				at += plan.monthly[s.key] * monthsSince(d.Start, d.End)
			}
			broken = true
			continue
		}
		if broken {
			path.WriteString("M" + c.point(d.Start, at))
		}
		at += s.days[i].day.Units()
		path.WriteString("L" + c.point(d.End, at))
		broken = false
	}
	return path.String()
}

// addHoles marks the days whose cost is not known.
func (c *curveChart) addHoles(curve report.Curve, axis timeAxis) {
	days := curve.Days
	for i := 0; i < len(days); {
		first := i
		for i < len(days) && !days[i].Cost.Known {
			i++
		}
		if i == first {
			i++
			continue
		}
		from, to := axis.ratio(days[first].Start), axis.ratio(days[i-1].End)
		c.Holes = append(c.Holes, hole{percent(from), percent(to - from), percent((from + to) / 2), to-from > 0.09})
	}
}

// nearRatio is how much of the width of a phone a label takes.
const nearRatio = 0.25

// addCrossings marks where the lines cross, with the band of the forecasts.
func (c *curveChart) addCrossings(plan *forecast, v canvas) {
	end := v.months()
	crossings := slices.Clone(plan.breaks)
	slices.SortStableFunc(crossings, func(a, b crossing) int { return cmp.Compare(a.months, b.months) })
	last := -1.0
	for _, x := range crossings {
		if !x.reached() {
			continue
		}
		if x.forecast.EarlyKnown && float64(x.forecast.Early) < end {
			late := end
			if x.forecast.LateKnown {
				late = min(end, float64(x.forecast.Late))
			}
			from := float64(max(0, x.forecast.Early-1)) / end // within the month that has that number
			c.Bands = append(c.Bands, band{x.key, percent(from), percent(late/end - from)})
		}
		if x.months > end {
			continue
		}
		y := v.s.y(plan.at(costKey, x.months))
		m := mark{Key: x.key, X: percent(x.months / end), Y: pixels(y), TextY: pixels(y - 14), Text: monthsText(x.forecast.Months)}
		m.Anchor = anchorText(x.months/end, m.Text)
		if last >= 0 && x.months/end-last < nearRatio { // so that neighbours do not meet
			m.TextY = pixels(y + 26)
		}
		last = x.months / end
		c.Marks = append(c.Marks, m)
	}
}

// addUprights marks today and the end of the machine's expected life.
func (c *curveChart) addUprights(plan *forecast, v canvas, now time.Time) {
	add := func(t time.Time, y int, text string) {
		if t.After(v.axis.since) && t.Before(v.axis.until) {
			at := v.axis.ratio(t)
			c.Uprights = append(c.Uprights, upright{tick{At: percent(at), Text: text, Anchor: anchorText(at, text)}, y})
		}
	}
	add(now, -8, "today")
	if plan.life > 0 {
		add(plan.purchased.Add(plan.life), -22, "end of its expected life")
	}
}
