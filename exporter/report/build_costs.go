package report

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

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
	spent := spentOn(r, t)
	out.Bases[0].Cost = spent[0].billed(bill.Marginal)
	out.Bases[1].Cost = spent[1].billed(bill.Active)
	out.Bases[2].Cost, err = withOpen(spent[2], bill.Dedicated, r, t)
	return err
}

// spentOn is what was spent on each basis. It tells amounts that were rounded
// to nothing from nothing.
func spentOn(r store.Range, t cost.Tariff) [3]Spend {
	none := noSpend(t.Currency())
	marginal, busy, dedicated := none, none, none
	for _, s := range r.System {
		price, ok := t.At(s.Start)
		marginal, busy = marginal.at(price, ok, s.Inference), busy.at(price, ok, s.BaselineBusy)
		dedicated = dedicated.at(price, ok, s.Energy)
	}
	return [...]Spend{marginal, marginal.plus(busy), dedicated}
}

// withOpen adds the energy that is not booked yet, which lies in no slot so
// far. Its price is that of the newest measurement.
func withOpen(spent Spend, dedicated cost.Money, r store.Range, t cost.Tariff) (Amount, error) {
	if r.Open == 0 {
		return spent.billed(dedicated), nil
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
	if err != nil {
		return Amount{}, err
	}
	return spent.at(price, true, r.Open).billed(sum), nil
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
		if !out.Tariff.Known || price.Picos < out.Tariff.Lowest.Picos {
			out.Tariff.Lowest = price
		}
		if !out.Tariff.Known || price.Picos > out.Tariff.Highest.Picos {
			out.Tariff.Highest = price
		}
		out.Tariff.Known = true
	}
}

// addModelCosts gives each row its marginal cost and prices its samples. A row
// with energy in a slot without a price has no known cost.
func (out *Report) addModelCosts(slots []store.ModelSlot, t cost.Tariff, bill cost.Bill) {
	billed := map[modelKey]cost.Money{}
	for _, b := range bill.Models {
		billed[modelKey{b.Server, b.Model}] = b.Marginal
	}
	spent := map[modelKey]modelSpend{}
	for _, s := range slots {
		key := modelKey{s.Server, s.Model}
		sum, ok := spent[key]
		if !ok {
			none := noSpend(t.Currency())
			sum = modelSpend{none, none, none}
		}
		price, known := t.At(s.Start)
		sum.all = sum.all.at(price, known, s.Prefill+s.Decode)
		sum.perToken = sum.perToken.at(price, known, s.MeteredEnergy)
		sum.finished = sum.finished.at(price, known, s.MeteredOKEnergy)
		spent[key] = sum
	}
	for i := range out.Models {
		m := &out.Models[i]
		key := modelKey{m.Server, m.Model}
		sum := spent[key]
		if money, ok := billed[key]; ok && m.EnergyKnown && sum.all.known {
			m.Marginal = sum.all.billed(money)
		}
		m.PerToken.Spend, m.Finished.Spend = sum.perToken, sum.finished
	}
}

// modelSpend is what was spent on one model: on all its energy and on each of
// its samples.
type modelSpend struct{ all, perToken, finished Spend }
