package scope

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// bridge gives a sleep, the time in which sovmeter did not run, or hours without
// powermetrics, what the counter moved in it: all that the few waking pieces around it did not draw. It
// is false when the counter does not tell, or a battery may have been charged. A
// meter within the machine sleeps with it.
func (s *Scoper) bridge(g *segment) bool {
	a := g.account
	if a.meter.Scope != attribution.ScopeWall || !g.counted || !s.charging.none(g.from.At) || !s.charging.none(g.to.At) {
		return false
	}
	var rest, awake time.Duration
	var sum energy.Joules
	for i := range g.pieces {
		p := &g.pieces[i]
		if p.state == resting {
			rest += p.length()
			continue
		}
		awake += p.length()
		p.energy = max(g.around(p, rest > 0), p.soc)
		sum += p.energy
	}
	if awake > 2*a.pause() || rest <= 0 {
		return false
	}
	left := max(g.moved-sum, 0)
	for i := range g.pieces {
		if p := &g.pieces[i]; p.state == resting {
			p.energy = left * energy.Joules(p.length().Seconds()/rest.Seconds())
		}
	}
	a.Counter.Booked += g.sum()
	a.Block = block{}
	return true
}

// around is what a waking piece before or after the rest drew.
func (g *segment) around(p *piece, after bool) energy.Joules {
	end := g.from
	if after {
		end = g.to
	}
	switch {
	case end.Powered:
		return energy.Joules(float64(end.Power) * p.seconds())
	case p.state == measured:
		return g.along(p)
	}
	return p.soc
}
