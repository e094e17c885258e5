package report

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// Tariff is what the prices of a period were.
type Tariff struct {
	Currency cost.Currency
	// Lowest and Highest are the prices per kWh that occurred; equal when the
	// price never changed.
	Lowest, Highest cost.Price
	Known           bool          // false without a tariff, or when it has no price for the period
	Unpriced        energy.Joules // measured while no price is known; the costs that it touches are unknown
	// Standing is the standing charge of the time that has passed, which is in no
	// cost as no call makes it more, and StandingShare what of it is the Mac's.
	// Unknown when the tariff has none.
	Standing, StandingShare Amount
}

// standing is a tariff with something to pay whatever the use is.
type standing interface {
	Standing(since, until time.Time) (tariff.StandingCharge, bool)
}

// addStanding notes what is paid besides the energy.
func (out *Report) addStanding(in Inputs) {
	t, ok := in.Tariff.(standing)
	if !ok {
		return
	}
	charge, ok := t.Standing(in.Period.Since, in.Period.Since.Add(out.Elapsed))
	if !ok || charge.Whole.Nanos == 0 {
		return
	}
	out.Tariff.Standing = Amount{Money: charge.Whole, Known: true}
	out.Tariff.StandingShare = Amount{Money: charge.Mac, Known: true}
}

// see notes the price of a slot in which something may have been measured.
func (t *Tariff) see(q *quarter) {
	if len(q.System) == 0 {
		return
	}
	if !q.priced {
		t.Unpriced += q.all
		return
	}
	t.note(q.price)
}

func (t *Tariff) note(price cost.Price) {
	if !t.Known || price.Picos < t.Lowest.Picos {
		t.Lowest = price
	}
	if !t.Known || price.Picos > t.Highest.Picos {
		t.Highest = price
	}
	t.Known = true
}

// forgetCosts leaves unknown what energy costs that is not known.
func (out *Report) forgetCosts() {
	for i := range out.Bases {
		if !out.basisKnown(out.Bases[i].Name) {
			out.Bases[i].Cost = Amount{}
		}
	}
	if out.anything() {
		return
	}
	for i := range out.Sinks {
		out.Sinks[i].Cost = Amount{}
	}
}

// addCosts tells the energy and the cost on each basis of electricity.
func (out *Report) addCosts(l *ledger) error {
	out.Bases = []Basis{
		{Name: cost.Marginal, Energy: out.Inference, Cost: l.marginal.amount()},
		{Name: cost.Active, Energy: out.Inference, Cost: l.busy.amount()},
		{Name: cost.Dedicated, Energy: out.Total},
	}
	for i := range l.in.Range.System {
		out.Bases[1].Energy += l.in.Range.System[i].BaselineBusy
	}
	open, err := l.open()
	if err != nil {
		return err
	}
	out.Tariff = l.tariff
	if l.in.Tariff != nil && len(l.in.Range.System) == 0 {
		if price, ok := l.in.Tariff.At(cost.Slot(l.in.Period.Since)); ok {
			out.Tariff.note(price)
		}
	}
	for i, a := range l.sinks {
		if !out.Sinks[i].Unknown {
			out.Sinks[i].Cost = a.amount()
		}
	}
	out.Sinks[len(l.sinks)].Cost = open
	out.Bases[2].Cost = l.machine.amount()
	if l.in.Range.Open != 0 {
		out.Bases[2].Cost = out.Bases[2].Cost.plus(open)
	}
	return nil
}

// open is what the energy costs that is not booked yet and lies in no slot so
// far. Its price is that of the newest measurement.
func (l *ledger) open() (Amount, error) {
	a := l.account()
	if l.in.Range.Open == 0 || l.in.Tariff == nil {
		return a.amount(), nil
	}
	q := quarter{}
	if q.price, q.priced = l.in.Tariff.At(l.in.newest()); !q.priced {
		l.tariff.Unpriced += l.in.Range.Open
	}
	money, err := q.price.Of(l.in.Range.Open)
	if err != nil {
		return Amount{}, fmt.Errorf("price the energy not booked yet: %w", err)
	}
	l.add(&a, &q, l.in.Range.Open, money)
	return a.amount(), l.err
}

// newest is the slot of the newest measurement in the range.
func (in Inputs) newest() time.Time {
	return cost.Slot(earlier(in.Range.Last, in.Range.Until.Add(-time.Nanosecond)))
}
