package sim

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// course is a power over a while in which nothing changes but what settles: the
// fan, and a battery that is nearly full. At the time t into the while it is
// base + fan·e^(-t/τ of the fan) + taper·e^(-t/τ of the battery).
type course struct{ base, fan, taper energy.Watts }

// plus adds two courses.
func (c course) plus(o course) course {
	return course{base: c.base + o.base, fan: c.fan + o.fan, taper: c.taper + o.taper}
}

// now is the power as the while begins.
func (c course) now() energy.Watts { return c.base + c.fan + c.taper }

// rates is how fast what settles does so, each as one over its time constant in
// seconds; 0 where nothing does.
type rates struct{ fan, taper float64 }

// while is the integrals over a length of time of what courses and the products
// of two courses are made of.
type while struct {
	one, fan, taper           float64 // of 1, and of each exponential
	fanFan, taperTaper, cross float64 // of their products
	rates                     rates
}

// over returns the integrals over d. A rate of 0 gives those of a course that
// has no such term.
func (r rates) over(d time.Duration) while {
	sec := d.Seconds()
	w := while{one: sec, rates: r}
	if r.fan > 0 {
		w.fan, w.fanFan = settling(r.fan, sec)
	}
	if r.taper > 0 {
		w.taper, w.taperTaper = settling(r.taper, sec)
	}
	if r.fan > 0 && r.taper > 0 {
		w.cross, _ = settling(r.fan+r.taper, sec)
	}
	return w
}

// settling is the integral of e^(-rate·t) over sec seconds, and of its square.
func settling(rate, sec float64) (plain, squared float64) {
	gone := -math.Expm1(-rate * sec)
	return gone / rate, gone * (2 - gone) / (2 * rate)
}

// left is the part of the fan's term that is left at the end.
func (w *while) left() float64 { return 1 - w.fan*w.rates.fan }

// energy is the integral of a course.
func (w *while) energy(c course) energy.Joules {
	return energy.Joules(float64(c.base)*w.one + float64(c.fan)*w.fan + float64(c.taper)*w.taper)
}

// product is the integral of the product of two courses, in W²·s.
func (w *while) product(a, b course) float64 {
	return float64(a.base*b.base)*w.one + float64(a.fan*b.fan)*w.fanFan + float64(a.taper*b.taper)*w.taperTaper +
		float64(a.base*b.fan+a.fan*b.base)*w.fan + float64(a.base*b.taper+a.taper*b.base)*w.taper +
		float64(a.fan*b.taper+a.taper*b.fan)*w.cross
}
