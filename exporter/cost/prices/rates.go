package prices

import (
	"math/big"
	"strconv"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Usage is the tokens of a request, or the sums over requests of the same band
// of prompt lengths. No token is in two of them.
type Usage struct {
	Input      int64 // fresh prompt tokens that are not stored in the cache
	Cached     int64 // prompt tokens that the cache serves
	CacheWrite int64 // fresh prompt tokens that are stored in it
	Output     int64
}

// Prompt is how long the prompt is: all its tokens, wherever they come from.
func (u Usage) Prompt() int64 { return u.Input + u.Cached + u.CacheWrite }

// NewRate makes a rate of an amount per million tokens; it is Known when the
// amount is above 0.
func NewRate(perMtok cost.Money) Rate {
	if perMtok.Nanos <= 0 {
		return Rate{}
	}
	return Rate{PerMtok: cost.PerMtok{Money: perMtok}, Known: true}
}

// or is r where it is known, and other where it is not.
func (r Rate) or(other Rate) Rate {
	if r.Known {
		return r
	}
	return other
}

// Of returns what the tokens cost at these rates, exact and rounded once, half
// to even, to a nano-unit. It is false when a rate that is needed is unknown, or
// a count is negative. Counts of 0 need no rate.
//
// Cached and CacheWrite tokens without a price of their own are priced as fresh
// ones. A provider that names no price for them has no discount to give: it
// bills every prompt token fresh. Whoever wants the avoided spend to be on the
// low side counts no cached tokens at all instead.
func (r Rates) Of(u Usage) (cost.Money, bool) {
	sum := new(big.Int)
	var currency cost.Currency
	for _, part := range []struct {
		tokens int64
		rate   Rate
	}{
		{u.Input, r.Input},
		{u.Cached, r.Cached.or(r.Input)},
		{u.CacheWrite, r.CacheWrite.or(r.Input)},
		{u.Output, r.Output},
	} {
		if part.tokens == 0 {
			continue
		}
		if part.tokens < 0 || !part.rate.Known || currency != "" && part.rate.PerMtok.Currency != currency {
			return cost.Money{}, false
		}
		currency = part.rate.PerMtok.Currency
		sum.Add(sum, new(big.Int).Mul(big.NewInt(part.tokens), big.NewInt(part.rate.PerMtok.Nanos)))
	}
	nanos, ok := divideHalfEven(sum, big.NewInt(tokensPerMtok))
	if !ok {
		return cost.Money{}, false
	}
	return cost.Money{Nanos: nanos, Currency: currency}, true
}

const tokensPerMtok = 1_000_000

// divideHalfEven rounds a positive ratio to the nearest integer, ties to even.
func divideHalfEven(num, den *big.Int) (int64, bool) {
	quotient, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	up := rest.Lsh(rest, 1).Cmp(den)
	if up > 0 || up == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return quotient.Int64(), quotient.IsInt64()
}

// For returns the rates of a request whose prompt, cached tokens included, has
// so many tokens. For sums over requests, give it any length of their band.
func (e Entry) For(prompt int64) Rates {
	rates := e.Rates
	for _, l := range e.Long {
		if prompt > l.Above {
			rates = l.Rates
		}
	}
	return rates
}

// Price returns what one request costs: a long prompt reprices all of it, its
// output too. It is false when a rate that is needed is unknown.
func (e Entry) Price(u Usage) (cost.Money, bool) { return e.For(u.Prompt()).Of(u) }

// Batch returns the entry with the prices that it asks in a batch, each rounded
// half to even to a nano-unit per million tokens; false when they are not known.
func (e Entry) Batch() (Entry, bool) {
	// The shortest decimal that reads as this float is the one that was told.
	ratio, ok := new(big.Rat).SetString(strconv.FormatFloat(e.BatchRatio, 'f', -1, 64))
	if !ok || ratio.Sign() <= 0 {
		return Entry{}, false
	}
	e.BatchRatio = 0
	e.Rates = e.Rates.times(ratio)
	long := make([]LongContext, len(e.Long))
	for i, l := range e.Long {
		long[i] = LongContext{Above: l.Above, Rates: l.Rates.times(ratio)}
	}
	e.Long = long
	return e, true
}

func (r Rates) times(ratio *big.Rat) Rates {
	return Rates{Input: r.Input.times(ratio), Cached: r.Cached.times(ratio), CacheWrite: r.CacheWrite.times(ratio), Output: r.Output.times(ratio)}
}

func (r Rate) times(ratio *big.Rat) Rate {
	if !r.Known {
		return r
	}
	nanos, ok := divideHalfEven(new(big.Int).Mul(big.NewInt(r.PerMtok.Nanos), ratio.Num()), ratio.Denom())
	if !ok {
		return Rate{}
	}
	return NewRate(cost.Money{Nanos: nanos, Currency: r.PerMtok.Currency})
}
