package sim

import "github.com/sovmeter/sovmeter/collector/energy"

// at is what is drawn from the wall so that w comes out of the supply.
func (s Supply) at(w energy.Watts) energy.Watts {
	p := s.Fixed + w*energy.Watts(1+s.Share)
	if s.Square > 0 {
		p += w * w / s.Square
	}
	return p
}

// over is what is drawn from the wall while a course comes out of the supply.
func (s Supply) over(w *while, out course) energy.Joules {
	return energy.Joules(float64(s.Fixed)*w.one) + s.above(w, course{}, out)
}

// above is how much more is drawn from the wall because more comes out of the
// supply on top of out: ∫ more·(1+Share) + more·(2·out+more)/Square.
func (s Supply) above(w *while, out, more course) energy.Joules {
	j := w.energy(more) * energy.Joules(1+s.Share)
	if s.Square > 0 {
		j += energy.Joules(w.product(more, out.plus(out).plus(more)) / float64(s.Square))
	}
	return j
}
