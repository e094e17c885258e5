package scope

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

const (
	// A segment is moved by this much of its energy at most to follow a counter: by
	// coarseShare one that moves in larger steps than the segment holds, as its
	// debts build up slowly, and by missedShare where readings were missed, as then
	// only the counter knows what was drawn.
	followShare, coarseShare, missedShare = 0.3, 0.1, 0.9
	// What was counted and what was read as power tell a gain between the two,
	// which is believed the more the more steps it rests on.
	gainHalfLife energy.Joules = 200_000
	gainSteps    energy.Joules = 20
	gainAtFirst  energy.Joules = 3000
	// slowestCounter is how long a counter may take until it is brought up to
	// date, before it was seen to move.
	slowestCounter = 2 * time.Minute
)

// mostMoved is how far the counter can have moved by t.
func (a *account) mostMoved(t time.Time) energy.Joules {
	since := slowestCounter
	if !a.Counter.Moved.IsZero() {
		since = max(since, t.Sub(a.Counter.Moved))
	}
	return a.meter.MaxWatts.For(since) + a.Counter.Step
}

// gain is what the meter counts for each joule that it shows as power.
func (c *counter) gain() float64 {
	doubt := gainSteps*c.Step + gainAtFirst
	return float64((c.Counted + doubt) / (c.Powered + doubt))
}

// compare holds a segment's counter against its powers.
func (g *segment) compare() {
	c := &g.account.Counter
	c.Since += energy.Joules(float64(g.from.Power+g.to.Power) / 2 * g.length().Seconds())
	if g.moved <= 0 {
		return
	}
	if c.Known {
		keep := energy.Joules(math.Exp2(-float64(g.moved / gainHalfLife)))
		c.Counted, c.Powered = c.Counted*keep+g.moved, c.Powered*keep+c.Since
	}
	c.Since = 0
}

// follow moves the segment's energy towards what the counter says.
func (g *segment) follow() {
	g.compare()
	c := &g.account.Counter
	sum := g.sum()
	if g.moved > 0 {
		g.owe(sum)
	}
	if !c.Known || c.Debt == 0 || sum <= 0 {
		return
	}
	most := followShare * sum
	switch {
	case c.Step > sum:
		most = coarseShare * sum
	case g.length() > 2*g.account.meter.Every:
		most = missedShare * sum
	}
	paid := min(max(c.Debt, -most), most)
	c.Debt -= paid
	scale := 1 + paid/sum
	for i := range g.pieces {
		g.pieces[i].energy *= scale
	}
}

// before is what was booked when the counter was read the last time. One that is
// told apart from the power was read up to a segment before.
func (g *segment) before() energy.Joules {
	if g.account.Side.Known {
		return g.account.Counter.Before
	}
	return g.account.Counter.Booked
}

// owe works out what is still to be booked, as the counter has just moved to C.
// What was truly drawn lay between C and C and one step at some time since the
// last reading: what was booked by the begin of the segment must not be more, and
// by its end not less. One large step that was just made was made at C itself.
func (g *segment) owe(sum energy.Joules) {
	c := &g.account.Counter
	if !c.Known {
		c.Known, c.From, c.Booked, c.Debt = true, g.to.Count, -sum-g.charged, 0
		return
	}
	counted, booked := g.to.Count-c.From, c.Booked+sum+g.charged
	slack := c.Step
	if c.Step > sum && g.moved < 1.5*c.Step {
		slack = 0
	}
	switch {
	case booked < counted:
		c.Debt = counted - booked
	case g.before() > counted+slack:
		c.Debt = counted + slack - g.before()
	default:
		c.Debt = 0
	}
}
