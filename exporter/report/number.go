package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// unknown stands wherever a figure is not known. It is never a zero.
const unknown = "n/a"

// significant writes v with three significant digits and without an exponent:
// 597, 12.4, 0.0579, 18,400. Measured energies bear no more. What is nearer to 0
// than a millionth is what sums of floats leave over, and reads as less than that.
func significant(v float64) string {
	if v == 0 {
		return "0"
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return unknown
	}
	if math.Abs(v) < 1e-6 {
		return fixed(math.Copysign(1e-9, v), 6)
	}
	return grouped(strconv.FormatFloat(round3(v), 'f', decimalsFor(v), 64))
}

// round3 rounds to three significant digits.
func round3(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 2, 64), 64)
	if err != nil {
		return v
	}
	return rounded
}

// decimalsFor is how many decimals three significant digits of v take.
func decimalsFor(v float64) int {
	if v == 0 {
		return 0
	}
	magnitude := int(math.Floor(math.Log10(math.Abs(round3(v)))))
	return max(0, 2-magnitude)
}

// fixed writes v with a fixed number of decimals, so that a column lines up;
// what is not zero but would read as zero is written as less than the last
// digit.
func fixed(v float64, decimals int) string {
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if v != 0 && allZero(text) {
		sign := "<"
		if v < 0 {
			sign = ">-"
		}
		return sign + strconv.FormatFloat(math.Pow10(-decimals), 'f', decimals, 64)
	}
	return grouped(text)
}

// allZero tells whether a number has no other digit than 0.
func allZero(text string) bool { return strings.Trim(text, "-0.") == "" }

// grouped puts commas between the thousands of a decimal number.
func grouped(text string) string {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, fraction, hasFraction := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if hasFraction {
		whole += "." + fraction
	}
	return sign + whole
}

// count writes a number of requests in full: 1,284.
func count(n int64) string { return grouped(strconv.FormatInt(n, 10)) }

// tokens writes a number of tokens: in full below a thousand, then with three
// significant digits and k, M or G.
func tokens(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	v := float64(n)
	for _, unit := range []string{"k", "M"} {
		v /= 1000
		if round3(v) < 1000 {
			return strconv.FormatFloat(round3(v), 'f', decimalsFor(v), 64) + unit
		}
	}
	return significant(v/1000) + "G"
}

// length writes a duration in the two largest units that matter.
func length(d time.Duration) string {
	seconds, minutes, hours := d.Round(time.Second), d.Round(time.Minute), d.Round(time.Hour)
	switch {
	case d < 10*time.Second && d > 0:
		return trimZeros(significant(d.Seconds())) + " s"
	case seconds < time.Minute:
		return fmt.Sprintf("%d s", int64(seconds/time.Second))
	case seconds < time.Hour:
		return two(int64(seconds/time.Minute), "min", int64(seconds%time.Minute/time.Second), "s")
	case minutes < 48*time.Hour:
		return two(int64(minutes/time.Hour), "h", int64(minutes%time.Hour/time.Minute), "min")
	}
	return two(int64(hours/(24*time.Hour)), "d", int64(hours%(24*time.Hour)/time.Hour), "h")
}

// two joins two amounts, leaving out a second one of zero.
func two(a int64, unitA string, b int64, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%s %s", count(a), unitA)
	}
	return fmt.Sprintf("%s %s %d %s", count(a), unitA, b, unitB)
}

// percent writes a ratio as a percentage that never reads 0 or 100 unless it
// is: 52 %, 0.4 %, <0.1 %, 99.9 %.
func percent(ratio float64) string {
	p := ratio * 100
	switch {
	case p == 0, p == 100:
		return strconv.FormatFloat(p, 'f', 0, 64) + " %"
	case p > 0 && p < 0.1:
		return "<0.1 %"
	case p > 99.9 && p < 100:
		return ">99.9 %"
	case p > 0 && p < 10, p > 99 && p < 100:
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	}
	return grouped(strconv.FormatFloat(p, 'f', 0, 64)) + " %"
}

// money writes an amount without its currency. What is not zero never reads as
// zero.
func money(a Amount) string {
	if !a.Known {
		return unknown
	}
	if a.Tiny {
		return "<0.000000001"
	}
	return grouped(cost.Money{Nanos: a.Money.Nanos}.String())
}

// moneyWithCurrency writes an amount with its currency.
func moneyWithCurrency(a Amount) string {
	if !a.Known {
		return unknown
	}
	return money(a) + " " + string(a.Money.Currency)
}
