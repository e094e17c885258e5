package cost

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// Bill is what a slot or a period cost on each basis. All amounts are exact sums
// of amounts that were rounded once a slot, so the bills of the parts of a period
// add up to the bill of the whole, and the parts of a bill to its totals.
type Bill struct {
	Currency Currency
	Marginal Money // the sum over Models
	Active   Money // the sum over Models, plus Unshared
	// Dedicated is for all energy, whoever used it: the sum of Marginal, Sinks and
	// Remainder.
	Dedicated Money
	Sinks     Sinks
	// Remainder is for energy that is in no model and no sink, below 0 for energy
	// that is in them and was not measured; it is 0 when the slots are consistent.
	Remainder Money
	// Unshared is baseline while busy that no model's busy time explains; it
	// is 0 when the slots are consistent.
	Unshared Money
	Models   []ModelBill // by server, model; of a slot: in the order of its models
	// Unpriced is energy in slots without a known price; no amount has it.
	Unpriced energy.Joules
}

// Sinks is what the energy cost that no request caused. Gap is what a meter of the
// whole machine saw while nothing told who used it: like the others, it is in
// Dedicated alone.
type Sinks struct{ ModelLoad, ServerOther, Baseline, OtherProcesses, Unexplained, Gap Money }

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
	w := biller{models: map[modelKey]*ModelBill{}, bill: free(t.Currency())}
	for s := range BySlot(system, models) {
		price, ok := t.At(s.Start)
		if !ok {
			w.bill.Unpriced += s.Energy()
			continue
		}
		b, err := s.Bill(price)
		if err != nil {
			return Bill{}, err
		}
		if err := w.add(b); err != nil {
			return Bill{}, fmt.Errorf("bill of %s: %w", s.Start.Format(time.RFC3339), err)
		}
	}
	return w.finish(), nil
}

// free is a bill of nothing.
func free(c Currency) Bill {
	none := Money{Currency: c}
	return Bill{Currency: c, Marginal: none, Active: none, Dedicated: none, Remainder: none, Unshared: none,
		Sinks: Sinks{ModelLoad: none, ServerOther: none, Baseline: none, OtherProcesses: none, Unexplained: none, Gap: none}}
}

type modelKey struct{ server, model string }

// biller adds up the bills of slots.
type biller struct {
	bill   Bill
	models map[modelKey]*ModelBill
}

func (w *biller) add(b Bill) error {
	var sum adder
	to := &w.bill
	sum.into(&to.Marginal, b.Marginal)
	sum.into(&to.Active, b.Active)
	sum.into(&to.Dedicated, b.Dedicated)
	sum.into(&to.Remainder, b.Remainder)
	sum.into(&to.Unshared, b.Unshared)
	sinks := b.Sinks.all()
	for i, account := range to.Sinks.all() {
		sum.into(account, *sinks[i])
	}
	for _, m := range b.Models {
		row := w.model(m)
		sum.into(&row.Prefill, m.Prefill)
		sum.into(&row.Decode, m.Decode)
		sum.into(&row.Marginal, m.Marginal)
		sum.into(&row.Active, m.Active)
	}
	return sum.err
}

// all are the accounts of the sinks, in the order of their fields.
func (s *Sinks) all() [6]*Money {
	return [...]*Money{&s.ModelLoad, &s.ServerOther, &s.Baseline, &s.OtherProcesses, &s.Unexplained, &s.Gap}
}

func (w *biller) model(m ModelBill) *ModelBill {
	key := modelKey{m.Server, m.Model}
	b, ok := w.models[key]
	if !ok {
		none := Money{Currency: w.bill.Currency}
		b = &ModelBill{Server: m.Server, Model: m.Model, Prefill: none, Decode: none, Marginal: none, Active: none}
		w.models[key] = b
	}
	return b
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

// adder adds up money until the first error, which it keeps.
type adder struct{ err error }

func (a *adder) into(account *Money, m Money) {
	if a.err != nil {
		return
	}
	sum, err := account.Add(m)
	if err != nil {
		a.err = err
		return
	}
	*account = sum
}
