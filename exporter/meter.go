package exporter

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// meter turns a stream of joules into money that only grows: joules add up
// within a slot, and the slot is priced and rounded as one.
type meter struct {
	tariff   cost.Tariff
	closed   cost.Money // of the slots before
	slot     time.Time
	open     sum // joules of slot
	unpriced sum // joules of slots without a price
	broken   bool
}

// add books j to slot. Slots come in time order; when one comes back, it is
// priced in two pieces.
func (m *meter) add(slot time.Time, j energy.Joules) {
	if !slot.Equal(m.slot) {
		m.close(slot)
	}
	if _, ok := m.tariff.At(slot); !ok {
		m.unpriced.add(float64(j))
		return
	}
	m.open.add(float64(j))
}

func (m *meter) close(next time.Time) {
	total, ok := m.value()
	m.broken = !ok
	m.closed, m.slot, m.open = total, next, sum{}
}

// value is the cost so far; false when it no longer fits into Money.
func (m *meter) value() (cost.Money, bool) {
	if m.broken {
		return cost.Money{}, false
	}
	if m.open.value() == 0 {
		return m.closed, true
	}
	price, _ := m.tariff.At(m.slot)
	now, err := price.Of(energy.Joules(m.open.value()))
	if err != nil {
		return cost.Money{}, false
	}
	total, err := m.closed.Add(now)
	return total, err == nil
}
