package avoided

import "math/bits"

// amount is a sum of tokens × asked, exact in 128 bits: a report of years prices
// hundreds of thousands of slots, for which ratios of big integers are too slow.
type amount struct {
	high, low uint64
	broken    bool // it has grown too large, or a count was negative
}

// perNano is how many of an amount's units, 1e-12 per million tokens, make a
// nano-unit.
const perNano = 1_000_000_000

func (a *amount) times(tokens, asked int64) {
	if tokens < 0 || asked < 0 {
		a.broken = true
		return
	}
	high, low := bits.Mul64(uint64(tokens), uint64(asked))
	a.add(amount{high: high, low: low})
}

func (a *amount) add(o amount) {
	var carry uint64
	a.low, carry = bits.Add64(a.low, o.low, 0)
	a.high, carry = bits.Add64(a.high, o.high, carry)
	a.broken = a.broken || o.broken || carry > 0
}

func (a *amount) less(o amount) bool {
	return a.high < o.high || a.high == o.high && a.low < o.low
}

// nanos rounds half to even; false when it does not fit.
func (a *amount) nanos() (int64, bool) {
	if a.broken || a.high >= perNano {
		return 0, false
	}
	quotient, rest := bits.Div64(a.high, a.low, perNano)
	if 2*rest > perNano || 2*rest == perNano && quotient&1 == 1 {
		quotient++
	}
	return int64(quotient), quotient <= 1<<63-1
}
