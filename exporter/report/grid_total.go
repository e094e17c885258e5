package report

import (
	"slices"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// total is the sum of the rows. Money is the sum of the rows' amounts, of which
// one is unknown only where no energy is known either; it is unknown as a whole
// when a part of the energy has no price.
func (r Report) total(items []rowItem) rowItem {
	all := rowItem{sum: r.sum(items)}
	all.sum.Marginal = r.totalMoney(cost.Marginal, items, func(i rowItem) Amount { return i.sum.Marginal })
	all.sum.Busy = r.totalMoney(cost.Active, items, func(i rowItem) Amount { return i.sum.Busy })
	for _, c := range r.Comparisons {
		all.saved = append(all.saved, c.Total)
	}
	if r.timed() {
		all.group = &Group{Whole: r.totalWhole(items)}
	}
	return all
}

// sum adds up counts and energies.
func (r Report) sum(items []rowItem) Model {
	sum := Model{EnergyKnown: true}
	sum.PerToken.Spend = noSpend(r.Tariff.Currency)
	for _, i := range items {
		m := i.sum
		sum.Requests += m.Requests
		sum.Cancelled += m.Cancelled
		sum.Failed += m.Failed
		sum.Late += m.Late
		sum.Unmetered += m.Unmetered
		sum.Partial += m.Partial
		sum.UnknownTokens += m.UnknownTokens
		sum.UnknownInput += m.UnknownInput
		sum.UnknownCached += m.UnknownCached
		sum.UnknownOutput += m.UnknownOutput
		sum.EstimatedTokens += m.EstimatedTokens
		sum.Input.N = plus(sum.Input.N, m.Input.N)
		sum.Cached.N = plus(sum.Cached.N, m.Cached.N)
		sum.Output.N = plus(sum.Output.N, m.Output.N)
		sum.Prefill += m.Prefill
		sum.Decode += m.Decode
		sum.Error += m.Error
		if m.PerToken.N > 0 { // what generates nothing has no part in the cost of a token
			sum.PerToken = sum.PerToken.plus(m.PerToken)
		}
	}
	sum.settle()
	return sum
}

// totalMoney adds up what the rows cost on a basis.
func (r Report) totalMoney(basis cost.Basis, items []rowItem, of func(rowItem) Amount) Amount {
	var whole Amount
	for _, b := range r.Bases {
		if b.Name == basis {
			whole = b.Cost
		}
	}
	if !whole.Known && !allKnown(items, of) { // rows may all be known where what is in none of them is not
		return Amount{}
	}
	sum := Amount{Money: cost.Money{Currency: r.Tariff.Currency}, Known: true}
	for _, i := range items {
		a := of(i)
		if !a.Known {
			continue
		}
		money, err := sum.Money.Add(a.Money)
		if err != nil {
			return Amount{}
		}
		sum.Money = money
	}
	sum.Tiny = whole.Tiny && sum.Money.Nanos == 0
	return sum
}

// allKnown tells whether there are rows and the amounts of all are known.
func allKnown(items []rowItem, of func(rowItem) Amount) bool {
	return len(items) > 0 && !slices.ContainsFunc(items, func(i rowItem) bool { return !of(i).Known })
}

// totalWhole adds up the machine's energy over the days or hours.
func (r Report) totalWhole(items []rowItem) *Whole {
	var sum Whole
	sum.Carbon.Known = r.Carbon.Known
	for _, i := range items {
		if i.group == nil || i.group.Whole == nil {
			continue
		}
		w := *i.group.Whole
		sum.Elapsed += w.Elapsed
		sum.Measured += w.Measured
		sum.Energy += w.Energy
		sum.Carbon.Grams += w.Carbon.Grams
	}
	sum.Dedicated = r.totalMoney(cost.Dedicated, items, func(i rowItem) Amount {
		if i.group == nil || i.group.Whole == nil {
			return Amount{}
		}
		return i.group.Whole.Dedicated
	})
	return &sum
}
