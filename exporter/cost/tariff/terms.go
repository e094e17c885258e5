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

// calculator computes prices exactly. Its numbers are kept from one price to
// the next, as a year has 35,040 of them. It is for one goroutine at a time.
type calculator struct {
	sum, part, rest big.Int
	scale           scales
}

type scales struct{ e18, e27, toPrice, half *big.Int }

func newCalculator() *calculator {
	ten := func(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }
	toPrice := ten(exactDigits - priceDigits)
	return &calculator{scale: scales{ten(18), ten(27), toPrice, new(big.Int).Rsh(toPrice, 1)}}
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

// round returns the exact price x rounded half to even to 1e-12; false when it
// is more than a Price can be.
func (c *calculator) round(x *big.Int) (int64, bool) {
	c.part.QuoRem(x, c.scale.toPrice, &c.rest)
	up := c.rest.CmpAbs(c.scale.half)
	if up > 0 || up == 0 && c.part.Bit(0) == 1 {
		c.rest.SetInt64(int64(x.Sign()))
		c.part.Add(&c.part, &c.rest)
	}
	if !c.part.IsInt64() {
		return 0, false
	}
	picos := c.part.Int64()
	return picos, picos <= most && picos >= -most
}

func (c *calculator) price(t terms) (int64, bool) { return c.round(c.exact(t)) }

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
