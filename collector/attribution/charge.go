package attribution

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

const (
	// CoveredEnough is the share of a request's time that must lie in measured
	// windows for its energy to count as measured; with less, the energy known
	// is only a part.
	CoveredEnough = 0.95
	// estimatedLimit and sharedLimit are the shares of a request's energy from
	// which it takes the lower tier.
	estimatedLimit = 0.05
	sharedLimit    = 0.10
)

// tracked is a request that the engine follows.
type tracked struct {
	OpenRequest
	inFlight bool
}

// key is the model that works on it.
func (t *tracked) key() modelKey { return modelKey{t.Request.Server, t.Request.Model} }

// member is the request as its group sees it in their server's own time, as
// far as it was placed.
func (t *tracked) member(own *warp, until time.Time, tm timing) member {
	r := t.Guess.with(t.Request)
	if t.Placed {
		return memberOf(r, phases{decode: span{t.DecodeStart, t.DecodeEnd}}, t.Reading, t.Pace)
	}
	// Its company is not known: it may go on for long.
	r = own.request(r)
	p := phasesOf(r, own.at(until))
	var reads []Stretch
	if q, ok := promptOf(r, p); ok {
		reads = readings([]prompt{q}, tm)[0]
	}
	return memberOf(r, p, reads, t.Pace)
}

// phases places the request; in flight it lasts at least until "until".
func (t *tracked) phases(until time.Time) phases { return phasesOf(t.Request, until) }

// tally adds a booking's shares to the requests they are for.
func (e *Engine) tally(b Booking, c company) {
	for _, r := range c.requests {
		if !b.Window.Usage.covers(r.Request.Server) {
			continue // nobody looked at its server: its energy is unknown, not zero
		}
		r.Booked.Covered += r.phases(c.to).whole.overlap(c.from, c.to)
	}
	for _, s := range b.Shares {
		t := &e.requests[s.Request].Booked
		t.Prefill += s.Prefill
		t.Decode += s.Decode
		t.Error += s.Error
		t.Sharing += s.Sharing
		t.Expected += s.Expected
		t.NoiseSquared += float64(s.Noise * s.Noise)
		t.Scope = t.Scope.weaker(b.Window.Scope)
		switch s.Tier {
		case TierShared:
			t.Shared += s.Prefill + s.Decode
		case TierEstimated:
			t.Estimated += s.Prefill + s.Decode
		}
	}
}

// ending is requests that have an end, by it.
type ending struct {
	order   []*tracked
	charges []Charge
}

func endings(requests []*tracked) *ending {
	e := &ending{}
	for _, t := range requests {
		if !t.inFlight && !t.Request.End.IsZero() {
			e.order = append(e.order, t)
		}
	}
	end := func(t *tracked) time.Time { return t.phases(t.Request.End).whole.end }
	slices.SortFunc(e.order, func(x, y *tracked) int {
		return cmp.Or(end(x).Compare(end(y)), strings.Compare(x.Request.ID, y.Request.ID))
	})
	return e
}

// chargeUntil charges the requests whose time until t is booked, and forgets
// them. It is done in the order of time, between the windows, since the bands
// of later ones depend on it.
func (e *Engine) chargeUntil(t time.Time, ending *ending) {
	for len(ending.order) > 0 {
		r := ending.order[0]
		end := r.phases(t).whole.end
		if end.After(t) {
			return
		}
		e.charge(r, end, ending)
		ending.order = ending.order[1:]
	}
}

func (e *Engine) charge(t *tracked, end time.Time, ending *ending) {
	e.lastEnd = latest(e.lastEnd, end)
	ending.charges = append(ending.charges, t.charge(e.learner.of(t.key())))
	delete(e.requests, t.Request.ID)
}

// settle charges all requests whose time is settled, and those that the log has
// lost sight of.
func (e *Engine) settle(ending *ending) []Charge {
	e.chargeUntil(e.closed, ending)
	for _, t := range e.byStart() {
		if t.inFlight || !t.Request.End.IsZero() {
			continue
		}
		t.Request.End = latest(e.closed, t.Request.Start)
		t.Request.Outcome = OutcomeError
		if end := t.phases(e.closed).whole.end; !end.After(e.closed) {
			e.charge(t, end, ending)
		}
	}
	charges := append(e.late, ending.charges...)
	e.late = nil
	slices.SortStableFunc(charges, func(x, y Charge) int { return byEnd(x.Request, y.Request) })
	return charges
}

func byEnd(x, y Request) int {
	return cmp.Or(x.End.Compare(y.End), strings.Compare(x.ID, y.ID))
}

// charge is the request's final account. Its model learns from it how far off
// such accounts are.
func (t *tracked) charge(m *model) Charge {
	c := Charge{Request: t.Request, Tier: TierEstimated}
	c.Covered = min(ratio(t.Booked.Covered, phasesOf(t.Request, t.Request.End).whole.length()), 1)
	if t.Booked.Covered <= 0 {
		return c
	}
	c.EnergyKnown, c.Scope = true, t.Booked.Scope
	c.Prefill, c.Decode = t.Booked.Prefill, t.Booked.Decode
	sum := c.Energy()
	c.Tier = tierOf(c.Covered, t.Booked, sum)
	width := m.width(c.Tier)
	c.Error, c.Driver = band(t.Booked, sum*energy.Joules(1/c.Covered-1), *width)
	if c.Covered >= CoveredEnough && t.Request.counted() && m.Energy.Rows >= widthRows {
		*width = widened(*width, sum, t.Booked)
	}
	return c
}

func tierOf(covered float64, b Tally, sum energy.Joules) Tier {
	switch {
	case covered < CoveredEnough, b.Estimated > sum*estimatedLimit, sum <= 0:
		return TierEstimated
	case b.Shared > sum*sharedLimit:
		return TierShared
	}
	return TierMeasured
}
