package calibration

import (
	"math"
	"slices"
	"time"
)

// span is the least time that a change is taken over, in seconds: long enough
// that the steps of a display are not all there is, short against fans.
const span = 5.0

// pair is a change of the meter.
type pair struct {
	from, to float64 // on the axis of the chip's signal
	change   float64 // watts
}

// search compares a meter's changes with the chip's.
type search struct {
	pairs       []pair
	shown       []signal
	shapes      []shape
	least, most float64 // the delays that are tried, seconds
}

// newSearch takes the meter's changes over span, or over twice the usual time
// between two of its points, if that is longer.
func newSearch(points []Point, chip signal, most time.Duration) *search {
	s := &search{shapes: shapes(), least: -MostAhead.Seconds(), most: most.Seconds()}
	for _, h := range s.shapes {
		s.shown = append(s.shown, chip.shown(h))
	}
	if len(points) < 2 {
		return s
	}
	over := max(span, 2*usualStep(points))
	k := 0
	for i := range points {
		to := chip.seconds(points[i].At)
		for k+1 < i && chip.seconds(points[k+1].At) <= to-over {
			k++
		}
		from := chip.seconds(points[k].At)
		if to-from >= over && to-from <= 2*over {
			s.pairs = append(s.pairs, pair{from, to, float64(points[i].Watts - points[k].Watts)})
		}
	}
	return s
}

// usualStep is the median time between two points, in seconds.
func usualStep(points []Point) float64 {
	steps := make([]float64, 0, len(points))
	for i := 1; i < len(points); i++ {
		steps = append(steps, points[i].At.Sub(points[i-1].At).Seconds())
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

// candidate is a delay with a shape, and how well they fit.
type candidate struct {
	shape       int
	delay       float64 // seconds, that of the shape included
	correlation float64 // 0 where too little overlaps
	step        float64 // of the chip: the root of its mean square change, watts
	pairs       int
}

// try compares the changes at a delay. It looks for a correlation without an
// offset: no change of the chip is no change of the meter.
func (s *search) try(shape int, delay float64) candidate {
	var xx, xy, yy float64
	c := candidate{shape: shape, delay: delay}
	back := delay - s.shapes[shape].delay()
	for _, p := range s.pairs {
		a, known := s.shown[shape].at(p.from - back)
		b, ok := s.shown[shape].at(p.to - back)
		if !known || !ok {
			continue
		}
		x := b - a
		xx, xy, yy = xx+x*x, xy+x*p.change, yy+p.change*p.change
		c.pairs++
	}
	if c.pairs < max(leastChanges, len(s.pairs)/2) || xx == 0 || yy == 0 {
		return c
	}
	c.correlation, c.step = xy/math.Sqrt(xx*yy), math.Sqrt(xx/float64(c.pairs))
	return c
}

// best tries all delays coarsely, and then finely around the best of each shape.
func (s *search) best() candidate {
	var best candidate
	for shape := range s.shapes {
		var near candidate
		for d := s.least; d <= s.most; d += coarse {
			if c := s.try(shape, d); c.correlation > near.correlation {
				near = c
			}
		}
		middle := near.delay
		for d := middle - coarse; d <= middle+coarse && near.pairs > 0; d += fine {
			if c := s.try(shape, d); c.correlation > near.correlation {
				near = c
			}
		}
		if near.correlation > best.correlation {
			best = near
		}
	}
	return best
}

// lag says how good the best candidate is.
func (s *search) lag(best candidate) Lag {
	h := s.shapes[best.shape]
	away := 10 + 2*h.spread()
	second := 0.0
	for d := s.least; d <= s.most; d += coarse {
		if math.Abs(d-best.delay) > away {
			second = max(second, s.try(best.shape, d).correlation)
		}
	}
	return Lag{
		Delay: seconds(best.delay), Spread: seconds(h.spread()),
		Correlation: best.correlation, Second: second,
		Error: seconds(s.uncertain(best)), Changes: best.pairs,
	}
}

// uncertain is the standard error of the best delay, by how quickly the
// correlation falls to both sides of it.
func (s *search) uncertain(best candidate) float64 {
	const h = 1.0
	before, after := s.try(best.shape, best.delay-h), s.try(best.shape, best.delay+h)
	bend := (2*best.correlation - before.correlation - after.correlation) / (h * h)
	if !(bend > 0) {
		return away
	}
	// Changes that overlap are not independent: about span of them are.
	noise := (1 - best.correlation*best.correlation) / (best.correlation * bend)
	return math.Sqrt(max(noise, 0)/max(float64(best.pairs)/span, 1)) + fine
}

// away is how far off a delay may be of which nothing is known, in seconds.
const away = 30.0

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
