package calibration

import (
	"cmp"
	"math"
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// blockLength is the usual length of a block. A longer one counts for more, up
// to twice: what is off in it is mostly off all the time.
const blockLength = 30.0

// rounds is how often outliers are weighed anew; the number of slopes is
// settled after the first few.
const (
	rounds   = 20
	settling = 6
)

// Fit draws the line through blocks: least squares of what is weighed by its
// noise, with outliers held down (Huber). Blocks that cannot be true are left
// out. The error is a *RefusedError.
func Fit(blocks []Block, o Options) (attribution.Calibration, error) {
	o = o.filled()
	var used []Block
	for _, b := range blocks {
		if b.usable(o) {
			used = append(used, b)
		}
	}
	e := gather(used, nil, nil)
	if refusal := e.enough(o); refusal != nil {
		return attribution.Calibration{}, refusal
	}
	l, ok := robust(used, &e, o)
	if !ok {
		return attribution.Calibration{}, refuse(ReasonNarrow, adviceLoad, "the chip did about the same all the time")
	}
	c, refusal := e.calibration(&l, o)
	if refusal != nil {
		return attribution.Calibration{}, refusal
	}
	c.N = len(used)
	for _, b := range used {
		if b.End.After(c.Made) {
			c.Made = b.End
		}
	}
	return c, nil
}

// robust solves again and again with outliers weighed down. What e holds in the
// end is what the line was drawn through.
func robust(used []Block, e *evidence, o Options) (line, bool) {
	l, ok := e.choose(o)
	for round := 0; ok && round < rounds; round++ {
		*e = gather(used, &l, outliers(used, &l))
		if round < settling {
			l, ok = e.choose(o)
		} else {
			l, ok = solve(&e.weighed, l.model, o)
		}
	}
	return l, ok
}

// gather sums blocks up, weighed by the noise at their power: by the line where
// there is one, and as they are until then.
func gather(used []Block, l *line, weights []float64) evidence {
	e := evidence{ane: spread(used), kinds: len(used)}
	for i, b := range used {
		e.plain.add(b, min(b.length()/blockLength, 2))
		e.extend(b.SoC(), i == 0)
	}
	each := float64(len(used)) / max(e.plain.weight(), math.SmallestNonzeroFloat64)
	for i, b := range used {
		weight, at := each*min(b.length()/blockLength, 2), float64(b.Whole)
		if l != nil {
			at, weight = max(l.over(b), noiseWatts), weight*weights[i]
		}
		e.points += weight
		e.weighed.add(b, weight/(noise(at)*noise(at)))
	}
	return e
}

func (e *evidence) extend(soc energy.Watts, first bool) {
	if first {
		e.low, e.high = soc, soc
	}
	e.low, e.high = min(e.low, soc), max(e.high, soc)
}

// spread is the range of the ANE's power.
func spread(used []Block) float64 {
	if len(used) == 0 {
		return 0
	}
	by := func(a, b Block) int { return cmp.Compare(a.ANE, b.ANE) }
	return float64(slices.MaxFunc(used, by).ANE - slices.MinFunc(used, by).ANE)
}

// huber is from how many times the usual scatter on a point is an outlier.
const huber = 2.0

// outliers weighs each block by how far it is off the line, against the median
// of how far they all are.
func outliers(used []Block, l *line) []float64 {
	off := make([]float64, len(used))
	for i, b := range used {
		off[i] = math.Abs(float64(b.Whole)-l.over(b)) / noise(max(l.over(b), noiseWatts))
	}
	sorted := slices.Sorted(slices.Values(off))
	usual := max(1.4826*sorted[len(sorted)/2], leastNoise) // of a normal distribution, its standard deviation
	for i, u := range off {
		off[i] = min(1, huber*usual/max(u, math.SmallestNonzeroFloat64))
	}
	return off
}

// calibration is the line as others use it, without when and how many.
func (e *evidence) calibration(l *line, o Options) (attribution.Calibration, *RefusedError) {
	if refusal := e.plausible(l, o); refusal != nil {
		return attribution.Calibration{}, refusal
	}
	covariance, ok := e.covariance(l)
	if !ok {
		return attribution.Calibration{}, refuse(ReasonNarrow, adviceLoad, "the chip did about the same all the time")
	}
	base, c, g, a := l.slopes()
	rmse, r2 := e.quality(l)
	return attribution.Calibration{
		Kind:  o.Kind,
		Model: o.Identity.Model, OS: o.Identity.OS, Meter: o.Identity.Meter, Scope: o.Identity.Scope,
		Base: energy.Watts(base), CPU: c, GPU: g, ANE: a, PerRail: len(l.model) > len(single()),
		RMSE: energy.Watts(rmse), R2: r2, Covariance: covariance,
		SoCMin: e.low, SoCMax: e.high, Lag: o.Lag, LagKnown: o.LagKnown,
	}, nil
}
