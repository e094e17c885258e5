package scope

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// supply is what the power supply loses, learned while a meter at the wall and
// one behind the supply were both there. It sees what no line by the chip can
// see, such as a display. A converter of P watts loses a + b·P + c·P²: what its
// own circuits take, its diodes and switches, and its resistance.
type supply struct {
	N     float64    // blocks, as far as they are not forgotten
	Power [5]float64 // sums of P to the powers of 0 to 4, by weight
	Loss  [3]float64 // sums of the loss times P to the powers of 0 to 2
	Least float64    // of P, in watts
	Most  float64
	Block pairs
}

// pairs is a block on its way.
type pairs struct {
	Length   time.Duration
	DC, Wall energy.Joules
}

const (
	supplyHalfLife = 14 * 24 * 30    // blocks, of covered time
	supplyBlock    = 2 * time.Minute // long against what either meter is late by
	supplyBlocks   = 6               // with fewer nothing is known
	mostLoss       = 0.5             // of P, and 5 W: more is something else on the plug
	mostIdleLoss   = 5
	// supplyError is how far off the machine at the wall is told, beyond the
	// error of the plug: supplies age little.
	supplyError = 0.02
)

// learn adds what both meters say of the same time.
func (s *supply) learn(length time.Duration, dc, wall energy.Joules) {
	b := &s.Block
	b.Length, b.DC, b.Wall = b.Length+length, b.DC+dc, b.Wall+wall
	if b.Length < supplyBlock {
		return
	}
	p, loss := float64(b.DC)/b.Length.Seconds(), float64(b.Wall-b.DC)/b.Length.Seconds()
	*b = pairs{}
	if !(p > 0) || math.Abs(loss) > mostLoss*p+mostIdleLoss {
		return
	}
	keep := math.Exp2(-1.0 / supplyHalfLife)
	s.N = s.N*keep + 1
	weight := 1 / max(p, 1) // errors are relative
	for k := range s.Power {
		s.Power[k] = s.Power[k]*keep + weight
		if k < len(s.Loss) {
			s.Loss[k] = s.Loss[k]*keep + weight*loss
		}
		weight *= p
	}
	if s.Most == 0 || p < s.Least {
		s.Least = p
	}
	s.Most = max(s.Most, p)
}

// loss are a, b and c, none below 0; false as long as too little is known.
func (s *supply) loss() (x [3]float64, ok bool) {
	if s.N < supplyBlocks {
		return x, false
	}
	best := math.Inf(1)
	for set := range 8 { // the terms that are not 0
		y, solved := s.solve(set)
		if rest := s.rest(y); solved && rest < best {
			x, best = y, rest
		}
	}
	return x, true
}

// rest is the sum of squares that terms leave, but for a constant.
func (s *supply) rest(x [3]float64) float64 {
	var sum float64
	for i := range x {
		sum -= 2 * x[i] * s.Loss[i]
		for j := range x {
			sum += x[i] * x[j] * s.Power[i+j]
		}
	}
	return sum
}

// solve finds the terms of a set; false where they cannot be told apart, or one
// is below 0.
func (s *supply) solve(set int) (x [3]float64, ok bool) {
	var m [3][4]float64
	for i := range 3 {
		if set>>i&1 == 0 {
			m[i][i] = 1
			continue
		}
		for j := range 3 {
			if set>>j&1 == 1 {
				m[i][j] = s.Power[i+j]
			}
		}
		m[i][3] = s.Loss[i]
	}
	for i := range 3 { // the matrix is positive definite, or of no use
		if m[i][i] <= 1e-9*s.Power[2*i] {
			return x, false
		}
		for j := range 3 {
			if j == i {
				continue
			}
			f := m[j][i] / m[i][i]
			for k := i; k < 4; k++ {
				m[j][k] -= f * m[i][k]
			}
		}
	}
	for i := range 3 {
		if x[i] = m[i][3] / m[i][i]; x[i] < 0 {
			return x, false
		}
	}
	return x, true
}

// meet learns from an item that meters on both sides of the supply cover, at times
// when a battery neither takes nor gives.
func (s *Scoper) meet(x *item) {
	start, end := x.bounds()
	wall := -1
	for k, a := range s.accounts {
		if x.Window == nil || x.Parts[k].Covered != end.Sub(start) || !s.charging.still(start) {
			continue
		}
		switch {
		case a.meter.Scope == attribution.ScopeWall && wall < 0:
			wall = k
		case a.meter.Scope != attribution.ScopeWall && wall >= 0:
			a.Supply.learn(end.Sub(start), x.Parts[k].Energy, x.Parts[wall].Energy)
		}
	}
}

// throughSupply is what an account behind the supply says of an item at the
// wall; false when it does not know the supply, or the machine runs from its
// battery.
func (s *Scoper) throughSupply(a *account, x *item, dc energy.Joules) (wall, err energy.Joules, ok bool) {
	start, end := x.bounds()
	loss, ok := a.Supply.loss()
	if !ok || a.meter.Scope == attribution.ScopeWall || s.charging.drains(start) {
		return 0, 0, false
	}
	seconds := end.Sub(start).Seconds()
	p := float64(dc) / seconds
	if charging, known := s.charging.at(start); known {
		p += float64(charging) // the supply carries both, and its loss is the machine's
	}
	beyond := max(a.Supply.Least-p, p-a.Supply.Most, 0) / max(p, 1)
	wall = dc + energy.Joules((loss[0]+loss[1]*p+loss[2]*p*p)*seconds)
	return wall, wall * energy.Joules(plugAccuracy+supplyError+0.1*min(beyond, 1)), true
}
