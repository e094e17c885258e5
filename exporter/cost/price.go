package cost

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Price is what one kilowatt-hour costs. It is finer than Money: a price is
// often the product of several figures, such as a spot price and a tax, and is
// multiplied by every joule. It is negative when a spot market pays for use.
type Price struct {
	Picos    int64    // 1e-12 of one unit of Currency per kWh; 0 is free energy
	Currency Currency // empty in the zero value only
}

// picosPerNano is how much finer a Price is than Money.
const picosPerNano = 1000

// maxPricePerKWh, in units of any currency, only catches slips of the keyboard:
// the dearest real prices are some ten thousand rials.
const maxPricePerKWh = 1_000_000

// NewPrice returns units of a currency per kWh as a Price, rounded half to even
// to 1e-12 units. It is ErrRange beyond a million units either way.
func NewPrice(units *big.Rat, c Currency) (Price, error) {
	picos, err := roundHalfEven(new(big.Rat).Mul(units, big.NewRat(nanosPerUnit*picosPerNano, 1)))
	if err != nil || picos > maxPricePerKWh*nanosPerUnit*picosPerNano || picos < -maxPricePerKWh*nanosPerUnit*picosPerNano {
		return Price{}, fmt.Errorf("price of %s %s per kWh: want %d at most, either way: %w", units.FloatString(4), c, maxPricePerKWh, ErrRange)
	}
	return Price{Picos: picos, Currency: c}, nil
}

// PriceOf returns an amount per kWh as a Price.
func PriceOf(perKWh Money) (Price, error) { return NewPrice(perKWh.Rat(), perKWh.Currency) }

// Rat is the price in units of its currency, exactly.
func (p Price) Rat() *big.Rat { return big.NewRat(p.Picos, nanosPerUnit*picosPerNano) }

// String prints the price to the billionth, as it was configured:
// "0.1872 EUR/kWh".
func (p Price) String() string {
	number := p.Decimal()
	if whole, fraction, _ := strings.Cut(number, "."); len(fraction) < 2 {
		number = whole + "." + (fraction + "00")[:2]
	}
	return Money{Currency: p.Currency}.withCurrency(number) + "/kWh"
}

// Decimal prints the price in units of its currency, with at most nine
// decimals and without zeros at its end.
func (p Price) Decimal() string {
	number := p.Rat().FloatString(9)
	number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	if number == "-0" {
		return "0"
	}
	return number
}

// Units is the price in units of its currency, for metrics and charts. Never
// sum these.
func (p Price) Units() float64 { return float64(p.Picos) / (nanosPerUnit * picosPerNano) }

// Of returns what j costs at p, rounded once, half to even, to a nano-unit.
func (p Price) Of(j energy.Joules) (Money, error) {
	if nanos, ok := quickly(float64(j), p.Picos); ok {
		return Money{Nanos: nanos, Currency: p.Currency}, nil
	}
	nanos, err := p.slowly(j)
	if err != nil {
		return Money{}, fmt.Errorf("price %v joules: %w", float64(j), err)
	}
	return Money{Nanos: nanos, Currency: p.Currency}, nil
}

// slowly is Of for any number; it says what is wrong with one.
func (p Price) slowly(j energy.Joules) (int64, error) {
	r, ok := exactly(float64(j))
	if !ok {
		return 0, ErrRange
	}
	return roundHalfEven(r.Mul(r, big.NewRat(p.Picos, energy.JoulesPerKilowattHour*picosPerNano)))
}

// PerMtok is what one million tokens cost.
type PerMtok struct{ Money }

// PerMtok returns what one million tokens cost at p when tokens of them took
// j. It is false when tokens is not positive: a cost per token is then
// unknown, not zero.
//
// With j in joules and p per kWh: j/tokens × 1e6 ÷ 3.6e6 × p.
func (p Price) PerMtok(j energy.Joules, tokens int64) (PerMtok, bool) {
	r, ok := exactly(float64(j))
	if !ok || tokens <= 0 {
		return PerMtok{}, false
	}
	r.Mul(r, big.NewRat(p.Picos, picosPerNano))
	r.Mul(r, big.NewRat(5, 18)) // ÷ 3.6
	r.Quo(r, big.NewRat(tokens, 1))
	nanos, err := roundHalfEven(r)
	if err != nil {
		return PerMtok{}, false
	}
	return PerMtok{Money{Nanos: nanos, Currency: p.Currency}}, true
}

// PerToken is the same in units of the currency for a single token, for
// metrics.
func (m PerMtok) PerToken() float64 { return float64(m.Nanos) / (nanosPerUnit * 1e6) }

// String prints the digits that an energy measurement can defend, such as
// "0.0187 EUR/Mtok".
func (m PerMtok) String() string { return m.Money.String() + "/Mtok" }
