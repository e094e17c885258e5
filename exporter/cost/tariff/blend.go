package tariff

import (
	"math/big"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// blender prices slots that may reach into the next tier. It is for one
// goroutine at a time.
type blender struct {
	calc *calculator
	last terms // with a tier's part
	memo int64 // the price of last
	ok   bool
}

func newBlender() *blender { return &blender{calc: newCalculator()} }

// price is the price at which grid joules, used after those before, come to
// the sum of what each tier asks for its part of them.
func (b *blender) price(f facts, before, grid energy.Joules) (int64, bool) {
	first := f.version.stepAt(before)
	if !f.version.leaves(first, before, grid) {
		f.addStep(first)
		return b.single(f.terms)
	}
	p, err := cost.NewPrice(b.mixed(f, first, before, grid), "")
	return p.Picos, err == nil
}

func (b *blender) single(t terms) (int64, bool) {
	if !b.ok || t != b.last {
		b.last = t
		b.memo, b.ok = b.calc.price(t)
	}
	return b.memo, b.ok
}

// mixed is the mean of the tiers' exact prices by energy.
func (b *blender) mixed(f facts, step int, before, grid energy.Joules) *big.Rat {
	sum := new(big.Rat)
	for i, part := range f.version.split(step, before, grid) {
		in := f
		in.addStep(i)
		sum.Add(sum, part.Mul(part, b.calc.ratio(in.terms)))
	}
	return sum.Quo(sum, joules(grid))
}

func joules(j energy.Joules) *big.Rat { return new(big.Rat).SetFloat64(float64(j)) }
