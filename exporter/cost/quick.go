package cost

import (
	"math"
	"math/bits"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// A report of a year prices some hundred thousand energies, for which ratios of
// big integers are too slow. The same in two machine words:
//
//	nanos = joules × picos ÷ 3.6e9,   joules = mantissa × 2^exponent,   3.6e9 = 3515625 × 2^10
const (
	perNano     = energy.JoulesPerKilowattHour * picosPerNano
	perNanoOdd  = 3515625
	perNanoTwos = 10
)

// Both constants must be the parts of perNano.
var _ = [1]struct{}{}[perNano-perNanoOdd<<perNanoTwos]

// quickly is what j costs in nano-units, exactly rounded half to even. It is
// false for what is no energy and for numbers that need more room.
func quickly(j float64, picos int64) (int64, bool) {
	if !(j >= 0) || math.IsInf(j, 0) {
		return 0, false
	}
	if j == 0 || picos == 0 {
		return 0, true
	}
	fraction, exponent := math.Frexp(j) // j = fraction × 2^exponent, fraction in [0.5, 1)
	mantissa := uint64(math.Ldexp(fraction, 53))
	shift := perNanoTwos + 53 - exponent
	if shift < 1 || shift > 127 {
		return 0, false
	}
	high, low := bits.Mul64(mantissa, magnitude(picos))
	high, rest := high/perNanoOdd, high%perNanoOdd
	low, rest = bits.Div64(rest, low, perNanoOdd)
	nanos, ok := shiftHalfEven(high, low, uint(shift), rest > 0)
	if !ok {
		return 0, false
	}
	if picos < 0 {
		return -nanos, true
	}
	return nanos, true
}

// shiftHalfEven is (high:low + something below 1, if more) ÷ 2^shift, rounded
// half to even, for shifts from 1 to 127; false when it does not fit.
func shiftHalfEven(high, low uint64, shift uint, more bool) (int64, bool) {
	half, below := bit(high, low, shift-1), more || anyBelow(high, low, shift-1)
	if shift >= 64 {
		high, low = 0, high>>(shift-64)
	} else {
		high, low = high>>shift, low>>shift|high<<(64-shift)
	}
	if high > 0 || low >= math.MaxInt64 {
		return 0, false
	}
	if half && (below || low&1 == 1) {
		low++
	}
	return int64(low), true
}

func bit(high, low uint64, i uint) bool {
	if i >= 64 {
		return high>>(i-64)&1 == 1
	}
	return low>>i&1 == 1
}

// anyBelow tells whether one of the lowest i bits is set.
func anyBelow(high, low uint64, i uint) bool {
	if i >= 64 {
		return low != 0 || high&(1<<(i-64)-1) != 0
	}
	return low&(1<<i-1) != 0
}
