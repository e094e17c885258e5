package tariff

import (
	"cmp"
	"math"
	"slices"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// use is what one slot took from the grid.
type use struct {
	unix  int64
	day   int64 // the local date's number
	grid  energy.Joules
	picos int64 // meaningless unless known; of slots with a tiered price only
	known bool
}

// usage is the Mac's use, slot by slot, with the prices that follow from it.
type usage struct{ slots []use } // by unix

func newUsage(r *rules, system []store.SystemSlot) *usage {
	u := &usage{slots: joined(system)}
	resolver, blend := r.resolver(), newBlender()
	month, sum := int64(math.MinInt64), energy.Joules(0)
	for i := range u.slots {
		s := &u.slots[i]
		f := resolver.at(s.unix)
		s.day = f.day
		s.grid *= energy.Joules(One-f.terms.solar) / energy.Joules(One)
		if f.version != nil && f.version.Tiers != nil {
			if m := f.version.monthOf(f.day); m != month {
				month, sum = m, u.since(m, i)
			}
		}
		if f.tiered && f.unknown == "" {
			s.picos, s.known = blend.price(f, sum, s.grid)
		}
		sum += s.grid
	}
	return u
}

// joined makes one of the slots of one time, of which there are several when
// the scope of the measurement changed, and puts them in order.
func joined(system []store.SystemSlot) []use {
	slots := make([]use, 0, len(system))
	for _, s := range system {
		if e := float64(s.Energy); e >= 0 && !math.IsInf(e, 0) { // a Bill says what is wrong with the others
			slots = append(slots, use{unix: s.Start.Unix(), grid: s.Energy})
		}
	}
	slices.SortStableFunc(slots, func(a, b use) int { return cmp.Compare(a.unix, b.unix) })
	out := slots[:0]
	for _, s := range slots {
		if last := len(out) - 1; last >= 0 && out[last].unix == s.unix {
			out[last].grid += s.grid
			continue
		}
		out = append(out, s)
	}
	return out
}

// since is the use from a day on, up to the slot at end.
func (u *usage) since(day int64, end int) energy.Joules {
	begin := end
	for begin > 0 && u.slots[begin-1].day >= day {
		begin--
	}
	sum := energy.Joules(0)
	for _, s := range u.slots[begin:end] {
		sum += s.grid
	}
	return sum
}

// price is the price of a slot whose price depends on the use. One in which
// nothing was metered has the price of the next joule.
func (u *usage) price(r *rules, unix int64) (cost.Price, bool) {
	i := u.index(unix)
	if i < len(u.slots) && u.slots[i].unix == unix {
		s := u.slots[i]
		return cost.Price{Picos: s.picos, Currency: r.currency}, s.known
	}
	f := r.resolver().at(unix)
	if f.unknown != "" {
		return cost.Price{}, false
	}
	f.addStep(f.version.stepAt(u.since(f.version.monthOf(f.day), i)))
	picos, ok := newCalculator().price(f.terms)
	return cost.Price{Picos: picos, Currency: r.currency}, ok
}

// index is that of the first slot that does not begin before a time.
func (u *usage) index(unix int64) int {
	i, _ := slices.BinarySearchFunc(u.slots, unix, func(s use, unix int64) int { return cmp.Compare(s.unix, unix) })
	return i
}
