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
		b.CPU, b.GPU, b.ANE, b.Whole = b.CPU+p.cpu, b.GPU+p.gpu, b.ANE+p.ane, b.Whole+p.energy
	}
	if b.Length += g.length(); b.Length < blockLength {
		return
	}
	watts := func(j energy.Joules) energy.Watts { return energy.Watts(float64(j) / b.Length.Seconds()) }
	a.learner.Add(calibration.Block{
		Start: b.Start, End: g.to.At, CPU: watts(b.CPU), GPU: watts(b.GPU), ANE: watts(b.ANE), Whole: watts(b.Whole),
	})
	a.Block = block{}
	s.lines.learned(a, g.to.At)
}
