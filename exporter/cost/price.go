package cost

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Price is what one kilowatt-hour costs.
type Price struct{ Money }

// String prints the price exactly, as it was configured: "0.1872 EUR/kWh".
func (p Price) String() string {
	number := strings.TrimRight(p.Decimal(9), "0")
	if pad := strings.IndexByte(number, '.') + 3 - len(number); pad > 0 {
		number += strings.Repeat("0", pad)
	}
	return p.withCurrency(number) + "/kWh"
}

// Of returns what j costs at p, rounded once, half to even, to a nano-unit.
func (p Price) Of(j energy.Joules) (Money, error) {
	r, ok := exactly(float64(j))
	if !ok {
		return Money{}, fmt.Errorf("price %v joules: %w", float64(j), ErrRange)
	}
	r.Mul(r, big.NewRat(p.Nanos, energy.JoulesPerKilowattHour))
	nanos, err := roundHalfEven(r)
	if err != nil {
		return Money{}, fmt.Errorf("price %v joules: %w", float64(j), err)
	}
	return Money{Nanos: nanos, Currency: p.Currency}, nil
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
	r.Mul(r, big.NewRat(p.Nanos, 1))
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
