package payback

import (
	"math"
	"math/big"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Capital is what the machine has to earn: Incremental when it is Known, else
// Price × ShareRatio, rounded half to even.
func (m Machine) Capital() cost.Money {
	if m.Known {
		return m.Incremental
	}
	return cost.Money{Nanos: share(m.Price.Nanos, ratio(m.ShareRatio)), Currency: m.Price.Currency}
}

// residual is the part of Residual that belongs to the capital. That of a
// machine of which only Incremental is told is all of it.
func (m Machine) residual() int64 {
	if !m.Known {
		return share(m.Residual.Nanos, ratio(m.ShareRatio))
	}
	if m.Price.Nanos <= 0 {
		return m.Residual.Nanos
	}
	return share(m.Residual.Nanos, big.NewRat(m.Incremental.Nanos, m.Price.Nanos))
}

// Charge is the hardware's part of [since, until): an annuity of the capital less
// the residual, pro rata. It is 0 before the purchase and after the machine's
// life, and for a machine whose life is not told. The charges of adjoining
// periods add up exactly.
func (m Machine) Charge(since, until time.Time) cost.Money {
	none := cost.Money{Currency: m.Capital().Currency}
	if m.Life <= 0 || !since.Before(until) {
		return none
	}
	whole := m.lifeCharge()
	none.Nanos = m.charged(until, whole) - m.charged(since, whole)
	return none
}

// charged is the charge from the purchase to t.
func (m Machine) charged(t time.Time, whole int64) int64 {
	served := max(0, min(t.Sub(m.Purchased), m.Life))
	return share(whole, big.NewRat(int64(served), int64(m.Life)))
}

// lifeCharge is the charge of the whole life, never below 0: a machine that is
// sold for more than it cost still has no earnings of its own.
func (m Machine) lifeCharge() int64 {
	capital, residual := m.Capital().Nanos, m.residual()
	if !(m.CapitalCostRatio > 0) {
		return max(0, capital-residual)
	}
	months := float64(m.Life) / float64(Month)
	// Expm1 and Log1p keep their digits at small rates.
	monthly := math.Log1p(m.CapitalCostRatio) / 12
	worth := float64(capital) - float64(residual)*math.Exp(-monthly*months)
	charge := math.RoundToEven(worth * math.Expm1(monthly) * months / -math.Expm1(-monthly*months))
	if charge >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(max(0, charge))
}

// ratio is f as it is stored, kept within 0 to 1; NaN is 0.
func ratio(f float64) *big.Rat {
	if !(f > 0) {
		return new(big.Rat)
	}
	return new(big.Rat).SetFloat64(min(f, 1))
}

// share is a part of an amount, rounded half to even and kept within int64.
func share(nanos int64, part *big.Rat) int64 {
	return rounded(new(big.Rat).Mul(new(big.Rat).SetInt64(nanos), part))
}

// rounded is the whole number nearest to r, ties to even. What does not fit is
// the largest or smallest that does.
func rounded(r *big.Rat) int64 { return divided(r.Num(), r.Denom()) }

// divided is rounded for a ratio that need not be in lowest terms, of which den
// is above 0.
func divided(num, den *big.Int) int64 {
	quotient, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	up := rest.Abs(rest).Lsh(rest, 1).Cmp(den)
	if up > 0 || up == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(int64(num.Sign())))
	}
	switch {
	case quotient.IsInt64():
		return quotient.Int64()
	case num.Sign() > 0:
		return math.MaxInt64
	}
	return math.MinInt64
}
