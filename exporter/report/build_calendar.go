package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// The most rows that a report has: ten years of days, and a month of hours with
// both clock changes.
const (
	maxDays  = 3660
	maxHours = 31*24 + 4
)

// calendar has a row for each local day or hour of a period that has begun,
// also for those with nothing in them: a gap is data.
type calendar struct {
	in    Inputs
	since time.Time // of index[0]
	index []int32   // the row of each slot
	rows  []*stretch
}

// stretch is a row of a calendar.
type stretch struct {
	*row
	start, end time.Time // whole slots
	all        energy.Joules
	measured   time.Duration
	scopes     []attribution.Scope
	machine    account
	emitted    emission
}

func newCalendar(in Inputs) (*calendar, error) {
	since, until := in.bounds()
	c := &calendar{in: in, since: since}
	next, most := startOfNextDay, maxDays
	if in.By == ByHour {
		next, most = startOfNextHour, maxHours
	}
	local := since.In(in.zone())
	for start := local; start.Before(until); {
		end := next(start)
		if len(c.rows) == most {
			return nil, tooLong(in)
		}
		for t := start; t.Before(end); t = t.Add(store.SlotLength) {
			c.index = append(c.index, int32(len(c.rows)))
		}
		c.rows = append(c.rows, &stretch{start: start, end: end})
		start = end
	}
	return c, nil
}

func tooLong(in Inputs) error {
	if in.By == ByHour {
		return fmt.Errorf("%w hour: %s is longer than 31 days: ask for less, or for days", ErrBy, in.Period.dates())
	}
	return fmt.Errorf("%w day: %s is longer than ten years: ask for less", ErrBy, in.Period.dates())
}

// bounds are the whole slots from the beginning of the period to now, and to the
// last row should that be later.
func (in Inputs) bounds() (since, until time.Time) {
	since = floorSlot(in.Period.Since).UTC()
	until = earlier(in.Period.Until, in.Now)
	see := func(slot time.Time) {
		since, until = earlier(since, floorSlot(slot)), later(until, slot.Add(store.SlotLength))
	}
	for i := range in.Range.System {
		see(in.Range.System[i].Start)
	}
	for i := range in.Range.Models {
		see(in.Range.Models[i].Start)
	}
	return since, until
}

// zone is the user's time zone.
func (in Inputs) zone() *time.Location { return in.Period.Since.Location() }

// startOfNextHour is the end of t's hour by the local clock: where its hands
// show the next hour, or are set.
func startOfNextHour(t time.Time) time.Time {
	_, offset := t.Zone()
	for next := t.Add(store.SlotLength); ; next = next.Add(store.SlotLength) {
		if _, now := next.Zone(); now != offset || next.Hour() != t.Hour() {
			return next
		}
	}
}

// at is the row of a slot.
func (c *calendar) at(l *ledger, slot time.Time) *stretch {
	s := c.rows[c.index[slot.Sub(c.since)/store.SlotLength]]
	if s.row == nil {
		s.row, s.machine = l.row(), l.account()
	}
	return s
}

func (c *calendar) whole(l *ledger, q *quarter) {
	s := c.at(l, q.Start)
	s.all += q.all
	s.measured += q.measured
	for i := range q.System {
		if scope := scopeOf(&q.System[i]); scope != "" && !slices.Contains(s.scopes, scope) {
			s.scopes = append(s.scopes, scope)
		}
	}
	s.emitted.add(q.intensity, q.all, q.inference)
	l.add(&s.machine, q, q.all, q.bill.Dedicated)
}

func (c *calendar) model(l *ledger, q *quarter, e entry) { c.at(l, q.Start).book(l, q, e) }

func (c *calendar) finish(l *ledger) []Group {
	groups := make([]Group, len(c.rows))
	for i, s := range c.rows {
		groups[i] = c.group(l, s)
	}
	return groups
}

// group is a row with what it does not know: of a stretch in which nothing was
// measured that is all but the requests, and what a meter saw of the machine.
func (c *calendar) group(l *ledger, s *stretch) Group {
	layout := time.DateOnly
	if c.in.By == ByHour {
		layout += " 15:00"
	}
	g := Group{Name: s.start.Format(layout), Start: s.start, End: s.end, Whole: &Whole{Measured: s.measured, Energy: s.all, Scopes: s.scopes}}
	if p := c.in.Period; s.end.After(p.Since) && s.start.Before(p.Until) {
		g.Start, g.End = later(s.start, p.Since), earlier(s.end, p.Until)
		g.Whole.Elapsed = max(0, earlier(g.End, c.in.Now).Sub(g.Start))
	}
	if s.row == nil {
		s.row = l.row()
	}
	g.Sum = s.settle()
	if s.measured <= 0 && s.Energy() == 0 {
		g.Sum.EnergyKnown, g.Sum.Marginal, g.Sum.Busy = false, Amount{}, Amount{}
		if g.Sum.Requests == 0 { // nobody looked: what was avoided is not nothing
			clear(g.Sum.Saved)
		}
		if s.all == 0 { // no meter went on
			return g
		}
	}
	g.Whole.Dedicated = s.machine.amount()
	g.Whole.Carbon = s.emitted.carbon(c.in.Carbon)
	return g
}
