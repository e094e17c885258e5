package calibration

import (
	"math"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// evidence is what a line is fitted to.
type evidence struct {
	weighed moments // each point weighed by how well it is known
	plain   moments // each point weighed alike, outliers too
	points  float64 // how many independent ones the weighed moments hold
	kinds   int     // how many of them are of a different load each
	ane     float64 // the range of the ANE's power, in watts
	low     energy.Watts
	high    energy.Watts // of the chip
}

// scatter is the ratio of the scatter around l to noise, squared.
func (e *evidence) scatter(l *line) float64 {
	y := l.residual()
	free := max(e.points-float64(len(l.model)), 1)
	return max(e.weighed.product(y, y)/free, leastNoise*leastNoise)
}

// choose finds the line with as many slopes as e can tell apart, and false where
// it tells nothing.
func (e *evidence) choose(o Options) (line, bool) {
	both, split := solve(&e.weighed, rails(), o)
	split = split && e.kinds > len(rails())
	if split && e.ane >= leastANE && e.kinds > len(full()) {
		if all, ok := solve(&e.weighed, full(), o); ok && e.told(&all, 1, 2) && e.told(&all, 2, 3) {
			return all, true
		}
	}
	if split && e.told(&both, 1, 2) {
		return both, true
	}
	return solve(&e.weighed, single(), o)
}

// told reports whether the slopes i and j of l are known apart, and plausible.
func (e *evidence) told(l *line, i, j int) bool {
	variance := l.covariance[i][i] + l.covariance[j][j] - 2*l.covariance[i][j]
	if max(e.scatter(l), leastTold)*variance > toldApart*toldApart {
		return false
	}
	for _, k := range []int{i, j} {
		error2 := 4 * e.scatter(l) * l.covariance[k][k]
		if out := l.free[k] - l.value[k]; out*out > error2 {
			return false
		}
	}
	return true
}

// covariance is that of base, CPU and GPU, by rows of its upper triangle. Where
// the rails have one slope it says how much more is unknown when the load is
// of another kind than those it was fitted to: the slopes may be apart.
func (e *evidence) covariance(l *line) ([6]float64, bool) {
	var information matrix
	for i, a := range rails() {
		for j, b := range rails() {
			information[i][j] = e.weighed.product(a, b) / e.scatter(l)
		}
	}
	if len(l.model) == len(single()) {
		known := 1 / (apart * apart)
		information[1][1] += known
		information[2][2] += known
		information[1][2] -= known
		information[2][1] -= known
	}
	c, ok := information.inverse(3)
	return [6]float64{c[0][0], c[0][1], c[0][2], c[1][1], c[1][2], c[2][2]}, ok
}

// quality is the root of the mean square of what l leaves over, and the part of
// the variance that it explains.
func (e *evidence) quality(l *line) (rmse, r2 float64) {
	y, w := l.residual(), e.plain.weight()
	left := max(e.plain.product(y, y), 0)
	mean := e.plain.mean(whole)
	total := e.plain.at(whole, whole) - w*mean*mean
	if total <= 0 {
		return math.Sqrt(left / w), 0
	}
	return math.Sqrt(left / w), max(1-left/total, 0)
}
