package tariff

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
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

// addStep puts a tier's part into the terms.
func (f *facts) addStep(i int) {
	step := f.version.Tiers.Steps[i]
	if f.version.tiersAdd {
		f.terms.fixed += step.Add.Nanos
		return
	}
	f.terms.fixed += step.Price.Nanos
}
