package report

import (
	"fmt"
	"math/big"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// Amount is a sum of money that may be unknown.
type Amount struct {
	Money cost.Money // meaningless unless Known
	Known bool
}

// scaled is times/over of the amount, rounded to a nano-unit; unknown when it
// does not fit.
func (a Amount) scaled(times, over int64) Amount {
	if !a.Known || over <= 0 {
		return Amount{}
	}
	n := new(big.Int).Mul(big.NewInt(a.Money.Nanos), big.NewInt(2*times))
	n.Add(n, big.NewInt(over)) // half of over, as everything is doubled
	n.Div(n, big.NewInt(2*over))
	if !n.IsInt64() {
		return Amount{}
	}
	return Amount{Money: cost.Money{Nanos: n.Int64(), Currency: a.Money.Currency}, Known: true}
}

// Tariff is what the prices of a period were.
type Tariff struct {
	Currency cost.Currency
	// Lowest and Highest are the prices per kWh that occurred; equal when the
	// price never changed.
	Lowest, Highest cost.Price
	Known           bool          // false without a tariff, or when it has no price for the period
	Unpriced        energy.Joules // measured while no price is known; the costs that it touches are unknown
}

// addCosts prices the period slot by slot on the three bases.
func (out *Report) addCosts(r store.Range, t cost.Tariff) error {
	out.Bases = []Basis{
		{Name: cost.Marginal, Energy: out.Inference},
		{Name: cost.Active, Energy: out.Inference},
		{Name: cost.Dedicated, Energy: out.Total},
	}
	for _, s := range r.System {
		out.Bases[1].Energy += s.BaselineBusy
	}
	if t == nil {
		return nil
	}
	bill, err := cost.NewBill(r.System, r.Models, t)
	if err != nil {
		return fmt.Errorf("price the period: %w", err)
	}
	out.addTariff(r.System, t, bill)
	out.addModelCosts(r.Models, t, bill)
	if bill.Unpriced > 0 {
		return nil
	}
	out.Bases[0].Cost = Amount{bill.Marginal, true}
	out.Bases[1].Cost = Amount{bill.Active, true}
	out.Bases[2].Cost, err = withOpen(bill.Dedicated, r, t)
	return err
}

// withOpen adds the energy that is not booked yet, which lies in no slot so
// far. Its price is that of the newest measurement.
func withOpen(dedicated cost.Money, r store.Range, t cost.Tariff) (Amount, error) {
	if r.Open == 0 {
		return Amount{dedicated, true}, nil
	}
	price, ok := t.At(cost.Slot(earlier(r.Last, r.Until.Add(-time.Nanosecond))))
	if !ok {
		return Amount{}, nil
	}
	open, err := price.Of(r.Open)
	if err != nil {
		return Amount{}, fmt.Errorf("price the energy not booked yet: %w", err)
	}
	sum, err := dedicated.Add(open)
	return Amount{sum, err == nil}, err
}

// addTariff notes which prices occurred.
func (out *Report) addTariff(slots []store.SystemSlot, t cost.Tariff, bill cost.Bill) {
	out.Tariff = Tariff{Currency: bill.Currency, Unpriced: bill.Unpriced}
	starts := []time.Time{cost.Slot(out.Period.Since)}
	if len(slots) > 0 {
		starts = starts[:0]
	}
	for _, s := range slots {
		starts = append(starts, s.Start)
	}
	for _, start := range starts {
		price, ok := t.At(start)
		if !ok {
			continue
		}
		if !out.Tariff.Known || price.Nanos < out.Tariff.Lowest.Nanos {
			out.Tariff.Lowest = price
		}
		if !out.Tariff.Known || price.Nanos > out.Tariff.Highest.Nanos {
			out.Tariff.Highest = price
		}
		out.Tariff.Known = true
	}
}

// addModelCosts gives each row its marginal cost. A row with energy in a slot
// without a price has no known cost.
func (out *Report) addModelCosts(slots []store.ModelSlot, t cost.Tariff, bill cost.Bill) {
	costs := map[modelKey]Amount{}
	for _, b := range bill.Models {
		costs[modelKey{b.Server, b.Model}] = Amount{b.Marginal, true}
	}
	for _, s := range slots {
		if _, ok := t.At(s.Start); !ok && s.Prefill+s.Decode > 0 {
			costs[modelKey{s.Server, s.Model}] = Amount{}
		}
	}
	for i := range out.Models {
		if m := &out.Models[i]; m.EnergyKnown {
			m.Marginal = costs[modelKey{m.Server, m.Model}]
		}
	}
}
