package cost

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// Bill is what a period cost on each basis. All amounts are exact sums of
// amounts that were rounded once a slot, so the bills of the parts of a period
// add up to the bill of the whole.
type Bill struct {
	Currency  Currency
	Marginal  Money // the sum over Models
	Active    Money // the sum over Models, plus Unshared
	Dedicated Money // all energy, whoever used it
	// Unshared is baseline while busy that no model's busy time explains; it
	// is 0 when the slots are consistent.
	Unshared Money
	Models   []ModelBill // by server, model
	// Unpriced is energy in slots without a known price; no amount has it.
	Unpriced energy.Joules
}

// ModelBill is the part of one model on one server.
type ModelBill struct {
	Server, Model   string
	Prefill, Decode Money // cost of the inference energy by phase
	Marginal        Money // Prefill + Decode
	Active          Money // Marginal + this model's share of the baseline while busy
}

// Of returns the bill's total on a basis; false when there is no such basis.
func (b Bill) Of(basis Basis) (Money, bool) {
	switch basis {
	case Marginal:
		return b.Marginal, true
	case Active:
		return b.Active, true
	case Dedicated:
		return b.Dedicated, true
	}
	return Money{}, false
}

// NewBill prices the slots of a period. The slots may come in any order; those
// of one start belong together.
func NewBill(system []store.SystemSlot, models []store.ModelSlot, t Tariff) (Bill, error) {
	w := biller{tariff: t, models: map[modelKey]*ModelBill{}}
	w.bill = Bill{Currency: t.Currency()}
	for _, m := range []*Money{&w.bill.Marginal, &w.bill.Active, &w.bill.Dedicated, &w.bill.Unshared} {
		m.Currency = w.bill.Currency
	}
	for _, s := range bySlot(system, models) {
		if err := w.slot(s); err != nil {
			return Bill{}, fmt.Errorf("bill of %s: %w", s.start.Format(time.RFC3339), err)
		}
	}
	return w.finish(), nil
}

type modelKey struct{ server, model string }

// slot is all that is known about one 15-minute slot.
type slot struct {
	start    time.Time
	all      energy.Joules
	baseline energy.Joules // while busy
	busy     time.Duration // summed over the models
	models   []store.ModelSlot
}

func bySlot(system []store.SystemSlot, models []store.ModelSlot) []*slot {
	index := map[int64]*slot{}
	var slots []*slot
	at := func(t time.Time) *slot {
		s, ok := index[t.Unix()]
		if !ok {
			s = &slot{start: t}
			index[t.Unix()] = s
			slots = append(slots, s)
		}
		return s
	}
	for _, sys := range system {
		s := at(sys.Start)
		s.all += sys.Energy
		s.baseline += sys.BaselineBusy
	}
	for _, m := range models {
		s := at(m.Start)
		s.busy += m.Busy
		s.models = append(s.models, m)
	}
	slices.SortFunc(slots, func(a, b *slot) int { return a.start.Compare(b.start) })
	return slots
}

type biller struct {
	tariff Tariff
	bill   Bill
	models map[modelKey]*ModelBill
}

func (w *biller) slot(s *slot) error {
	price, ok := w.tariff.At(s.start)
	if !ok {
		w.bill.Unpriced += s.all
		return nil
	}
	errs := []error{charge(price, s.all, &w.bill.Dedicated)}
	for _, m := range s.models {
		b := w.model(m)
		errs = append(errs,
			charge(price, m.Prefill, &b.Prefill, &b.Marginal, &b.Active, &w.bill.Marginal, &w.bill.Active),
			charge(price, m.Decode, &b.Decode, &b.Marginal, &b.Active, &w.bill.Marginal, &w.bill.Active))
		if s.busy > 0 {
			share := s.baseline * energy.Joules(float64(m.Busy)/float64(s.busy))
			errs = append(errs, charge(price, share, &b.Active, &w.bill.Active))
		}
	}
	if s.busy == 0 {
		errs = append(errs, charge(price, s.baseline, &w.bill.Unshared, &w.bill.Active))
	}
	return errors.Join(errs...)
}

func (w *biller) model(m store.ModelSlot) *ModelBill {
	key := modelKey{m.Server, m.Model}
	b, ok := w.models[key]
	if !ok {
		none := Money{Currency: w.bill.Currency}
		b = &ModelBill{Server: m.Server, Model: m.Model, Prefill: none, Decode: none, Marginal: none, Active: none}
		w.models[key] = b
	}
	return b
}

// charge prices j once and adds the amount to every account.
func charge(p Price, j energy.Joules, accounts ...*Money) error {
	m, err := p.Of(j)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if *a, err = a.Add(m); err != nil {
			return err
		}
	}
	return nil
}

func (w *biller) finish() Bill {
	for _, b := range w.models {
		w.bill.Models = append(w.bill.Models, *b)
	}
	slices.SortFunc(w.bill.Models, func(a, b ModelBill) int {
		if c := strings.Compare(a.Server, b.Server); c != 0 {
			return c
		}
		return strings.Compare(a.Model, b.Model)
	})
	return w.bill
}
