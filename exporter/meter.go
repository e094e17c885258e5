package exporter

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// meter turns a stream of joules into money that only grows: joules add up
// within a slot, and the slot is priced and rounded as one. What a negative
// price brings in is apart from what is paid, since a counter never falls.
type meter struct {
	tariff   cost.Tariff
	closed   account // of the slots before
	slot     time.Time
	price    cost.Price // of slot, as it was when it was known first
	priced   bool       // it is known
	open     sum        // joules of slot since then
	unpriced sum        // joules without a price
	broken   bool
}

// account is what was paid and what was brought in, both 0 or more.
type account struct{ paid, credit cost.Money }

// add books j to slot. Slots come in time order; when one comes back, it is
// priced in two pieces.
func (m *meter) add(slot time.Time, j energy.Joules) {
	if !slot.Equal(m.slot) {
		m.close(slot)
	}
	if !m.priced {
		m.price, m.priced = m.tariff.At(slot)
	}
	if !m.priced {
		m.unpriced.add(float64(j))
		return
	}
	m.open.add(float64(j))
}

func (m *meter) close(next time.Time) {
	total, ok := m.value()
	m.broken = !ok
	m.closed, m.slot, m.priced, m.open = total, next, false, sum{}
}

// value is the account so far; false when it no longer fits into Money.
func (m *meter) value() (account, bool) {
	total := m.closed
	if m.broken {
		return account{}, false
	}
	if m.open.value() == 0 {
		return total, true
	}
	now, err := m.price.Of(energy.Joules(m.open.value()))
	if err != nil {
		return account{}, false
	}
	into := &total.paid
	if now.Nanos < 0 {
		into, now.Nanos = &total.credit, -now.Nanos
	}
	*into, err = into.Add(now)
	return total, err == nil
}
