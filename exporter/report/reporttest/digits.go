package reporttest

import (
	"math/big"
	"strings"
)

// shows tells whether a figure for people is the exact value times scale, to the
// digits that it has: "251", "17.1M+", "<0.1", "3 h 12 min", and "n/a" or "?" for
// what is not known.
// A measured figure has three digits: the last of 1,240 is its 4.
func shows(text, exact string, scale *big.Rat, measured bool) bool {
	value, known := number(exact)
	if text == "n/a" || text == "?" {
		return !known
	}
	if !known {
		return false
	}
	value = new(big.Rat).Mul(value, scale)
	text = strings.ReplaceAll(strings.TrimSuffix(text, "+"), ",", "")
	if below, found := strings.CutPrefix(text, "<"); found {
		limit, ok := number(below)
		return ok && value.Sign() >= 0 && value.Cmp(limit) < 0
	}
	if above, found := strings.CutPrefix(text, ">9"); found { // >99.9, of a hundred
		limit, ok := number("9" + above)
		return ok && value.Cmp(limit) > 0 && value.Cmp(big.NewRat(100, 1)) < 0
	}
	if above, found := strings.CutPrefix(text, ">-"); found {
		limit, ok := number(above)
		return ok && value.Sign() < 0 && value.Cmp(limit.Neg(limit)) > 0
	}
	shown, digit, ok := measure(text)
	if !ok {
		return false
	}
	if measured && !strings.Contains(text, ".") {
		digit = significance(text, digit)
	}
	// What shows no more than 0 is 0: anything else reads as less than something.
	if shown.Sign() == 0 && value.Sign() != 0 {
		return false
	}
	off := new(big.Rat).Sub(shown, value)
	// Floats are multiplied on the way to a reader, which their last digits show.
	slack := new(big.Rat).Mul(new(big.Rat).Abs(value), big.NewRat(1, 1e12))
	half := new(big.Rat).Quo(digit, big.NewRat(2, 1))
	return off.Abs(off).Cmp(half.Add(half, slack)) <= 0
}

// measure reads a figure and the worth of its last digit.
func measure(text string) (value, digit *big.Rat, ok bool) {
	if parts := strings.Fields(text); len(parts) > 1 {
		return duration(parts)
	}
	unit := big.NewRat(1, 1)
	for suffix, worth := range map[string]int64{"k": 1_000, "M": 1_000_000, "G": 1_000_000_000} {
		if cut, found := strings.CutSuffix(text, suffix); found {
			text, unit = cut, big.NewRat(worth, 1)
		}
	}
	value, ok = number(text)
	if !ok {
		return nil, nil, false
	}
	return value.Mul(value, unit), unit.Mul(unit, lastDigit(text)), true
}

// significance is what the third digit of a whole number is worth, if those
// after it are no more than its place.
func significance(text string, digit *big.Rat) *big.Rat {
	if len(text) <= 3 || strings.Trim(text[3:], "0") != "" {
		return digit
	}
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(text)-3)), nil)
	return new(big.Rat).SetInt(ten)
}

// lastDigit is what the last digit of a decimal is worth.
func lastDigit(text string) *big.Rat {
	_, fraction, _ := strings.Cut(text, ".")
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(fraction))), nil)
	return new(big.Rat).SetFrac(big.NewInt(1), ten)
}

// duration reads "3 h 12 min" in seconds. Its last digit is one of its last
// unit, or of the unit below that which was left out for being 0.
func duration(parts []string) (value, digit *big.Rat, ok bool) {
	worth := map[string]int64{"d": 86_400, "h": 3_600, "min": 60, "s": 1}
	below := map[string]int64{"d": 3_600, "h": 60, "min": 1}
	value = new(big.Rat)
	for i := 0; i+1 < len(parts); i += 2 {
		n, isNumber := number(parts[i])
		unit := worth[parts[i+1]]
		if !isNumber || unit == 0 {
			return nil, nil, false
		}
		value.Add(value, n.Mul(n, big.NewRat(unit, 1)))
		digit = big.NewRat(unit, 1)
	}
	if unit := parts[len(parts)-1]; unit == "s" {
		digit = lastDigit(parts[len(parts)-2])
	} else if len(parts) == 2 {
		digit = big.NewRat(below[unit], 1)
	}
	return value, digit, len(parts)%2 == 0
}
