package jsonl

import (
	"bytes"
	"math"
	"strconv"
)

// decimal is a number as it was written: digits × 10^exp, or less than zero.
// Money and counts are read from it exactly, without a float64 in between.
type decimal struct {
	negative bool
	digits   []byte // without zeros at either end; empty: 0
	exp      int
}

// maxExponent is where an exponent is cut off; what lies beyond is no amount of
// anything, and sums of exponents below it do not overflow.
const maxExponent = 1 << 30

// parseDecimal reads a number that the scanner has seen.
func parseDecimal(text []byte) decimal {
	var d decimal
	if text[0] == '-' {
		d.negative, text = true, text[1:]
	}
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		d.exp = exponent(text[i+1:])
		text = text[:i]
	}
	if i := bytes.IndexByte(text, '.'); i >= 0 {
		d.exp -= len(text) - i - 1
		text = append(append(make([]byte, 0, len(text)), text[:i]...), text[i+1:]...)
	}
	text = bytes.TrimLeft(text, "0")
	d.digits = bytes.TrimRight(text, "0")
	d.exp += len(text) - len(d.digits)
	if len(d.digits) == 0 {
		return decimal{}
	}
	return d
}

func exponent(text []byte) int {
	negative := text[0] == '-'
	e := 0
	for _, c := range bytes.TrimLeft(text, "+-") {
		e = min(e*10+int(c-'0'), maxExponent)
	}
	if negative {
		return -e
	}
	return e
}

// whole is true for a number without a fraction.
func (d decimal) whole() bool { return d.exp >= 0 }

// above is true for a number above 10^power.
func (d decimal) above(power int) bool {
	switch n := len(d.digits) + d.exp; {
	case d.negative, len(d.digits) == 0:
		return false
	case n != power+1:
		return n > power+1
	default:
		return len(d.digits) > 1 || d.digits[0] != '1'
	}
}

// times returns the number times 10^power, rounded half up. It must not be
// negative, nor above 10^18 when multiplied.
func (d decimal) times(power int) int64 {
	exp := d.exp + power
	n := len(d.digits) + exp // digits before the point
	if n < 0 {
		return 0
	}
	var v int64
	for i := range n {
		v *= 10
		if i < len(d.digits) {
			v += int64(d.digits[i] - '0')
		}
	}
	if n < len(d.digits) && d.digits[n] >= '5' {
		v++
	}
	return v
}

// nano is 10^9, as a power.
const nano = 9

// appendNano writes v billionths as a decimal number, exactly.
func appendNano(dst []byte, v int64) []byte {
	dst = strconv.AppendInt(dst, v/1e9, 10)
	rest := v % 1e9
	if rest == 0 {
		return dst
	}
	dst = append(dst, '.')
	from := len(dst)
	for unit := int64(1e8); unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+rest/unit))
		rest %= unit
	}
	return append(dst[:from], bytes.TrimRight(dst[from:], "0")...)
}

// parseFloat reads a number whose bounds were checked.
func parseFloat(text []byte) float64 {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return math.NaN() // the scanner and the bounds have ruled it out
	}
	return v
}
