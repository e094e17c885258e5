package cost

import (
	"fmt"
	"math/big"
	"slices"
	"time"
)

// Rate is what one unit of a foreign currency was worth from a day on.
type Rate struct {
	From  time.Time // when it begins to hold; zero: from the beginning
	Worth Money     // of one unit of the foreign currency, in one's own; above 0
}

// Exchange converts amounts into one currency at dated rates. Its zero value
// knows no rates.
type Exchange struct {
	own   Currency
	rates map[Currency][]Rate // by From
}

// NewExchange takes the rates of each foreign currency, in any order. It is
// ErrCurrency when a rate is not in own, ErrRange when it is not above 0 and
// ErrAmount when two begin at one time.
func NewExchange(own Currency, rates map[Currency][]Rate) (Exchange, error) {
	x := Exchange{own: own, rates: map[Currency][]Rate{}}
	for foreign, list := range rates {
		sorted := slices.Clone(list)
		slices.SortFunc(sorted, func(a, b Rate) int { return a.From.Compare(b.From) })
		for i, r := range sorted {
			switch {
			case r.Worth.Currency != own:
				return Exchange{}, fmt.Errorf("exchange rate of %s in %s, not in %s: %w", foreign, r.Worth.Currency, own, ErrCurrency)
			case r.Worth.Nanos <= 0:
				return Exchange{}, fmt.Errorf("exchange rate of %s: %s: %w", foreign, r.Worth, ErrRange)
			case i > 0 && r.From.Equal(sorted[i-1].From):
				return Exchange{}, fmt.Errorf("exchange rate of %s: two from %s on: %w", foreign, r.From.Format(time.DateOnly), ErrAmount)
			}
		}
		x.rates[foreign] = sorted
	}
	return x, nil
}

// Own is the currency that amounts are converted into.
func (x Exchange) Own() Currency { return x.own }

// Convert returns what m was worth at a time, rounded half to even. It is false
// when no rate is known for that time, which is not a rate of 1.
func (x Exchange) Convert(m Money, at time.Time) (Money, bool) {
	if m.Currency == x.own || m == (Money{}) {
		return Money{Nanos: m.Nanos, Currency: x.own}, true
	}
	rate, ok := x.At(m.Currency, at)
	if !ok {
		return Money{}, false
	}
	nanos, err := roundHalfEven(new(big.Rat).Mul(big.NewRat(m.Nanos, 1), rate.Worth.Rat()))
	if err != nil {
		return Money{}, false
	}
	return Money{Nanos: nanos, Currency: x.own}, true
}

// ConvertOrFirst is Convert, but takes the first rate for what lies before all.
func (x Exchange) ConvertOrFirst(m Money, at time.Time) (Money, bool) {
	if list := x.rates[m.Currency]; len(list) > 0 {
		at = latest(at, list[0].From)
	}
	return x.Convert(m, at)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// At returns the rate of a foreign currency that held at a time; false when
// none is known.
func (x Exchange) At(foreign Currency, at time.Time) (Rate, bool) {
	list := x.rates[foreign]
	i := len(list) - 1
	for i >= 0 && list[i].From.After(at) {
		i--
	}
	if i < 0 {
		return Rate{}, false
	}
	return list[i], true
}
