package publishers

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// state says what a publisher wrote where a price may stand.
type state int

const (
	absent state = iota
	zero
	priced
	negative
	broken
)

// amount is a price per million tokens.
type amount struct {
	state state
	nanos int64 // of a dollar, when it is priced
}

// The number of decimal places from the unit of a price to a million tokens.
const (
	perToken = 6
	perMtok  = 0
)

const (
	nanoPlaces = 9
	// maxNumber and maxExponent are far beyond any price, and small enough that
	// no number takes time or memory.
	maxNumber   = 64
	maxExponent = 99
	// maxNanos is a million dollars per million tokens: the dearest models of 2026
	// ask 600.
	maxNanos = 1_000_000_000_000_000
)

// parseAmount reads a JSON number, or a number in a string, exactly. It is
// rounded once, half to even, to a nano-dollar per million tokens.
func parseAmount(raw []byte, places int) amount {
	text := string(bytes.Trim(bytes.TrimSpace(raw), `"`))
	if text == "" || text == "null" {
		return amount{}
	}
	digits, exponent, ok := split(text)
	if !ok {
		return amount{state: broken}
	}
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return amount{state: broken}
	}
	switch {
	case n.Sign() < 0:
		return amount{state: negative}
	case n.Sign() == 0:
		return amount{state: zero}
	}
	nanos, ok := shift(n, exponent+places+nanoPlaces)
	switch {
	case !ok:
		return amount{state: broken}
	case nanos == 0:
		return amount{state: zero}
	}
	return amount{state: priced, nanos: nanos}
}

// split takes a decimal such as -1.25e-07 apart: -125 and -9.
func split(text string) (digits string, exponent int, ok bool) {
	if len(text) > maxNumber {
		return "", 0, false
	}
	mantissa, power, scientific := strings.Cut(strings.ToLower(text), "e")
	if scientific {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil || exponent > maxExponent || exponent < -maxExponent {
			return "", 0, false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if strings.ContainsAny(fraction, "+-_") || strings.ContainsAny(whole, "+_") {
		return "", 0, false
	}
	return whole + fraction, exponent - len(fraction), true
}

// shift returns n × 10^places, rounded half to even; false when it is out of all
// range.
func shift(n *big.Int, places int) (int64, bool) {
	ten := big.NewInt(10)
	if places >= 0 {
		n.Mul(n, ten.Exp(ten, big.NewInt(int64(places)), nil))
	} else {
		unit := ten.Exp(ten, big.NewInt(int64(-places)), nil)
		rest := new(big.Int)
		n.QuoRem(n, unit, rest)
		if up := rest.Lsh(rest, 1).Cmp(unit); up > 0 || up == 0 && n.Bit(0) == 1 {
			n.Add(n, big.NewInt(1))
		}
	}
	if !n.IsInt64() || n.Int64() > maxNanos {
		return 0, false
	}
	return n.Int64(), true
}

func (a amount) rate() prices.Rate {
	if a.state != priced {
		return prices.Rate{}
	}
	return prices.NewRate(cost.Money{Nanos: a.nanos, Currency: "USD"})
}

// card is the prices of one model at one length of prompt.
type card struct{ input, cached, cacheWrite, output amount }

// over is c, with the prices it does not name taken from another card.
func (c card) over(base card) card {
	or := func(a, b amount) amount {
		if a.state == absent || a.state == zero {
			return b
		}
		return a
	}
	return card{
		input: or(c.input, base.input), cached: or(c.cached, base.cached),
		cacheWrite: or(c.cacheWrite, base.cacheWrite), output: or(c.output, base.output),
	}
}

// fault is why the card cannot price an answer; empty when it can.
func (c card) fault() Reason {
	for _, a := range []amount{c.input, c.cached, c.cacheWrite, c.output} {
		switch a.state {
		case negative:
			return Varies
		case broken:
			return Broken
		}
	}
	in, out := c.input.state == priced, c.output.state == priced
	switch {
	case in && out:
		return ""
	case in || out:
		return HalfTold
	}
	return Free
}

func (c card) rates() prices.Rates {
	return prices.Rates{Input: c.input.rate(), Cached: c.cached.rate(), CacheWrite: c.cacheWrite.rate(), Output: c.output.rate()}
}
