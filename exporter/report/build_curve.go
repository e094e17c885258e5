package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/store"
)

// addCurve reckons each local day of the history. Without one it takes the
// period itself.
func (out *Report) addCurve(in Inputs) error {
	if in.Plan == nil {
		return nil
	}
	out.Curve = Curve{Basis: in.PayBasis, Comparators: in.Plan.Comparators()}
	if out.Curve.Basis == "" {
		out.Curve.Basis = cost.Marginal
	}
	held, end := in.History, startOfDay(in.Now.In(in.Period.Since.Location()))
	if len(held.System) == 0 && len(held.Models) == 0 {
		held, end = in.Range, earlier(in.Period.Until, in.Now)
	}
	if !held.Until.IsZero() { // what came after was not asked for, and is not nothing
		end = earlier(end, held.Until.In(in.zone()))
	}
	for _, d := range daysOf(held, in.Period.Since.Location(), end) {
		day, err := in.curveDay(d, out.Curve)
		if err != nil {
			return fmt.Errorf("reckon %s: %w", d.start.Format(time.DateOnly), err)
		}
		out.Curve.Days = append(out.Curve.Days, day)
	}
	return nil
}

// localDay is what the store holds about a day.
type localDay struct {
	start, end time.Time
	system     []store.SystemSlot
	models     []store.ModelSlot
	slept      time.Duration
}

// daysOf cuts the slots, which are in order of time, into the local days before
// end, from the first day with a slot to the last.
func daysOf(r store.Range, loc *time.Location, end time.Time) []localDay {
	first, last := slotSpan(r)
	if first.IsZero() {
		return nil
	}
	var days []localDay
	start, system, models := startOfDay(first.In(loc)), r.System, r.Models
	for start.Before(end) && !start.After(last) {
		next := earlier(startOfNextDay(start), end)
		d := localDay{start: start, end: next, slept: sleptIn(r.Gaps, start, next)}
		d.system, system = cutSlots(system, next, func(s store.SystemSlot) time.Time { return s.Start })
		d.models, models = cutSlots(models, next, func(s store.ModelSlot) time.Time { return s.Start })
		days = append(days, d)
		start = startOfNextDay(start)
	}
	return days
}

// sleptIn is how long the machine slept from start to end. Gaps are in order of
// time; there are few.
func sleptIn(gaps []attribution.Gap, start, end time.Time) time.Duration {
	var slept time.Duration
	for _, g := range gaps {
		if g.Reason == attribution.GapSleep {
			slept += max(0, earlier(g.End, end).Sub(later(g.Start, start)))
		}
	}
	return slept
}

// slotSpan is when the first and the last slot begin; zero without any.
func slotSpan(r store.Range) (first, last time.Time) {
	see := func(t time.Time) {
		if first.IsZero() || t.Before(first) {
			first = t
		}
		last = later(last, t)
	}
	if n := len(r.System); n > 0 {
		see(r.System[0].Start)
		see(r.System[n-1].Start)
	}
	if n := len(r.Models); n > 0 {
		see(r.Models[0].Start)
		see(r.Models[n-1].Start)
	}
	return first, last
}

// cutSlots splits slots at the first that begins at or after end.
func cutSlots[S any](slots []S, end time.Time, start func(S) time.Time) (before, rest []S) {
	i := slices.IndexFunc(slots, func(s S) bool { return !start(s).Before(end) })
	if i < 0 {
		i = len(slots)
	}
	return slots[:i], slots[i:]
}

// curveDay prices a day. While the machine slept it answered nobody, and what it
// drew is next to nothing: that time is as good as measured.
func (in Inputs) curveDay(d localDay, c Curve) (CurveDay, error) {
	day := CurveDay{Start: d.start, End: d.end}
	var measured time.Duration
	for i := range d.system {
		measured += d.system[i].Measured
		if scope := scopeOf(&d.system[i]); scope != "" && !slices.Contains(day.Scopes, scope) {
			day.Scopes = append(day.Scopes, scope)
		}
	}
	if length := d.end.Sub(d.start); length > 0 {
		day.CoverageRatio = min(1, float64(measured+d.slept)/float64(length))
	}
	var err error
	if measured+d.slept > 0 {
		if day.Cost, err = in.costOf(d, c.Basis); err != nil {
			return CurveDay{}, err
		}
	}
	if measured+d.slept == 0 && !slices.ContainsFunc(d.models, func(m store.ModelSlot) bool { return m.Requests() > 0 }) {
		day.Avoided = make([]Saved, len(c.Comparators)) // nobody looked: unknown, and not nothing
		return day, nil
	}
	day.Avoided, err = savedIn(d.models, in.Plan, len(c.Comparators))
	return day, err
}

// costOf is what the day's electricity cost on a basis; unknown when a price
// is, or on a basis that is not electricity alone.
func (in Inputs) costOf(d localDay, b cost.Basis) (Amount, error) {
	if in.Tariff == nil {
		return Amount{}, nil
	}
	bill, err := cost.NewBill(d.system, d.models, in.Tariff)
	if err != nil {
		return Amount{}, err
	}
	money, ok := bill.Of(b)
	return Amount{Money: money, Known: ok && bill.Unpriced == 0}, nil
}

// savedIn sums what the plan says of each slot.
func savedIn(slots []store.ModelSlot, plan Plan, comparators int) ([]Saved, error) {
	sums := make([]avoided.Saving, comparators)
	for _, s := range slots {
		savings := plan.Compare(s)
		for i, one := range savings[:min(comparators, len(savings))] {
			var err error
			if sums[i].Money, err = sums[i].Money.Add(one.Money); err != nil {
				return nil, err
			}
			sums[i].Priced += one.Priced
			sums[i].Partial += one.Partial
			sums[i].Unpriced += one.Unpriced
		}
	}
	return savedOf(sums), nil
}
