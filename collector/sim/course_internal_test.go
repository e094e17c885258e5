package sim

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// TestCoursesAreIntegratedExactly holds the closed forms against sums over small
// steps, of the supply's curve over a fan that settles and a battery that fills.
func TestCoursesAreIntegratedExactly(t *testing.T) {
	supply := Supply{Fixed: 0.5, Share: 0.07, Square: 900}
	out, more := course{base: 12, fan: -3, taper: 20}, course{base: 30, fan: -25}
	for _, r := range []rates{{}, {fan: 1.0 / 40}, {taper: 1.0 / 300}, {fan: 1.0 / 40, taper: 1.0 / 300}, {fan: 5, taper: 1e-7}} {
		for _, sec := range []float64{1e-6, 0.3, 25, 1000} {
			over := r.over(time.Duration(sec * 1e9))
			at := func(c course, t float64) energy.Watts {
				w := c.base
				if r.fan > 0 {
					w += c.fan * energy.Watts(math.Exp(-r.fan*t))
				}
				if r.taper > 0 {
					w += c.taper * energy.Watts(math.Exp(-r.taper*t))
				}
				return w
			}
			idle := simpson(sec, func(t float64) float64 { return float64(supply.at(at(out, t))) })
			all := simpson(sec, func(t float64) float64 { return float64(supply.at(at(out, t) + at(more, t))) })
			same := func(what string, got energy.Joules, want float64) {
				if math.Abs(float64(got)-want) > 1e-9*want {
					t.Errorf("rates %+v over %v s: %s: got %v J, summed %v J", r, sec, what, float64(got), want)
				}
			}
			same("the supply", supply.over(&over, out), idle)
			same("the supply with more", supply.over(&over, out)+supply.above(&over, out, more), all)
			same("what is more", supply.above(&over, out, more), all-idle)
		}
	}
}

// simpson sums f over sec seconds.
func simpson(sec float64, f func(float64) float64) float64 {
	const n = 40000
	h := sec / n
	sum := f(0) + f(sec)
	for i := 1; i < n; i++ {
		sum += f(float64(i)*h) * float64(2+2*(i%2))
	}
	return sum * h / 3
}

// TestCutsOfAnInterval: a whole machine that is asked in the middle of an
// interval, or has it in pieces, comes to the same.
func TestCutsOfAnInterval(t *testing.T) {
	s := miniDay()
	s.Wall.Battery = Battery{Capacity: 5e4, Charge: 0.78, Watts: 25, Unplugged: []Absence{{At: 50 * time.Minute, Every: time.Hour, For: 7 * time.Minute}}}
	whole, cut := newWhole(&s, load{cpu: 0.4}), newWhole(&s, load{cpu: 0.4})
	m := demand{idle: 4, idleFan: 0.1, work: 40, workFan: 2}
	const length = 6 * time.Hour
	one := whole.add(m, 0, length)
	var sum drawn
	for from := time.Duration(0); from < length; {
		d := min(17*time.Second+123, length-from)
		part := cut.add(m, from, d)
		sum.baseline += part.baseline
		sum.above += part.above
		from += d
	}
	a, b := whole.total, cut.total
	for what, j := range map[string][2]energy.Joules{
		"baseline": {one.baseline, sum.baseline}, "above": {one.above, sum.above}, "plug": {a.PlugTotal, b.PlugTotal}, "board": {a.BoardTotal, b.BoardTotal},
		"charged": {a.ChargedTotal, b.ChargedTotal}, "drained": {a.DrainedTotal, b.DrainedTotal}, "held": {whole.battery.held, cut.battery.held},
	} {
		if math.Abs(float64(j[0]-j[1])) > 1e-9*float64(j[0]) || j[0] <= 0 {
			t.Errorf("%s: %v J at once, %v J in pieces", what, float64(j[0]), float64(j[1]))
		}
	}
}
