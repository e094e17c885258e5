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
	chip        signal
	pairs       []pair
	over        float64 // that a change is taken over, seconds
	least, most float64 // the delays that are tried, seconds
}

// newSearch takes the meter's changes over span, or over twice the usual time
// between two of its values, if that is longer.
func newSearch(points []Point, chip signal, most time.Duration) *search {
	s := &search{chip: chip, least: -MostAhead.Seconds(), most: most.Seconds()}
	if len(points) < 2 {
		return s
	}
	s.over = max(span, 2*usualStep(points))
	k := 0
	for i := range points {
		to := chip.seconds(points[i].At)
		for k+1 < i && chip.seconds(points[k+1].At) <= to-s.over {
			k++
		}
		from := chip.seconds(points[k].At)
		if to-from >= s.over && to-from <= 2*s.over {
			s.pairs = append(s.pairs, pair{from, to, float64(points[i].Watts - points[k].Watts)})
		}
	}
	return s
}

// usualStep is the median time between two values, in seconds. A device that is
// asked more often than it measures shows the same value again.
func usualStep(points []Point) float64 {
	var between []float64
	last := points[0]
	for _, p := range points[1:] {
		if p.Watts != last.Watts {
			between = append(between, p.At.Sub(last.At).Seconds())
			last = p
		}
	}
	if len(between) == 0 {
		return 0
	}
	slices.Sort(between)
	return between[len(between)/2]
}

// candidate is a delay with a shape, and how well they fit.
type candidate struct {
	shape       shape
	shown       signal  // of that shape
	delay       float64 // seconds, that of the shape included
	correlation float64 // 0 where too little overlaps
	step        float64 // of the chip: the root of its mean square change, watts
	pairs       int
	// moved is how many pairs carry the changes of the chip, as if all of these
	// were alike: where it stands still, a pair tells nothing.
	moved float64
}

// try compares the changes at a delay. It looks for a correlation without an
// offset: no change of the chip is no change of the meter.
func (s *search) try(h shape, shown signal, delay float64) candidate {
	var xx, xy, yy, xxxx float64
	c := candidate{shape: h, shown: shown, delay: delay}
	back := delay - h.delay()
	for _, p := range s.pairs {
		a, known := shown.at(p.from - back)
		b, ok := shown.at(p.to - back)
		if !known || !ok {
			continue
		}
		x := b - a
		xx, xy, yy, xxxx = xx+x*x, xy+x*p.change, yy+p.change*p.change, xxxx+x*x*x*x
		c.pairs++
	}
	if c.pairs < max(leastChanges, len(s.pairs)/2) || xx == 0 || yy == 0 {
		return c
	}
	c.correlation, c.step = xy/math.Sqrt(xx*yy), math.Sqrt(xx/float64(c.pairs))
	c.moved = xx * xx / xxxx
	return c
}

// best tries all shapes at all delays coarsely, and then goes uphill from the best.
func (s *search) best() candidate {
	var best candidate
	for _, h := range shapes() {
		shown := s.chip.shown(h)
		for d := s.least; d <= s.most; d += coarse {
			if c := s.try(h, shown, d); c.correlation > best.correlation {
				best = c
			}
		}
	}
	return s.uphill(best)
}

// uphill goes on from a candidate in ever smaller steps of its delay, and of how
// long its shape is: with the mean delay held, and with the onset held.
func (s *search) uphill(best candidate) candidate {
	delay, stretch := coarse, 1.3
	for delay > fine {
		from := best
		for _, f := range []float64{1 / stretch, 1, stretch} {
			h := shape{box: from.shape.box * f, filter: from.shape.filter * f}
			shown := from.shown
			if f != 1 {
				shown = s.chip.shown(h)
			}
			onset := h.delay() - from.shape.delay()
			for _, d := range []float64{-delay, 0, delay, onset, onset / 2} {
				at := min(max(from.delay+d, s.least), s.most)
				if c := s.try(h, shown, at); c.correlation > best.correlation {
					best = c
				}
			}
		}
		if best.correlation == from.correlation {
			delay, stretch = delay/2, math.Sqrt(stretch)
		}
	}
	return best
}

// lag says how good the best candidate is.
func (s *search) lag(best candidate) Lag {
	h := best.shape
	away := 10 + 2*h.spread()
	second := 0.0
	for d := s.least; d <= s.most; d += coarse {
		if math.Abs(d-best.delay) > away {
			second = max(second, s.try(best.shape, best.shown, d).correlation)
		}
	}
	return Lag{
		Delay: seconds(best.delay), Spread: seconds(h.spread()),
		Correlation: best.correlation, Second: second,
		Error: seconds(s.uncertain(best)), Changes: best.pairs,
	}
}

// uncertain is the standard error of the best delay: how far it may be moved to
// either side until it fits worse by more than what is left over explains. A meter
// that does not average at all may fit as well, and over a wider range.
func (s *search) uncertain(best candidate) float64 {
	// A change of the chip is in as many pairs as begin within the time that
	// they are taken over; those are one piece of evidence.
	length := s.pairs[len(s.pairs)-1].to - s.pairs[0].to
	each := max(float64(len(s.pairs))*s.over/max(length, s.over), 1)
	evidence := max(best.moved/each, 1)
	left := max(1-best.correlation*best.correlation, leastLeft)
	sharp := s.chip.shown(shape{})
	far := 0.0
	for _, step := range []float64{-fine, fine} {
		for d := step; math.Abs(d) <= away; d += step {
			c := max(s.try(best.shape, best.shown, best.delay+d).correlation, s.try(shape{}, sharp, best.delay+d).correlation)
			if evidence*math.Log((1-c*c)/left) > 1 {
				break
			}
			far = max(far, math.Abs(d))
		}
	}
	return far + fine
}

// leastLeft is the least that is taken to be left over of a meter's changes: a
// fit without any error is luck.
const leastLeft = 1e-4

// away is how far off a delay may be of which nothing is known, in seconds.
const away = 30.0

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
