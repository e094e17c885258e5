package series

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// billion is how many Values make one unit.
const billion = 1_000_000_000

// ParseValue reads a plain decimal such as "-0.00314" exactly. Exponents, a
// leading plus, and more than nine decimals are refused.
func ParseValue(text string) (Value, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if !allDigits(whole) || point && !allDigits(fraction) {
		return 0, fmt.Errorf("got %q, want a number such as 0.2351: %w", shown(text), ErrValue)
	}
	if len(fraction) > 9 {
		if strings.Trim(fraction[9:], "0") != "" {
			return 0, fmt.Errorf("got %q, which has more than nine decimals: %w", shown(text), ErrValue)
		}
		fraction = fraction[:9]
	}
	abs, err := strconv.ParseUint(whole+fraction+"000000000"[len(fraction):], 10, 64)
	switch {
	case err == nil && abs <= math.MaxInt64 && !negative:
		return Value(abs), nil
	case err == nil && abs <= -math.MinInt64 && negative:
		return Value(-abs), nil
	}
	return 0, fmt.Errorf("got %q, which is too large: %w", shown(text), ErrValue)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// shown is as much of a foreign text as an error message should carry.
func shown(text string) string {
	if len(text) > 40 {
		return text[:40] + "…"
	}
	return text
}

// String is the value in units, exactly and without needless zeros, as
// ParseValue reads it: "0.2351", "-0.00314", "80".
func (v Value) String() string { return string(v.append(nil)) }

func (v Value) append(buf []byte) []byte {
	abs := uint64(v)
	if v < 0 {
		buf = append(buf, '-')
		abs = -abs
	}
	buf = strconv.AppendUint(buf, abs/billion, 10)
	rest := abs % billion
	if rest == 0 {
		return buf
	}
	buf = append(buf, '.')
	for unit := uint64(billion / 10); rest > 0; unit /= 10 {
		buf = append(buf, byte('0'+rest/unit))
		rest %= unit
	}
	return buf
}

// Rat is the value in units, exactly.
func (v Value) Rat() *big.Rat { return big.NewRat(int64(v), billion) }

// Float is the value in units, for metrics and charts. Never sum these.
func (v Value) Float() float64 { return float64(v) / billion }
