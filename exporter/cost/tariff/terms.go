package tariff

import (
	"math/big"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// terms are all that the price of one kWh follows from, in billionths. Two
// slots with the same terms have the same price.
type terms struct {
	value  int64 // of the series; 0 where it has no part in the price
	rate   int64 // what one unit of its currency is worth
	factor Ratio
	fixed  int64 // what is known without the series, before tax
	tax    Ratio
	solar  Ratio // the share that is priced at feedIn
	feedIn int64
}

// The exact price is a whole number of 1e-45, the product of five billionths.
// A Price is a whole number of 1e-12.
const (
	exactDigits = 45
	priceDigits = 12
)

// calculator computes prices exactly. It is for one goroutine at a time.
//
// A year has 35,040 slots, and those of a spot price differ in nothing but the
// value. So a price is kept as a line over the value, in lowest terms.
type calculator struct {
	sum, part, rest big.Int
	scale           scales

	of                         terms // that the line is for, but for the value
	known                      bool  // there is a line
	slope, start, denom, limit big.Int
}

type scales struct{ e18, e27, toPrice *big.Int }

func newCalculator() *calculator {
	ten := func(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }
	return &calculator{scale: scales{ten(18), ten(27), ten(exactDigits - priceDigits)}}
}

// price returns the price rounded half to even to 1e-12; false when it is more
// than a Price can be.
func (c *calculator) price(t terms) (int64, bool) {
	value := t.value
	if t.value = 0; !c.known || t != c.of {
		c.line(t)
	}
	c.sum.SetInt64(value)
	c.sum.Mul(&c.sum, &c.slope)
	c.sum.Add(&c.sum, &c.start)
	return c.round()
}

// line sets the exact price at a value: (slope·value + start) ÷ denom.
func (c *calculator) line(t terms) {
	c.of, c.known = t, true
	c.start.Set(c.exact(t))
	t.value = 1
	c.slope.Sub(c.exact(t), &c.start)
	common := new(big.Int).GCD(nil, nil, &c.slope, &c.start)
	common.GCD(nil, nil, common, c.scale.toPrice)
	c.slope.Quo(&c.slope, common)
	c.start.Quo(&c.start, common)
	c.denom.Quo(c.scale.toPrice, common)
	c.limit.Rsh(&c.denom, 1)
}

// exact returns the price in 1e-45 of a currency's unit, which is the
// calculator's own number:
//
//	((value·rate·factor + fixed)·(1 + tax))·(1 − solar) + feedIn·solar
func (c *calculator) exact(t terms) *big.Int {
	c.sum.SetInt64(t.fixed)
	c.sum.Mul(&c.sum, c.scale.e18)
	if t.value != 0 {
		c.part.SetInt64(t.value)
		c.times(&c.part, t.rate)
		c.times(&c.part, int64(t.factor))
		c.sum.Add(&c.sum, &c.part)
	}
	c.times(&c.sum, int64(One+t.tax))
	c.times(&c.sum, int64(One-t.solar))
	if t.solar != 0 {
		c.part.SetInt64(t.feedIn)
		c.times(&c.part, int64(t.solar))
		c.part.Mul(&c.part, c.scale.e27)
		c.sum.Add(&c.sum, &c.part)
	}
	return &c.sum
}

func (c *calculator) times(x *big.Int, by int64) {
	c.rest.SetInt64(by)
	x.Mul(x, &c.rest)
}

// most is the highest price that a cost.Price may be, in its 1e-12.
const most = 1_000_000 * 1_000_000_000_000

// round returns sum ÷ denom rounded half to even.
func (c *calculator) round() (int64, bool) {
	c.part.QuoRem(&c.sum, &c.denom, &c.rest)
	up := c.rest.CmpAbs(&c.limit) // half of denom, or as much as is below it
	tie := up == 0 && c.denom.Bit(0) == 0
	if up > 0 || tie && c.part.Bit(0) == 1 {
		c.rest.SetInt64(int64(c.sum.Sign()))
		c.part.Add(&c.part, &c.rest)
	}
	if !c.part.IsInt64() {
		return 0, false
	}
	picos := c.part.Int64()
	return picos, picos <= most && picos >= -most
}

// ratio is the exact price as a fraction.
func (c *calculator) ratio(t terms) *big.Rat {
	denominator := new(big.Int).Mul(c.scale.toPrice, big.NewInt(1_000_000_000_000))
	return new(big.Rat).SetFrac(c.exact(t), denominator)
}

// shown is a fraction as a Price, for people to read: it is as good as exact.
func shown(x *big.Rat, currency cost.Currency) cost.Price {
	p, err := cost.NewPrice(x, currency)
	if err != nil {
		return cost.Price{Currency: currency}
	}
	return p
}
