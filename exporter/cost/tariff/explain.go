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
	// LastTier is the one that its use reaches into, and Tier when it reaches into
	// none. Base is the mean of their prices by energy.
	LastTier int
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
	step := new(big.Rat)
	if f.tiered {
		step = t.explainTier(&e, f)
	}
	t.explainParts(&e, f, r, step)
	if f.unknown != "" {
		return e
	}
	price, ok := t.At(slot)
	if e.Price = price; !ok {
		e.Unknown = TooLarge
	}
	return e
}

// explainTier returns the tiers' part of the price before tax.
func (t *Tariff) explainTier(e *Explanation, f facts) *big.Rat {
	grid := energy.Joules(0)
	if t.used != nil {
		i := t.used.index(e.Slot.Unix())
		e.Used = t.used.since(f.version.monthOf(f.day), i)
		if i < len(t.used.slots) && t.used.slots[i].unix == e.Slot.Unix() {
			grid = t.used.slots[i].grid
		}
	}
	e.Household = f.version.Tiers.Household
	first := f.version.stepAt(e.Used)
	e.Tier, e.LastTier = first+1, first+1
	if !f.version.leaves(first, e.Used, grid) {
		return f.version.step(first).Rat()
	}
	mean := new(big.Rat)
	for step, part := range f.version.split(first, e.Used, grid) {
		e.LastTier = step + 1
		mean.Add(mean, part.Mul(part, f.version.step(step).Rat()))
	}
	return mean.Quo(mean, joules(grid))
}

func (t *Tariff) explainParts(e *Explanation, f facts, r *resolver, step *big.Rat) {
	_, clock := r.local(e.Slot.Unix())
	nanos := func(n int64) *big.Rat { return big.NewRat(n, int64(One)) }
	adders := new(big.Rat)
	for _, a := range f.version.Adders {
		if r.counts(a, clock) {
			adders.Add(adders, a.Price.Rat())
			e.Adders = append(e.Adders, Part{Name: a.Name, Amount: shown(a.Price.Rat(), t.currency)})
		}
	}
	net := step.Add(step, nanos(f.terms.fixed))
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
