package foreign

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// decimal is a number as a file has it: coef × 10^exp, exactly. Of a number with
// more than 18 digits the rest is cut, and a last digit of 0 or 5 made 1 or 6, so
// that rounding later still goes the right way.
type decimal struct {
	coef int64
	exp  int32
}

// maxExponent bounds 1e999999999, which would take a gigabyte to write out.
const maxExponent = 60

// parseDecimal reads a number as JSON and CSV files have it: "-1.23e-4".
func parseDecimal(text string) (decimal, error) {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil {
			return decimal{}, notANumber(text)
		}
		mantissa, exponent = text[:i], n
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	coef, exp, ok := digits(mantissa)
	if !ok {
		return decimal{}, notANumber(text)
	}
	if coef == 0 {
		return decimal{}, nil
	}
	if exponent > maxExponent || exponent < -maxExponent {
		return decimal{}, fmt.Errorf("got %q, whose exponent is beyond %d: %w", shown(text), maxExponent, series.ErrValue)
	}
	if negative {
		coef = -coef
	}
	return decimal{coef, exp + int32(exponent)}, nil
}

func notANumber(text string) error {
	return fmt.Errorf("got %q, want a number such as 82.5: %w", shown(text), series.ErrValue)
}

// digits reads the digits of a number and where its point is.
func digits(text string) (coef int64, exp int32, ok bool) {
	kept, point, seen, cut := 0, false, false, false
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '.' && !point:
			point = true
			continue
		case c < '0' || c > '9':
			return 0, 0, false
		}
		seen = true
		if kept < 18 {
			coef = coef*10 + int64(c-'0')
			if coef > 0 {
				kept++
			}
			if point {
				exp--
			}
			continue
		}
		cut = cut || c != '0'
		if !point {
			exp++
		}
	}
	if cut && coef%5 == 0 {
		coef++
	}
	return coef, exp, seen && len(text) <= 100
}

// factor turns the numbers of a file into units of a series: coef × 10^exp.
type factor struct {
	coef int64
	exp  int32
}

// gramsPerPound × 1e-5 are the grams of a pound, exactly, by its definition.
const gramsPerPound = 45359237

// maxUnits is what no figure of any unit exceeds, either way. It also leaves two
// digits beyond the last that is kept in a number that was cut.
const maxUnits = 1_000_000

// value is d in billionths of a unit, rounded once, half to even.
func (f factor) value(d decimal) (series.Value, error) {
	v, ok := f.fast(d)
	if !ok {
		return f.mean([]decimal{d}, []int64{1})
	}
	return v, within(v)
}

func within(v series.Value) error {
	if most := series.Value(maxUnits * 1_000_000_000); v > most || v < -most {
		return fmt.Errorf("%s units, want %d at most, either way: %w", v, maxUnits, series.ErrValue)
	}
	return nil
}

// fast does what fits into 64 bits.
func (f factor) fast(d decimal) (series.Value, bool) {
	negative := d.coef < 0
	abs := uint64(d.coef)
	if negative {
		abs = -abs
	}
	high, product := bits.Mul64(abs, uint64(f.coef))
	shift := int(d.exp + f.exp + 9)
	if high != 0 || shift < -18 || shift > 18 {
		return 0, false
	}
	power := powers[max(shift, -shift)]
	if shift >= 0 {
		high, product = bits.Mul64(product, power)
	} else {
		rest := product % power
		product /= power
		if rest > power-rest || rest == power-rest && product%2 == 1 {
			product++
		}
	}
	if high != 0 || product > math.MaxInt64 {
		return 0, false
	}
	if negative {
		return series.Value(-int64(product)), true
	}
	return series.Value(product), true
}

// mean is the mean of the numbers, each with its weight, in billionths of a
// unit. It is exact until it is rounded once, half to even.
func (f factor) mean(of []decimal, weights []int64) (series.Value, error) {
	sum, whole := new(big.Rat), int64(0)
	for i, d := range of {
		part := new(big.Rat).SetInt64(d.coef)
		part.Mul(part, tenTo(d.exp+f.exp+9))
		part.Mul(part, new(big.Rat).SetInt64(weights[i]))
		sum.Add(sum, part)
		whole += weights[i]
	}
	sum.Mul(sum, big.NewRat(f.coef, whole))
	quotient, rest := new(big.Int).QuoRem(sum.Num(), sum.Denom(), new(big.Int))
	half := rest.Abs(rest).Lsh(rest, 1).Cmp(sum.Denom())
	if half > 0 || half == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(int64(sum.Sign())))
	}
	if !quotient.IsInt64() {
		return 0, fmt.Errorf("%s units, which is too large: %w", sum.FloatString(0), series.ErrValue)
	}
	v := series.Value(quotient.Int64())
	return v, within(v)
}

func tenTo(exp int32) *big.Rat {
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exp, -exp))), nil)
	if exp < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), power)
	}
	return new(big.Rat).SetInt(power)
}

// powers are those of ten that fit into 64 bits, as far as they are used.
var powers = [19]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}
