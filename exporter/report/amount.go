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

// billed is an amount of a bill, which is 0 and not nothing when s is not 0.
func (s Spend) billed(m cost.Money) Amount {
	return Amount{Money: m, Known: true, Tiny: m.Nanos == 0 && s.nanos != 0}
}
