package cost

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// nanosPerUnit is how many nano-units make one unit of a currency.
const nanosPerUnit = 1_000_000_000

// Money is an exact amount. Its zero value is no money of no currency, which
// can be added to any other.
type Money struct {
	Nanos    int64    // billionths of one unit of Currency; 0 is free of charge
	Currency Currency // empty in the zero value only
}

// ParseMoney reads a plain decimal such as "0.1872" exactly. Exponents, signs
// other than a leading minus, and more than nine decimals are refused.
func ParseMoney(amount string, c Currency) (Money, error) {
	digits, negative := strings.CutPrefix(amount, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if !allDigits(whole) || point && !allDigits(fraction) {
		return Money{}, fmt.Errorf("amount %q: %w", amount, ErrAmount)
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > 9 {
		return Money{}, fmt.Errorf("amount %q: more than nine decimals: %w", amount, ErrAmount)
	}
	nanos, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", 9-len(fraction)), 10, 64)
	if err != nil {
		return Money{}, fmt.Errorf("amount %q: %w", amount, ErrRange)
	}
	if negative {
		nanos = -nanos
	}
	return Money{Nanos: nanos, Currency: c}, nil
}

func allDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// Add returns the exact sum. Two different currencies are ErrCurrency, a sum
// that does not fit is ErrRange.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency == "" && m.Nanos == 0 {
		return o, nil
	}
	if o.Currency == "" && o.Nanos == 0 {
		return m, nil
	}
	if m.Currency != o.Currency {
		return Money{}, fmt.Errorf("add %s to %s: %w", o.Currency, m.Currency, ErrCurrency)
	}
	sum := m.Nanos + o.Nanos
	if (o.Nanos > 0) != (sum > m.Nanos) && o.Nanos != 0 {
		return Money{}, fmt.Errorf("add %s to %s: %w", o, m, ErrRange)
	}
	return Money{Nanos: sum, Currency: m.Currency}, nil
}

// Units is the amount in units of the currency, for metrics and JSON. Never
// sum these: sum the Money.
func (m Money) Units() float64 { return float64(m.Nanos) / nanosPerUnit }

// Rat is the amount in units of its currency, exactly.
func (m Money) Rat() *big.Rat { return big.NewRat(m.Nanos, nanosPerUnit) }

// roundHalfEven rounds an exact ratio to the nearest integer, ties to even.
func roundHalfEven(r *big.Rat) (int64, error) {
	quotient, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	twice := rest.Abs(rest).Lsh(rest, 1)
	up := twice.Cmp(r.Denom())
	if up > 0 || up == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(int64(r.Sign())))
	}
	if !quotient.IsInt64() {
		return 0, ErrRange
	}
	return quotient.Int64(), nil
}

// exactly returns f as a ratio; false for what is negative or no number.
func exactly(f float64) (*big.Rat, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) || f < 0 {
		return nil, false
	}
	return new(big.Rat).SetFloat64(f), true
}
