package scope

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// block is a stretch of segments on its way to become a point of a line.
type block struct {
	Start                time.Time
	Length               time.Duration
	CPU, GPU, ANE, Whole energy.Joules
}

// learn adds a settled segment to its account's block. Only time in which the
// chip was measured throughout teaches anything.
func (s *Scoper) learn(g *segment) {
	a := g.account
	if g.resting || !g.from.Powered || !g.to.Powered {
		a.Block = block{}
		return
	}
	b := &a.Block
	if b.Length == 0 {
		b.Start = g.from.At
	}
	for _, p := range g.pieces {
		if p.state != measured {
			a.Block = block{}
			return
		}
		b.CPU, b.GPU, b.ANE = b.CPU+p.cpu, b.GPU+p.gpu, b.ANE+p.ane
		// As it was read: a line that learned from what was shaped by it would
		// believe itself.
		b.Whole += energy.Joules(float64(g.power(p.middle())) * p.seconds())
	}
	if b.Length += g.length(); b.Length < blockLength {
		return
	}
	watts := func(j energy.Joules) energy.Watts { return energy.Watts(float64(j) / b.Length.Seconds()) }
	c := calibration.Block{
		Start: b.Start, End: g.to.At, CPU: watts(b.CPU), GPU: watts(b.GPU), ANE: watts(b.ANE), Whole: watts(b.Whole),
	}
	a.learner.Add(c)
	a.Slope.add(c)
	a.Block = block{}
	s.lines.learned(a, g.to.At)
}

// slope is what the machine draws more for each watt that its chip draws more,
// by the differences of blocks that follow each other: a display that is switched
// on changes one of them only. It gives windows their shape as long as no line is
// known.
type slope struct {
	XX, XY     float64 // sums of squared and of mixed differences; older ones count less
	SoC, Whole float64 // of the last block, in watts
	End        time.Time
}

const (
	// usualSlope is that of Macs, more or less, and counts as much as differences
	// of the squares usualWeight in sum.
	usualSlope, usualWeight = 1.5, 50.0
	leastSlope, mostSlope   = 1, 4
	slopeKept               = 0.998 // of the sums, at each block
)

func (s *slope) add(b calibration.Block) {
	x, y := float64(b.SoC()), float64(b.Whole)
	if b.Start.Equal(s.End) {
		dx, dy := x-s.SoC, y-s.Whole
		s.XX, s.XY = s.XX*slopeKept+dx*dx, s.XY*slopeKept+dx*dy
	}
	s.SoC, s.Whole, s.End = x, y, b.End
}

func (s *slope) of() float64 {
	return min(max((s.XY+usualSlope*usualWeight)/(s.XX+usualWeight), leastSlope), mostSlope)
}
