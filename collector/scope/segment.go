package scope

import (
	"math"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// segment is the time between two readings of a meter.
type segment struct {
	account  *account
	from, to point
	pieces   []piece
	line     attribution.Calibration
	moved    energy.Joules // of the counter; meaningless unless counted
	counted  bool          // both ends have a counter that did not fall
	charged  energy.Joules // what the wall gave for the battery
	resting  bool          // some of it
	begins   bool          // at its end the account of a counter begins
}

// segment settles the first segment of an account: what it says of the items in
// it is added to their parts.
func (s *Scoper) segment(k int) {
	a := s.accounts[k]
	g := s.between(a)
	ok := false
	switch {
	case g.resting:
		ok = s.bridge(&g)
	case g.length() > a.pause():
		a.counts.DropOuts++
	case a.meter.Scope == attribution.ScopeWall && s.charging.drains(g.from.At.Add(g.length()/2)):
		a.counts.Below++ // the machine is not plugged in there
	default:
		ok = g.settle()
	}
	a.Points = slices.Delete(a.Points, 0, 1)
	a.Points[0] = g.to // its residual is known now
	if !ok {
		if !g.begins {
			a.Counter.Known, a.Counter.Debt = false, 0
		}
		a.Block = block{}
		return
	}
	for _, p := range g.pieces {
		if p.item >= 0 && p.state != nowhere {
			part := &s.items[p.item].Parts[k]
			part.Energy += p.energy
			part.Covered += p.length()
		}
	}
	s.learn(&g)
}

func (s *Scoper) between(a *account) segment {
	g := segment{account: a, from: a.Points[0], to: a.Points[1]}
	g.pieces = s.pieces(g.from.At, g.to.At)
	for i := range g.pieces {
		p := &g.pieces[i]
		if p.state == blind && p.item >= 0 && g.length() > a.pause() {
			p.state = resting // so long a gap, only a counter knows
		}
		g.resting = g.resting || p.state == resting
	}
	g.line = s.lines.of(a)
	if g.from.Counted && g.to.Counted {
		g.moved = g.to.Count - g.from.Count
		if g.counted = g.moved >= 0 && g.moved <= a.mostMoved(g.to.At); !g.counted {
			a.counts.Resets++
			a.Counter.Known, a.Counter.Debt = false, 0
		}
		if g.moved != 0 {
			a.Counter.Moved = g.to.At
		}
	}
	if a.meter.Scope == attribution.ScopeWall {
		if w, known := s.charging.at(g.from.At.Add(g.length() / 2)); known {
			g.charged = w.For(g.length())
		}
	}
	return g
}

func (g *segment) length() time.Duration { return g.to.At.Sub(g.from.At) }

// settle works out what the machine drew in each piece; false when the readings
// do not tell.
func (g *segment) settle() bool {
	a := g.account
	powered := g.from.Powered && g.to.Powered
	switch {
	case powered:
		g.byPower()
	case !g.counted || !a.Counter.Known:
		// A counter that just moved is where its account can begin.
		if g.begins = g.counted && g.moved > 0; g.begins {
			a.Counter.Known, a.Counter.From, a.Counter.Booked = true, g.to.Count, 0
		}
		return false
	default:
		g.byCounter()
	}
	if g.sum() > a.meter.MaxWatts.For(g.length())+a.Counter.Step {
		a.counts.Above++
		return false
	}
	if !g.least() {
		a.counts.Below++
		return false
	}
	if powered && g.counted {
		g.follow()
	}
	for i := range g.pieces { // nothing is drawn by the chip but through the board
		g.pieces[i].energy = max(g.pieces[i].energy, g.pieces[i].soc)
	}
	a.Counter.Before = a.Counter.Booked
	a.Counter.Booked += g.sum() + g.charged
	return true
}

func (g *segment) sum() energy.Joules {
	var sum energy.Joules
	for _, p := range g.pieces {
		sum += p.energy
	}
	return sum
}

// power is what was read at a time within the segment, between its ends, for the
// machine's own use.
func (g *segment) power(t time.Time) energy.Watts {
	share := energy.Watts(t.Sub(g.from.At).Seconds() / g.length().Seconds())
	charging := energy.Watts(float64(g.charged) / g.length().Seconds())
	return (g.from.Power+(g.to.Power-g.from.Power)*share)*energy.Watts(g.account.Counter.gain()) - charging
}

// byPower has each piece follow the line, moved to meet the powers at the ends.
func (g *segment) byPower() {
	g.to.Residual, g.to.Met = g.residual()
	if !g.from.Met {
		g.from.Residual, g.from.Met = g.to.Residual, g.to.Met
	}
	// The line has the changes of the load already, and the device may be late
	// with them: what it lies off changes slowly.
	follow := energy.Watts(1-math.Exp(-g.length().Seconds()/residualChange.Seconds())) * g.steady()
	g.to.Residual = g.from.Residual + (g.to.Residual-g.from.Residual)*follow
	for i := range g.pieces {
		p := &g.pieces[i]
		if p.state != measured || !g.to.Met {
			p.energy = energy.Joules(float64(g.power(p.middle())) * p.seconds())
			continue
		}
		share := p.middle().Sub(g.from.At).Seconds() / g.length().Seconds()
		residual := g.from.Residual + (g.to.Residual-g.from.Residual)*energy.Watts(share)
		p.energy = g.along(p) + energy.Joules(float64(residual)*p.seconds())
	}
}

// steady is how much the power at the end tells of where the machine stands to
// the line: 1 where the load has not changed for a while, and less the more it
// has, as the device may be late with it.
func (g *segment) steady() energy.Watts {
	low, high, mean := math.Inf(1), 0.0, 0.0
	for i := range g.pieces {
		if p := &g.pieces[i]; p.state == measured && p.length() > 0 {
			w := float64(g.along(p)) / p.length().Seconds()
			low, high, mean = min(low, w), max(high, w), w
		}
	}
	if g.from.Line > 0 {
		low, high = min(low, float64(g.from.Line)), max(high, float64(g.from.Line))
	}
	g.to.Line = energy.Watts(mean)
	change := max(high-low, 0) / (1 + steadyShare*high)
	return energy.Watts(1 / (1 + change*change))
}

// along is what the line says of a piece.
func (g *segment) along(p *piece) energy.Joules {
	c := g.line
	return c.Base.For(p.length()) + energy.Joules(c.CPU)*p.cpu + energy.Joules(c.GPU)*p.gpu + energy.Joules(c.ANE)*p.ane
}

// residual is how far the power at the end lies above the line. A device says
// the mean of a second or two, so that is what it is held against.
func (g *segment) residual() (energy.Watts, bool) {
	var sum energy.Joules
	var length time.Duration
	for _, p := range slices.Backward(g.pieces) {
		if p.state != measured {
			break
		}
		sum += g.along(&p)
		if length += p.length(); length >= residualTime {
			break
		}
	}
	if length <= 0 {
		return 0, false
	}
	return g.power(g.to.At) - energy.Watts(float64(sum)/length.Seconds()), true
}

// byCounter lays what the counter says on the pieces, by the line, or evenly.
func (g *segment) byCounter() {
	c := &g.account.Counter
	total := max(g.to.Count-c.From-c.Booked-g.charged, 0)
	weights, sum := make([]float64, len(g.pieces)), 0.0
	for i := range g.pieces {
		p := &g.pieces[i]
		weights[i] = max(float64(g.line.Base), 1)*p.seconds() + float64(energy.Joules(g.line.CPU)*p.cpu+energy.Joules(g.line.GPU)*p.gpu+energy.Joules(g.line.ANE)*p.ane)
		sum += weights[i]
	}
	for i := range g.pieces {
		if sum > 0 {
			g.pieces[i].energy = total * energy.Joules(weights[i]/sum)
		}
	}
}

// least reports whether a segment can be of this machine, which draws no less
// than its chip, and at a plug no less than leastWall. A meter may be late when
// the load begins: for a while the line stands in for it.
func (g *segment) least() bool {
	a := g.account
	var whole, soc, idle energy.Joules
	for _, p := range g.pieces {
		if p.state != measured {
			continue
		}
		soc += p.soc
		if a.meter.Scope == attribution.ScopeWall {
			idle += leastWall.For(p.length())
		}
		if g.from.Powered && g.to.Powered {
			whole += energy.Joules(float64(g.power(p.middle())) * p.seconds())
		} else {
			whole += p.energy
		}
	}
	if whole >= idle && (soc < leastSoC || whole >= leastOfSoC*soc) {
		a.Less = 0
		return true
	}
	if a.Less += g.length(); a.Less > lessFor {
		return false
	}
	for i := range g.pieces {
		if p := &g.pieces[i]; p.state == measured {
			p.energy = g.along(p)
		}
	}
	g.to.Met = false
	return true
}
