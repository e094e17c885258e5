package tariff

import (
	"iter"
	"math/big"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// Over returns the tariff for a machine that used what the slots say, in any
// order. Tiers count the Mac's use from the first slot of the billing month on,
// as far as it is in system: Needs says how far back that is. What the roof
// gives does not count. A slot that reaches into the next tier has the price at
// which its energy comes to the exact sum. Without tiers it is t itself.
func (t *Tariff) Over(system []store.SystemSlot) *Tariff {
	if !t.tiered {
		return t
	}
	over := *t
	over.used = newUsage(t.rules, system)
	return &over
}

// Tiered reports whether the use has a part in any price.
func (t *Tariff) Tiered() bool { return t.tiered }

// Needs is the earliest time whose slots Over wants for prices from since on:
// since itself, or the beginning of its billing month when there are tiers.
func (t *Tariff) Needs(since time.Time) time.Time {
	needs := since
	for _, v := range t.versions {
		if v.Tiers == nil {
			continue
		}
		first := max(DateOf(since.In(t.zone)).number(), v.from)
		if first >= v.until {
			continue
		}
		if begin := dateOf(v.monthOf(first)).Start(t.zone); begin.Before(needs) {
			needs = begin
		}
	}
	return needs.In(since.Location())
}

// monthOf is the number of the day on which a day's billing month began.
func (v *version) monthOf(day int64) int64 {
	d := dateOf(day)
	begins := max(1, v.Tiers.BillingDay)
	if d.Day < begins {
		d.Month-- // number takes month 0 for December
	}
	return Date{d.Year, d.Month, begins}.number()
}

// stepAt is the tier that the next joule falls into when the Mac has used so
// much in the billing month.
func (v *version) stepAt(used energy.Joules) int {
	at := v.Tiers.Household + used
	i := 0
	for i < len(v.Tiers.Steps)-1 && at >= v.Tiers.Steps[i].UpTo {
		i++
	}
	return i
}

// step is a tier's part of the price before tax.
func (v *version) step(i int) cost.Money {
	if v.tiersAdd {
		return v.Tiers.Steps[i].Add
	}
	return *v.Tiers.Steps[i].Price
}

// addStep puts a tier's part into the terms.
func (f *facts) addStep(i int) { f.terms.fixed += f.version.step(i).Nanos }

// leaves reports whether grid joules, used after those before, reach beyond a tier.
func (v *version) leaves(step int, before, grid energy.Joules) bool {
	limit := v.Tiers.Steps[step].UpTo
	return limit != 0 && v.Tiers.Household+before+grid > limit
}

// split goes through the tiers from one on, each with its part of grid joules.
func (v *version) split(step int, before, grid energy.Joules) iter.Seq2[int, *big.Rat] {
	return func(yield func(int, *big.Rat) bool) {
		left := joules(grid)
		at := new(big.Rat).Add(joules(v.Tiers.Household), joules(before))
		for ; left.Sign() > 0; step++ {
			part := new(big.Rat).Set(left)
			if limit := v.Tiers.Steps[step].UpTo; limit > 0 {
				if room := new(big.Rat).Sub(joules(limit), at); room.Cmp(part) < 0 {
					part = room
				}
			}
			at.Add(at, part)
			left.Sub(left, part)
			if !yield(step, part) {
				return
			}
		}
	}
}
