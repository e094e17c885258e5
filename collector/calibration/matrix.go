package calibration

import "math"

// most is the number of parameters of the largest model.
const most = 4

// matrix is a symmetric one of at most four rows.
type matrix [most][most]float64

// leastPivot is how much of a column must be left, as a ratio of its square, once
// the columns before it are taken out: less is rounding error, not information.
const leastPivot = 1e-9

// cholesky returns the lower triangle L with L·Lᵀ = m for the first n rows, and
// false where the columns cannot be told apart.
func (m *matrix) cholesky(n int) (matrix, bool) {
	var l matrix
	for i := range n {
		for j := range i + 1 {
			sum := m[i][j]
			for k := range j {
				sum -= l[i][k] * l[j][k]
			}
			if i != j {
				l[i][j] = sum / l[j][j]
				continue
			}
			if !(sum > leastPivot*m[i][i]) {
				return matrix{}, false
			}
			l[i][i] = math.Sqrt(sum)
		}
	}
	return l, true
}

// inverse is that of the first n rows, and false where there is none.
func (m *matrix) inverse(n int) (matrix, bool) {
	l, ok := m.cholesky(n)
	if !ok {
		return matrix{}, false
	}
	var inv matrix
	for c := range n {
		var y [most]float64
		for i := range n {
			if i == c {
				y[i] = 1
			}
			for k := range i {
				y[i] -= l[i][k] * y[k]
			}
			y[i] /= l[i][i]
		}
		for i := n - 1; i >= 0; i-- {
			for k := i + 1; k < n; k++ {
				y[i] -= l[k][i] * inv[k][c]
			}
			inv[i][c] = y[i] / l[i][i]
		}
	}
	return inv, true
}

// times is the product with a vector.
func (m *matrix) times(n int, v [most]float64) [most]float64 {
	var out [most]float64
	for i := range n {
		for j := range n {
			out[i] += m[i][j] * v[j]
		}
	}
	return out
}
