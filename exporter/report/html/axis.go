package html

import (
	"math"
	"strconv"
	"strings"
)

// tick is a mark on an axis.
type tick struct {
	At     string // a length along the axis: percent for x, pixels for y
	Text   string
	Anchor string // start, middle or end
	Wide   bool   // left out on a narrow page
}

// frame is what a chart with two axes is drawn in.
type frame struct {
	Height int    // of the plot, in pixels
	Gutter string // the room left of it
	Y, X   []tick
}

// TickEnd is how far down the marks of the time axis reach.
func (f frame) TickEnd() int { return f.Height + 5 }

// TickText is the base line of the labels.
func (f frame) TickText() int { return f.Height + 20 }

// scale maps values from 0 or below up to a round number onto pixels, the
// largest at 0.
type scale struct {
	low, high, step float64
	height          float64
}

// newScale chooses round steps, at most so many and one more at either end, so
// that both ends are within.
func newScale(low, high float64, height, steps int) scale {
	low, high = min(low, 0), max(high, 0)
	if !(high-low > 0) || math.IsInf(high-low, 0) {
		low, high = 0, 1
	}
	step := roundStep((high - low) / float64(steps))
	return scale{low: math.Floor(low/step) * step, high: math.Ceil(high/step-1e-9) * step, step: step, height: float64(height)}
}

// roundStep is the nearest of 1, 2, 2.5 and 5 times a power of ten that is not
// less.
func roundStep(v float64) float64 {
	magnitude := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if v <= m*magnitude*(1+1e-9) {
			return m * magnitude
		}
	}
	return 10 * magnitude
}

// y is where v stands, in pixels from the top.
func (s scale) y(v float64) float64 { return s.height * (s.high - v) / (s.high - s.low) }

// ratio is how far v is along the scale, 0 to 1.
func (s scale) ratio(v float64) float64 { return (v - s.low) / (s.high - s.low) }

// values are those at the steps, from the lowest up.
func (s scale) values() []float64 {
	values := make([]float64, int(math.Round((s.high-s.low)/s.step))+1)
	for i := range values {
		values[i] = s.low + float64(i)*s.step
	}
	return values
}

// ticks are the marks at the steps of a vertical axis.
func (s scale) ticks() []tick {
	var ticks []tick
	for _, v := range s.values() {
		ticks = append(ticks, tick{At: pixels(s.y(v)), Text: s.text(v)})
	}
	return ticks
}

// text writes a value at a step, with the decimals that the step needs.
func (s scale) text(v float64) string {
	decimals := max(0, -int(math.Floor(math.Log10(s.step)+1e-9)))
	if m := s.step * math.Pow10(decimals); math.Abs(m-math.Round(m)) > 1e-6 {
		decimals++ // 2.5 steps
	}
	if math.Abs(v) < s.step/2 {
		return "0"
	}
	return grouped(strconv.FormatFloat(v, 'f', decimals, 64))
}

// gutter names the room that labels need left of a chart.
func gutter(ticks []tick) string {
	longest := 0
	for _, t := range ticks {
		longest = max(longest, len(t.Text))
	}
	switch {
	case longest <= 4:
		return "g1"
	case longest <= 7:
		return "g2"
	}
	return "g3"
}

// grouped puts commas between the thousands of a decimal number.
func grouped(text string) string {
	whole, fraction, point := strings.Cut(text, ".")
	first := 0
	if strings.HasPrefix(whole, "-") {
		first = 1
	}
	for i := len(whole) - 3; i > first; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		return whole + "." + fraction
	}
	return whole
}

// percent is a ratio as a length along a chart.
func percent(ratio float64) string { return short(100*ratio, 2) + "%" }

// pixels is a length in user units.
func pixels(v float64) string { return short(v, 1) }

// short writes v with at most so many decimals.
func short(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}
