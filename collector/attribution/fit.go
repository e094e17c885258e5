package attribution

import (
	"math"
	"slices"
)

// terms is how many terms a fit has.
const terms = 5

// vector has one number for each term.
type vector [terms]float64

func (v vector) dot(o vector) float64 {
	var sum float64
	for i := range v {
		sum += v[i] * o[i]
	}
	return sum
}

// matrix is symmetric.
type matrix [terms][terms]float64

// of is v·m·v.
func (m *matrix) of(v vector) float64 {
	var sum float64
	for i := range v {
		for j := range v {
			sum += v[i] * m[i][j] * v[j]
		}
	}
	return sum
}

// upper is the upper triangle by rows.
func (m *matrix) upper() [15]float64 {
	var u [15]float64
	k := 0
	for i := range terms {
		for j := i; j < terms; j++ {
			u[k] = m[i][j]
			k++
		}
	}
	return u
}

// matrixOf is the matrix of an upper triangle by rows.
func matrixOf(upper [15]float64) matrix {
	var m matrix
	k := 0
	for i := range terms {
		for j := i; j < terms; j++ {
			m[i][j], m[j][i] = upper[k], upper[k]
			k++
		}
	}
	return m
}

// Fit holds the sums of a weighted least-squares fit of y = x·f, which is all
// that is needed of its rows. Rows are forgotten by scaling the sums down.
type Fit struct {
	Rows float64     // how many rows there are, the forgotten parts left out
	FF   [15]float64 // sums of f·fᵀ, upper triangle by rows
	FY   [5]float64  // sums of f·y
	YY   float64     // sum of y·y
	// Strays is how many rows in a row were far off.
	Strays float64
}

// A fit that this many rows in a row are far off is one of something else: it
// is forgotten but for a rest.
const (
	mostStrays  = 12
	strayWeight = 0.1
	strayRest   = 0.002
)

// stray counts rows that are far off, given the robust weight of the next, and
// returns the weight that it gets.
func (f *Fit) stray(weight float64) float64 {
	if weight > strayWeight {
		f.Strays = 0
		return weight
	}
	if f.Strays++; f.Strays < mostStrays {
		return weight
	}
	f.forget(strayRest)
	f.Strays = 0
	return 1
}

// add takes a row.
func (f *Fit) add(terms vector, y, weight float64) {
	f.Rows++
	k := 0
	for i, a := range terms {
		for _, b := range terms[i:] {
			f.FF[k] += weight * a * b
			k++
		}
		f.FY[i] += weight * a * y
	}
	f.YY += weight * y * y
}

// forget scales everything down to the share that is kept.
func (f *Fit) forget(keep float64) {
	f.Rows *= keep
	for i := range f.FF {
		f.FF[i] *= keep
	}
	for i := range f.FY {
		f.FY[i] *= keep
	}
	f.YY *= keep
}

// squares is the weighted sum of the squared residuals of x.
func (f *Fit) squares(x vector) float64 {
	h := f.matrix()
	return max(f.YY-2*x.dot(f.FY)+h.of(x), 0)
}

func (f *Fit) matrix() matrix { return matrixOf(f.FF) }

// belief is what is known of x before any row: its mean and standard error. A
// term without an error is known to be its mean.
type belief struct{ mean, err vector }

// never is the least standard error of a term.
const never = 1e-9

// solution is the x >= 0 that fits best, with its covariance.
type solution struct {
	x   vector
	cov matrix
	// spread is the variance of a row of weight 1.
	spread float64
}

// priorRows is how many rows the assumed spread counts for.
const priorRows = 4

// solve finds the x >= 0 with the least squares, weighed against the belief.
// spread is the variance of a row of weight 1 that is assumed before the rows
// show it.
func (f *Fit) solve(b belief, spread float64) solution {
	s := solution{x: b.mean, spread: spread}
	for range 2 { // the spread follows from the solution and the other way round
		if f.Rows > 0 {
			s.spread = (f.squares(s.x) + priorRows*spread) / (max(f.Rows-terms, 0) + priorRows)
		}
		s.x, s.cov = f.nonNegative(b, s.spread)
	}
	return s
}

// nonNegative is the best x >= 0 by trying every set of terms that may be
// other than 0: with five terms that is simple, and exact.
func (f *Fit) nonNegative(b belief, spread float64) (best vector, cov matrix) {
	h, g := f.matrix(), vector(f.FY)
	for i := range terms {
		for j := range terms {
			h[i][j] /= spread
		}
		err := max(b.err[i], never)
		precision := 1 / (err * err)
		h[i][i] += precision
		g[i] = g[i]/spread + b.mean[i]*precision
	}
	const all = 1<<terms - 1
	if best, cov = solveFree(h, g, all); slices.Min(best[:]) >= 0 {
		return best, cov // nothing beats it
	}
	least := math.Inf(1)
	for free := range all {
		x, inverse := solveFree(h, g, free)
		if slices.Min(x[:]) < 0 {
			continue
		}
		if cost := h.of(x)/2 - g.dot(x); cost < least {
			least, best, cov = cost, x, inverse
		}
	}
	return best, cov
}

// solveFree solves h·x = g for the terms whose bits are set in free, the others
// being 0, by Gauss-Jordan elimination, which needs no pivoting since h is
// positive definite. It returns the inverse too, but does not use it: when two
// terms always come together, h·x would be off by more than the belief weighs.
func solveFree(h matrix, g vector, free int) (vector, matrix) {
	var inverse matrix
	for i := range terms {
		inverse[i][i] = 1
		if free&(1<<i) == 0 {
			for j := range terms {
				h[i][j], h[j][i] = 0, 0
			}
			h[i][i], g[i], inverse[i][i] = 1, 0, 0
		}
	}
	for i := range terms {
		pivot := h[i][i]
		for j := range terms {
			h[i][j] /= pivot
			inverse[i][j] /= pivot
		}
		g[i] /= pivot
		for r := range terms {
			if r == i {
				continue
			}
			factor := h[r][i]
			for j := range terms {
				h[r][j] -= factor * h[i][j]
				inverse[r][j] -= factor * inverse[i][j]
			}
			g[r] -= factor * g[i]
		}
	}
	return g, inverse
}

// outlierLimit is from how many standard deviations on a row counts less.
const outlierLimit = 3

// robust is the weight of a row with the given residual and standard deviation.
// The further out it is beyond the limit, the less it counts.
func robust(residual, deviation float64) float64 {
	far := math.Abs(residual)
	if limit := outlierLimit * deviation; far > limit {
		return limit * limit / (far * far)
	}
	return 1
}
