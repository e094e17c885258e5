package report

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/store"
)

// ledger books the slots of a period. Each amount is rounded once, in its slot,
// and every figure of money in a report is a sum of those: so the rows of any
// grouping sum to the same totals.
type ledger struct {
	in          Inputs
	currency    cost.Currency // empty without a tariff
	comparators []avoided.Comparator
	none        []avoided.Saving // by no request, with each comparator

	models                  rows[modelKey]
	groups                  grouper // nil for ByModel
	marginal, busy, machine account
	sinks                   [6]account // as quarter.sinks
	emitted                 emission
	tariff                  Tariff

	err error // the first; nothing is booked after it
}

// grouper books slots to the rows of a report that is not by model.
type grouper interface {
	whole(*ledger, *quarter)        // the machine in a slot
	model(*ledger, *quarter, entry) // one of the slot's models, after whole
	finish(*ledger) []Group
}

// book goes through all slots of a period.
func book(in Inputs) (*ledger, error) {
	l := &ledger{in: in, models: newRows[modelKey]()}
	if in.Plan != nil {
		l.comparators = in.Plan.Comparators()
		l.none = nothingSaved(in.Plan, in.Plan.Compare(store.ModelSlot{}))
	}
	if in.Tariff != nil {
		l.currency = in.Tariff.Currency()
		l.tariff.Currency = l.currency
	}
	l.marginal, l.busy, l.machine = l.account(), l.account(), l.account()
	for i := range l.sinks {
		l.sinks[i] = l.account()
	}
	var err error
	if l.groups, err = newGrouper(in); err != nil {
		return nil, err
	}
	q := new(quarter) // one for all: a year has 35,040
	for rows := range cost.BySlot(in.Range.System, in.Range.Models) {
		*q = quarter{SlotRows: rows, intensity: intensityAt(in.Carbon, rows.Start)}
		l.slot(q)
		if l.err != nil {
			return nil, fmt.Errorf("reckon the slot of %s: %w", rows.Start.In(in.zone()).Format(time.RFC3339), l.err)
		}
	}
	return l, nil
}

func (l *ledger) account() account { return account{money: cost.Money{Currency: l.currency}} }

// quarter is a slot with all that holds for each of its rows.
type quarter struct {
	cost.SlotRows
	bill      cost.Bill // meaningless unless priced
	price     cost.Price
	priced    bool
	intensity intensity

	all          energy.Joules
	inference    energy.Joules    // of the models, as they are the rows
	sinks        [6]energy.Joules // in the order of Report.Sinks
	baselineBusy energy.Joules
	measured     time.Duration
	busy         time.Duration // summed over the models
}

// slot books one slot.
func (l *ledger) slot(q *quarter) {
	q.sum()
	if l.in.Tariff != nil {
		q.price, q.priced = l.in.Tariff.At(q.Start)
		l.tariff.see(q)
	}
	if q.priced {
		if q.bill, l.err = q.Bill(q.price); l.err != nil {
			return
		}
	}
	l.whole(q)
	for i := range q.Models {
		e := l.entry(q, i)
		l.add(&l.marginal, q, e.energy(), e.marginal)
		l.add(&l.busy, q, e.energy()+e.share, e.busy)
		key := modelKey{e.slot.Server, e.slot.Model}
		l.models.at(l, key).book(l, q, e)
		if l.groups != nil {
			l.groups.model(l, q, e)
		}
	}
}

// sum adds up the rows.
func (q *quarter) sum() {
	for i := range q.System {
		s := &q.System[i]
		q.all += s.Energy
		q.baselineBusy += s.BaselineBusy
		q.measured += s.Measured
		for j, e := range [...]energy.Joules{s.ModelLoad, s.ServerOther, s.Baseline, s.OtherProcesses, s.Unexplained, s.Gap} {
			q.sinks[j] += e
		}
	}
	for i := range q.Models {
		m := &q.Models[i]
		q.busy += m.Busy
		q.inference += m.Prefill + m.Decode
	}
}

// whole books what belongs to no model.
func (l *ledger) whole(q *quarter) {
	l.add(&l.machine, q, q.all, q.bill.Dedicated)
	l.emitted.add(q.intensity, q.all, q.inference)
	s := &q.bill.Sinks
	for i, money := range [...]cost.Money{s.ModelLoad, s.ServerOther, s.Baseline, s.OtherProcesses, s.Unexplained, s.Gap} {
		l.add(&l.sinks[i], q, q.sinks[i], money)
	}
	if q.busy == 0 {
		l.add(&l.busy, q, q.baselineBusy, q.bill.Unshared)
	}
	if l.groups != nil {
		l.groups.whole(l, q)
	}
}

// add books what j cost.
func (l *ledger) add(a *account, q *quarter, j energy.Joules, money cost.Money) {
	switch {
	case j == 0 || l.currency == "" || l.err != nil:
	case !q.priced:
		a.unpriced = true
	default:
		a.some = a.some || q.price.Picos != 0
		l.sum(&a.money, money)
	}
}

// sum adds up money.
func (l *ledger) sum(to *cost.Money, m cost.Money) {
	sum, err := to.Add(m)
	if err != nil {
		l.err = err
		return
	}
	*to = sum
}

// entry is what one model did in a slot, or a part of it.
type entry struct {
	slot           *store.ModelSlot
	marginal, busy cost.Money       // meaningless unless the slot is priced
	share          energy.Joules    // of the baseline while busy
	saved          []avoided.Saving // in the order of the comparators
}

func (e entry) energy() energy.Joules { return e.slot.Prefill + e.slot.Decode }

// entry is what the i-th model of a slot did.
func (l *ledger) entry(q *quarter, i int) entry {
	e := entry{slot: &q.Models[i]}
	if q.busy > 0 {
		e.share = q.baselineBusy * energy.Joules(float64(e.slot.Busy)/float64(q.busy))
	}
	if q.priced {
		e.marginal, e.busy = q.bill.Models[i].Marginal, q.bill.Models[i].Active
	}
	if l.in.Plan != nil {
		e.saved = l.in.Plan.Compare(*e.slot)
	}
	return e
}
