package calibration

import (
	"math"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Drift is by how much a line is off what was measured lately.
type Drift struct {
	// Ratio is measured energy by the line's, at the loads that occurred: 1.05
	// means that the machine takes 5 % more than the line says.
	Ratio float64
	// Error bounds how far off Ratio is, in 95 of 100 cases.
	Error float64
	// Blocks is how many blocks of 30 s it rests on, the older ones for less.
	Blocks float64
	// Significant: Ratio is further from 1 than Error, and by LeastDrift.
	Significant bool
}

// LeastDrift is the least drift that is worth telling, as a ratio: meters are
// not better than that.
const LeastDrift = 0.02

// leastLately is how many blocks a drift is told from: an hour.
const leastLately = 120

// correlated is how many blocks in a row are off in the same direction: fans
// and rooms take some ten minutes to warm up.
const correlated = 20

// FindDrift compares a line with what the learner saw in the last day or so of
// covered time. It is false while that is less than an hour.
func FindDrift(c attribution.Calibration, l *Learner) (Drift, bool) {
	m := &l.lately
	base, slopes := float64(c.Base), vector{cpu: c.CPU, gpu: c.GPU, ane: c.ANE}
	line := slopes
	line[one] = base
	told := m.product(line, vector{one: 1})
	if m.weight() < leastLately || !(told > 0) {
		return Drift{}, false
	}
	measured := m.at(one, whole)
	left := line
	for i := range left {
		left[i] = -left[i]
	}
	left[whole] = 1
	mean := (measured - told) / m.weight()
	variance := max(m.product(left, left)/m.weight()-mean*mean, 0) * correlated / m.weight()
	e := 1.96 * math.Sqrt(variance+parameters(c, 1, m.mean(cpu), m.mean(gpu)+m.mean(ane))) * m.weight() / told
	d := Drift{Ratio: measured / told, Error: e, Blocks: m.weight()}
	d.Significant = math.Abs(d.Ratio-1) > max(d.Error, LeastDrift)
	return d, true
}

// parameters is the variance of the line's power, or energy, at a load.
func parameters(c attribution.Calibration, seconds, cpu, gpu float64) float64 {
	v := c.Covariance
	return max(0, seconds*seconds*v[0]+cpu*cpu*v[3]+gpu*gpu*v[5]+2*(seconds*cpu*v[1]+seconds*gpu*v[2]+cpu*gpu*v[4]))
}
