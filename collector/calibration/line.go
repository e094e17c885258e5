package calibration

import (
	"math"
)

// model says which rails have a slope of their own, as the columns that its
// parameters stand for.
type model []vector

// The models. Where the ANE has no slope of its own it goes with the GPU: both
// stream the weights of a model through memory, which is where most of what the
// rails do not show is drawn.
func single() model { return model{{1}, {0, 1, 1, 1}} }
func rails() model  { return model{{1}, {0, 1}, {0, 0, 1, 1}} }
func full() model   { return model{{1}, {0, 1}, {0, 0, 1}, {0, 0, 0, 1}} }

// line is a solution of least squares.
type line struct {
	model model
	value [most]float64 // by parameter, within the bounds
	free  [most]float64 // the same without bounds
	// covariance is that of free, for a noise of 1 where the weights say so.
	covariance matrix
}

// bounds are the plausible values of a parameter of a model.
func bounds(parameter int, o Options) (low, high float64) {
	if parameter == 0 {
		return 0, float64(o.MaxBase)
	}
	return MinSlope, MaxSlope
}

// solve finds the line of a model with the least squares of m, and the same with
// its parameters held within their bounds. It is false where m cannot tell the
// parameters apart.
func solve(m *moments, mod model, o Options) (line, bool) {
	l := line{model: mod}
	var normal matrix
	for i, a := range mod {
		for j, b := range mod {
			normal[i][j] = m.product(a, b)
		}
	}
	inv, ok := normal.inverse(len(mod))
	if !ok {
		return line{}, false
	}
	l.covariance = inv
	l.free = inv.times(len(mod), right(m, mod, vector{whole: 1}))
	l.value = l.bounded(m, o)
	return l, true
}

func right(m *moments, mod model, y vector) [most]float64 {
	var r [most]float64
	for i, a := range mod {
		r[i] = m.product(a, y)
	}
	return r
}

// bounded holds the parameter that is furthest out of its bounds, in standard
// errors, at its bound, solves for the rest, and so on. With four parameters
// whose bounds are this wide that is the least square within them but for cases
// that are refused anyway.
func (l *line) bounded(m *moments, o Options) [most]float64 {
	value, held := l.free, [most]bool{}
	for range l.model {
		worst, by, bound := -1, 0.0, 0.0
		for i := range l.model {
			low, high := bounds(i, o)
			near := min(max(value[i], low), high)
			if out := math.Abs(value[i]-near) / math.Sqrt(l.covariance[i][i]); !held[i] && out > by {
				worst, by, bound = i, out, near
			}
		}
		if worst < 0 {
			return value
		}
		held[worst], value[worst] = true, bound
		l.rest(m, held, &value)
	}
	return value
}

// rest solves for the parameters that are not held.
func (l *line) rest(m *moments, held [most]bool, value *[most]float64) {
	y := vector{whole: 1}
	var free model
	var at []int
	for i, a := range l.model {
		if !held[i] {
			free, at = append(free, a), append(at, i)
			continue
		}
		for k := range y {
			y[k] -= value[i] * a[k]
		}
	}
	var normal matrix
	for i, a := range free {
		for j, b := range free {
			normal[i][j] = m.product(a, b)
		}
	}
	inv, ok := normal.inverse(len(free))
	if !ok {
		return
	}
	solved := inv.times(len(free), right(m, free, y))
	for i, k := range at {
		value[k] = solved[i]
	}
}

// residual is the combination of the variables that the line leaves over.
func (l *line) residual() vector {
	y := vector{whole: 1}
	for i, a := range l.model {
		for k := range y {
			y[k] -= l.value[i] * a[k]
		}
	}
	return y
}

// slopes are the base and the slope of each rail.
func (l *line) slopes() (base, c, g, a float64) {
	y := l.residual()
	return 0 - y[one], -y[cpu], -y[gpu], -y[ane] // 0 - 0 is 0, and -0 is not
}

// over is the line's power of a block.
func (l *line) over(b Block) float64 {
	base, c, g, a := l.slopes()
	return base + c*float64(b.CPU) + g*float64(b.GPU) + a*float64(b.ANE)
}
