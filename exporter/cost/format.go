package cost

import (
	"math"
	"strconv"
	"strings"
)

// String prints the digits that an energy measurement can defend, and the
// currency: "0.0579 EUR", "1.23 EUR", "457 EUR", "0.00000520 EUR". From 0.01 up
// that is at most four significant digits, below it is three. Digits before
// the point are never cut.
func (m Money) String() string { return m.withCurrency(m.Decimal(m.decimals())) }

func (m Money) withCurrency(number string) string {
	if m.Currency == "" {
		return number
	}
	return number + " " + string(m.Currency)
}

// decimals is how many digits after the point can be defended.
func (m Money) decimals() int {
	abs := magnitude(m.Nanos)
	switch {
	case abs == 0:
		return 0
	case abs >= 100*nanosPerUnit:
		return 0
	case abs >= nanosPerUnit:
		return 2
	case abs >= nanosPerUnit/100:
		return 4
	}
	// 0.00xyz: its first digit is len(digits) places left of the ninth decimal.
	return min(9, 9-len(strconv.FormatUint(abs, 10))+3)
}

// Decimal prints the amount without its currency with exactly n decimals, 0 to
// 9, rounded half to even. Columns of a table use it to line up.
func (m Money) Decimal(n int) string {
	n = max(0, min(n, 9))
	abs := magnitude(m.Nanos)
	unit := uint64(math.Pow10(9 - n))
	kept, rest := abs/unit, abs%unit
	if 2*rest > unit || 2*rest == unit && kept%2 == 1 {
		kept++
	}
	digits := strconv.FormatUint(kept, 10)
	if pad := n + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	if n > 0 {
		digits = digits[:len(digits)-n] + "." + digits[len(digits)-n:]
	}
	if m.Nanos < 0 && kept > 0 {
		digits = "-" + digits
	}
	return digits
}

// magnitude is the absolute value, also of the most negative number.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
