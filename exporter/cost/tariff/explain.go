package tariff

import (
	"math/big"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Explanation is what the price of one slot is made of. Its figures are for
// people to read: each is rounded by itself, so that only Price is the exact sum.
type Explanation struct {
	Slot    time.Time // its beginning
	Version Date      // the first day of the version; the zero Date: since ever
	Source  Source    // where Base is from
	Window  string    // the window's name, for FromWindow
	When    When      // the window's times, for FromWindow
	Base    cost.Price
	// Value is what the series has, in its own currency; meaningless but for
	// FromSeries.
	Value  cost.Price
	File   string     // the series' file, for FromSeries and FromFallback
	Factor Ratio      // that Value is multiplied with, for FromSeries
	Added  cost.Price // to that, for FromSeries
	Tier   int        // the tier that the slot begins in, from 1 on; 0: no part in the price
	// Used is what the Mac used before the slot in the billing month, as far as is
	// known, and Household what the others use in a month; 0 without a Tier.
	Used, Household energy.Joules
	Adders          []Part // those that count now
	Tax             Part   // Amount is 0 without tax
	Grid            cost.Price
	// Solar is the share of the energy that is priced at FeedIn and not at Grid.
	Solar  Ratio
	FeedIn cost.Price
	Price  cost.Price
	// Unknown says why there is no Price; empty when there is one.
	Unknown Reason
}

// Part is a named part of a price.
type Part struct {
	Name   string
	Ratio  Ratio // of the tax; 0 for adders
	Amount cost.Price
}

// Explain says what the price of the slot at a time is made of.
func (t *Tariff) Explain(at time.Time) Explanation {
	slot := cost.Slot(at)
	r := t.resolver()
	f := r.at(slot.Unix())
	e := Explanation{Slot: slot, Unknown: f.unknown}
	if f.version == nil {
		return e
	}
	e.Version, e.Source = f.version.From, f.source
	if f.source == FromWindow {
		w := f.version.Windows[f.window]
		e.Window, e.When = w.Name, w.When
	}
	if f.source == FromSeries || f.source == FromFallback {
		e.File = f.version.series.File
	}
	if f.tiered {
		e.Used, e.Household = t.soFar(f, slot), f.version.Tiers.Household
		step := f.version.stepAt(e.Used)
		e.Tier = step + 1
		f.addStep(step)
	}
	t.explainParts(&e, f, r)
	if f.unknown != "" {
		return e
	}
	price, ok := t.At(slot)
	if e.Price = price; !ok {
		e.Unknown = TooLarge
	}
	return e
}

// soFar is the Mac's use in the billing month before a slot.
func (t *Tariff) soFar(f facts, slot time.Time) energy.Joules {
	if t.used == nil {
		return 0
	}
	return t.used.since(f.version.monthOf(f.day), t.used.index(slot.Unix()))
}

func (t *Tariff) explainParts(e *Explanation, f facts, r *resolver) {
	_, clock := r.local(e.Slot.Unix())
	nanos := func(n int64) *big.Rat { return big.NewRat(n, int64(One)) }
	adders := new(big.Rat)
	for _, a := range f.version.Adders {
		if r.counts(a, clock) {
			adders.Add(adders, a.Price.Rat())
			e.Adders = append(e.Adders, Part{Name: a.Name, Amount: shown(a.Price.Rat(), t.currency)})
		}
	}
	net := nanos(f.terms.fixed)
	if f.source == FromSeries && f.terms.rate != 0 {
		value := new(big.Rat).Mul(nanos(f.terms.value), nanos(f.terms.rate))
		net.Add(net, value.Mul(value, f.terms.factor.Rat()))
		e.Value = shown(nanos(f.terms.value), f.version.series.currency)
		e.Factor, e.Added = f.terms.factor, shown(f.version.series.Adder.Rat(), t.currency)
	}
	tax := new(big.Rat).Mul(net, f.terms.tax.Rat())
	e.Base = shown(new(big.Rat).Sub(net, adders), t.currency)
	e.Tax = Part{Ratio: f.terms.tax, Amount: shown(tax, t.currency)}
	e.Grid = shown(net.Add(net, tax), t.currency)
	e.Solar, e.FeedIn = f.terms.solar, shown(nanos(f.terms.feedIn), t.currency)
}
