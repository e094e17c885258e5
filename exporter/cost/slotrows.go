package cost

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// SlotRows is all that is kept about one slot, which has one price.
type SlotRows struct {
	Start  time.Time
	System []store.SystemSlot // more than one when the scope changed within the slot
	Models []store.ModelSlot
}

// BySlot goes through the slots of a period in order of time. The rows may come
// in any order; they are not copied when they come in order of time.
func BySlot(system []store.SystemSlot, models []store.ModelSlot) iter.Seq[SlotRows] {
	systemStart := func(s *store.SystemSlot) time.Time { return s.Start }
	modelStart := func(s *store.ModelSlot) time.Time { return s.Start }
	return func(yield func(SlotRows) bool) {
		system, models := inOrder(system, systemStart), inOrder(models, modelStart)
		for len(system) > 0 || len(models) > 0 {
			var s SlotRows
			if len(system) > 0 {
				s.Start = system[0].Start
			}
			if len(models) > 0 && (len(system) == 0 || models[0].Start.Before(s.Start)) {
				s.Start = models[0].Start
			}
			s.System, system = cut(system, s.Start, systemStart)
			s.Models, models = cut(models, s.Start, modelStart)
			if !yield(s) {
				return
			}
		}
	}
}

// inOrder is rows by start, and as they came within a slot.
func inOrder[R any](rows []R, start func(*R) time.Time) []R {
	for i := 1; i < len(rows); i++ {
		if start(&rows[i]).Before(start(&rows[i-1])) {
			sorted := slices.Clone(rows)
			slices.SortStableFunc(sorted, func(a, b R) int { return start(&a).Compare(start(&b)) })
			return sorted
		}
	}
	return rows
}

// cut takes the rows of one start from the beginning of rows.
func cut[R any](rows []R, at time.Time, start func(*R) time.Time) (taken, rest []R) {
	n := 0
	for n < len(rows) && start(&rows[n]).Equal(at) {
		n++
	}
	return rows[:n], rows[n:]
}

// Energy is all that was measured in the slot.
func (s SlotRows) Energy() energy.Joules {
	var sum energy.Joules
	for i := range s.System {
		sum += s.System[i].Energy
	}
	return sum
}

// roundingError bounds, as a part of a slot's energy, what adding up floats may
// leave over.
const roundingError = 1e-9

// Bill prices the slot: each part of its energy once.
func (s SlotRows) Bill(p Price) (Bill, error) {
	b := free(p.Currency)
	parts := s.parts()
	if !(parts.all >= 0) || math.IsInf(float64(parts.all), 1) {
		return Bill{}, fmt.Errorf("bill of %s: %v joules: %w", s.Start.Format(time.RFC3339), float64(parts.all), ErrRange)
	}
	w := pricer{price: p, dust: roundingError * parts.all}
	booked := energy.Joules(0)
	for i, account := range b.Sinks.all() {
		w.charge(parts.sinks[i], account, &b.Dedicated)
		booked += parts.sinks[i]
	}
	b.Models = make([]ModelBill, len(s.Models))
	for i := range s.Models {
		m := &s.Models[i]
		w.model(m, parts, &b, &b.Models[i])
		booked += m.Prefill + m.Decode
	}
	if parts.busy == 0 {
		w.charge(parts.baselineBusy, &b.Unshared, &b.Active)
	}
	w.remainder(parts.all-booked, &b)
	if w.err != nil {
		return Bill{}, fmt.Errorf("bill of %s: %w", s.Start.Format(time.RFC3339), w.err)
	}
	return b, nil
}

// slotParts sums what a slot's rows have of each part.
type slotParts struct {
	all, baselineBusy energy.Joules
	sinks             [6]energy.Joules // in the order of Sinks
	busy              time.Duration    // summed over the models
}

func (s SlotRows) parts() slotParts {
	var p slotParts
	for i := range s.System {
		sys := &s.System[i]
		p.all += sys.Energy
		p.baselineBusy += sys.BaselineBusy
		for j, e := range [...]energy.Joules{sys.ModelLoad, sys.ServerOther, sys.Baseline, sys.OtherProcesses, sys.Unexplained, sys.Gap} {
			p.sinks[j] += e
		}
	}
	for i := range s.Models {
		p.busy += s.Models[i].Busy
	}
	return p
}

// pricer prices energies until the first error, which it keeps.
type pricer struct {
	adder
	price Price
	dust  energy.Joules // what is nearer to 0 is nothing
}

// charge prices j once and adds the amount to every account.
func (w *pricer) charge(j energy.Joules, accounts ...*Money) {
	if j == 0 || j < 0 && j >= -w.dust {
		return
	}
	m, err := w.price.Of(j)
	if w.err == nil {
		w.err = err
	}
	for _, a := range accounts {
		w.into(a, m)
	}
}

func (w *pricer) model(m *store.ModelSlot, parts slotParts, b *Bill, row *ModelBill) {
	none := Money{Currency: b.Currency}
	*row = ModelBill{Server: m.Server, Model: m.Model, Prefill: none, Decode: none, Marginal: none, Active: none}
	w.charge(m.Prefill, &row.Prefill, &row.Marginal, &row.Active, &b.Marginal, &b.Active, &b.Dedicated)
	w.charge(m.Decode, &row.Decode, &row.Marginal, &row.Active, &b.Marginal, &b.Active, &b.Dedicated)
	if parts.busy > 0 {
		w.charge(parts.baselineBusy*energy.Joules(float64(m.Busy)/float64(parts.busy)), &row.Active, &b.Active)
	}
}

// remainder charges what is measured and in no part, and takes back what is in
// the parts and was not measured.
func (w *pricer) remainder(left energy.Joules, b *Bill) {
	switch {
	case left >= -w.dust && left <= w.dust:
	case left < 0:
		m, err := w.price.Of(-left)
		if w.err == nil {
			w.err = err
		}
		m.Nanos = -m.Nanos
		w.into(&b.Remainder, m)
		w.into(&b.Dedicated, m)
	default:
		w.charge(left, &b.Remainder, &b.Dedicated)
	}
}
