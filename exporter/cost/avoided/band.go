package avoided

import (
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
	"github.com/sovmeter/sovmeter/store"
)

// band holds the prices for prompts between two marks of store.LongPrompts.
// There is more than one when a limit of the provider lies between the marks.
type band []asked

// asked is what is asked for one million local tokens of each kind, in 1e-12 of
// a unit of one's own currency.
type asked struct{ input, cached, output int64 }

// factors are what a price is multiplied with.
type factors struct {
	share, tokenizer float64
	worth            cost.Money // of one unit of the entry's currency
}

// bandsOf are the prices of an entry for the prompts up to the first mark, and
// then those above each. It is false when a price is beyond all reason.
func (p *Plan) bandsOf(e prices.Entry, f factors) ([]band, bool) {
	scale := decimal(f.share)
	scale.Mul(scale, decimal(f.tokenizer)).Mul(scale, f.worth.Rat())
	marks := store.LongPrompts()
	bands := make([]band, len(marks)+1)
	for i := range bands {
		least, most := int64(1), int64(math.MaxInt64)
		if i > 0 {
			least = int64(float64(marks[i-1])*f.tokenizer) + 1
		}
		if i < len(marks) {
			most = int64(float64(marks[i]) * f.tokenizer)
		}
		for _, rates := range between(e, least, most) {
			a, ok := p.scaled(rates, scale)
			if !ok {
				return nil, false
			}
			bands[i] = append(bands[i], a)
		}
	}
	return bands, true
}

// between returns all rates that prompts of least to most tokens may have.
func between(e prices.Entry, least, most int64) []prices.Rates {
	list := []prices.Rates{e.For(least)}
	for _, l := range e.Long {
		if l.Above >= least && l.Above < most {
			list = append(list, l.Rates)
		}
	}
	return list
}

func (p *Plan) scaled(r prices.Rates, scale *big.Rat) (asked, bool) {
	cached := r.Cached
	if p.cache == None || !cached.Known {
		cached = r.Input
	}
	var a asked
	for _, kind := range []struct {
		rate prices.Rate
		to   *int64
	}{{r.Input, &a.input}, {cached, &a.cached}, {r.Output, &a.output}} {
		v := new(big.Rat).SetInt64(kind.rate.PerMtok.Nanos)
		v.Mul(v, big.NewRat(picosPerNano, 1)).Mul(v, scale)
		picos, ok := rounded(v)
		if !ok || !kind.rate.Known {
			return asked{}, false
		}
		*kind.to = picos
	}
	return a, true
}

const picosPerNano = 1000

// decimal is the shortest decimal that reads as this float, which is the one
// that somebody wrote.
func decimal(f float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'f', -1, 64))
	if !ok {
		return new(big.Rat) // no number; Options.check refuses it
	}
	return r
}

// rounded is the whole number nearest to r, which is not negative, ties to even.
func rounded(r *big.Rat) (int64, bool) {
	quotient, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	up := rest.Lsh(rest, 1).Cmp(r.Denom())
	if up > 0 || up == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return quotient.Int64(), quotient.IsInt64()
}

// bandIndex is the place of the prompts above a mark in the list of bandsOf.
func bandIndex(above int64) int {
	i, found := slices.BinarySearch(store.LongPrompts(), above)
	if found {
		i++
	}
	return i
}
