package report

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// The functions below write single figures as every rendering does: with the
// digits that can be defended, and n/a for what is not known.

// FormatMoney writes an amount with its currency: "0.0579 EUR". What is not 0
// never reads as 0.
func FormatMoney(a Amount) string { return moneyWithCurrency(a) }

// FormatEnergy writes an energy with its unit: "597 Wh", and "0.430 Wh".
func FormatEnergy(j energy.Joules) string { return significant(j.WattHours()) + " Wh" }

// FormatPower writes a power with its unit: "75.1 W".
func FormatPower(w energy.Watts) string { return significant(float64(w)) + " W" }

// FormatTokens writes a sum of tokens: "520k+" is at least so many and "?" an
// unknown number.
func FormatTokens(n Tokens) string {
	if !n.Known {
		return "?"
	}
	if n.AtLeast {
		return tokens(n.N) + "+"
	}
	return tokens(n.N)
}

// FormatCount writes a whole number in full: "1,284".
func FormatCount(n int64) string { return count(n) }

// FormatDuration writes a length of time in its two largest units: "3 h 15 min".
func FormatDuration(d time.Duration) string { return length(d) }

// FormatPercent writes a ratio, 0 to 1, as a percentage that never reads 0 or
// 100 unless it is: "0.4 %", "<0.1 %".
func FormatPercent(ratio float64) string { return percent(ratio) }

// FormatSignificant writes a number with three significant digits and without
// an exponent: "18,400", "0.0579".
func FormatSignificant(v float64) string { return significant(v) }

// Clean makes a name from a log fit for people: control characters and what
// else cannot be seen become question marks.
func Clean(name string) string { return newGlyphs(false).clean(name) }
