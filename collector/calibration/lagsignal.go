package calibration

import (
	"math"
	"time"
)

// grid is the step of the even grid that the chip's power is laid on, in seconds,
// and mostGrid how many steps it has at most: two hours.
const (
	grid     = 0.25
	mostGrid = 2 * 3600 / grid
)

// farthest is how far apart two points of the chip may be with the power between
// them taken for known, in seconds.
const farthest = 15.0

// signal is the chip's power on an even grid.
type signal struct {
	origin time.Time
	watts  []float64
	known  []bool
}

// newSignal lays points on a grid by straight lines between them. It is false for
// too few points.
func newSignal(points []Point) (signal, bool) {
	points = clean(points)
	if len(points) < leastChanges {
		return signal{}, false
	}
	s := signal{origin: points[0].At}
	n := min(int(s.seconds(points[len(points)-1].At)/grid)+1, mostGrid)
	s.watts, s.known = make([]float64, n), make([]bool, n)
	k := 0
	for i := range s.watts {
		t := float64(i) * grid
		for k+2 < len(points) && s.seconds(points[k+1].At) < t {
			k++
		}
		a, b := points[k], points[k+1]
		from, to := s.seconds(a.At), s.seconds(b.At)
		s.watts[i] = float64(a.Watts) + float64(b.Watts-a.Watts)*(t-from)/(to-from)
		s.known[i] = to-from <= farthest
	}
	return s, true
}

// seconds is the place of a time on the grid's axis.
func (s signal) seconds(t time.Time) float64 { return t.Sub(s.origin).Seconds() }

// shape is a way of averaging: over a box of the last seconds, or as a filter of
// the first order forgets. The zero shape does not average.
type shape struct {
	box, filter float64 // seconds; one of them at most
}

// delay is the mean delay of a shape, and spread its standard deviation.
func (h shape) delay() float64  { return h.box/2 + h.filter }
func (h shape) spread() float64 { return math.Hypot(h.box/math.Sqrt(12), h.filter) }

// shapes are those that are tried: plugs average over some seconds, and a broker
// or a hub between may average over a minute.
func shapes() []shape {
	all := []shape{{}}
	for _, s := range []float64{1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60} {
		all = append(all, shape{box: s})
	}
	for _, s := range []float64{1, 2, 3, 5, 7, 10, 15, 20} {
		all = append(all, shape{filter: s})
	}
	return all
}

// shown is what a meter with that shape would show of s, without further delay.
func (s signal) shown(h shape) signal {
	out := signal{origin: s.origin, watts: make([]float64, len(s.watts)), known: make([]bool, len(s.watts))}
	length := int(math.Round(h.box/grid)) + 1
	keep := 0.0
	if h.filter > 0 {
		keep = math.Exp(-grid / h.filter)
		length = int(3*h.filter/grid) + 1
	}
	sum, state, run := 0.0, 0.0, 0
	for i, w := range s.watts {
		if i == 0 {
			state = w
		}
		state = keep*state + (1-keep)*(w+s.watts[max(i-1, 0)])/2
		sum += w
		if s.known[i] {
			run++
		} else {
			run = 0
		}
		out.watts[i], out.known[i] = state, run >= min(length, i+1) && i+1 >= length
		if h.box > 0 {
			if i >= length {
				sum -= s.watts[i-length]
			}
			out.watts[i] = sum / float64(min(i+1, length))
		}
	}
	return out
}

// at is the power at a place of the axis, and false outside what is known.
func (s signal) at(t float64) (float64, bool) {
	i := int(math.Floor(t / grid))
	if i < 0 || i+1 >= len(s.watts) || !s.known[i] || !s.known[i+1] {
		return 0, false
	}
	part := t/grid - float64(i)
	return s.watts[i] + part*(s.watts[i+1]-s.watts[i]), true
}
