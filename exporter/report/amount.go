package report

import (
	"math"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Amount is a sum of money that may be unknown.
type Amount struct {
	Money cost.Money // meaningless unless Known
	Known bool
	// Tiny is true when Money is 0 only because it has no more than nine
	// decimals: the truth is nearer to 0 than half a billionth, and not 0.
	Tiny bool
}

// account is a sum of amounts that were each rounded once, in their slot.
type account struct {
	money cost.Money // no currency: there is no tariff, and nothing is known
	// unpriced is true when a part of the energy has no price.
	unpriced bool
	some     bool // some of the energy costs something, be it less than a billionth
}

// amount is what was spent; unknown when a part has no price.
func (a account) amount() Amount {
	if a.unpriced || a.money.Currency == "" {
		return Amount{}
	}
	return Amount{Money: a.money, Known: true, Tiny: a.money.Nanos == 0 && a.some}
}

// plus is both together; unknown when one of them is, or when they do not fit.
func (a Amount) plus(b Amount) Amount {
	sum, err := a.Money.Add(b.Money)
	if err != nil || !a.Known || !b.Known {
		return Amount{}
	}
	return Amount{Money: sum, Known: true, Tiny: sum.Nanos == 0 && (a.Tiny || b.Tiny)}
}

// least is the smaller of two amounts; unknown when one of them is, or when they
// cannot be compared.
func (a Amount) least(b Amount) Amount {
	switch {
	case !a.Known || !b.Known:
		return Amount{}
	case a.Money.Currency != b.Money.Currency && a.Money.Nanos != 0 && b.Money.Nanos != 0:
		return Amount{}
	case b.Money.Nanos < a.Money.Nanos:
		return b
	}
	return a
}

// Spend adds up what energies cost without rounding each to a billionth, so
// that it can be divided by a large number. Its zero value is unknown.
type Spend struct {
	nanos    float64 // billionths of one unit of currency
	currency cost.Currency
	known    bool
}

// noSpend is nothing spent so far.
func noSpend(c cost.Currency) Spend { return Spend{currency: c, known: true} }

// at adds j at a price. Energy without a price makes the whole unknown. The
// conversions round each product, which arm64 would otherwise fuse with the
// addition: a report is the same to the bit everywhere.
func (s Spend) at(price cost.Price, known bool, j energy.Joules) Spend {
	if j == 0 {
		return s
	}
	s.known = s.known && known
	s.nanos += float64(float64(price.Picos)*float64(j)) / (1000 * energy.JoulesPerKilowattHour)
	return s
}

// plus is both together, unknown when one of them is.
func (s Spend) plus(o Spend) Spend {
	s.known = s.known && o.known
	s.nanos += o.nanos
	return s
}

// amount is times/over of what was spent, rounded to a billionth; unknown when
// over is 0 or it does not fit.
func (s Spend) amount(times, over int64) Amount {
	if !s.known || over <= 0 {
		return Amount{}
	}
	nanos := s.nanos * float64(times) / float64(over)
	rounded := math.RoundToEven(nanos)
	if !(math.Abs(rounded) < math.MaxInt64) {
		return Amount{}
	}
	return Amount{Money: cost.Money{Nanos: int64(rounded), Currency: s.currency}, Known: true,
		Tiny: rounded == 0 && nanos != 0}
}
