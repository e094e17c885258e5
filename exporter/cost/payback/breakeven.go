package payback

import (
	"math/big"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// BreakEven forecasts when the machine has paid for itself, from the days since
// its purchase that were metered well enough and whose amounts are in its currency.
// The order of the days does not matter.
func (m Machine) BreakEven(days []Day) BreakEven {
	capital := m.Capital()
	used := m.metered(days)
	b := BreakEven{
		Days: len(used), Needed: NeededDays, Capital: capital,
		AvoidedMonthly: cost.Money{Currency: capital.Currency},
		CostMonthly:    cost.Money{Currency: capital.Currency},
	}
	mean := monthlyMean(sums(used))
	b.AvoidedMonthly.Nanos, b.CostMonthly.Nanos = mean.avoided, mean.cost
	if len(used) < NeededDays {
		b.Simple.Outcome, b.Drift.Outcome = TooFewDays, TooFewDays
		return b
	}
	draws := bootstrap(used)
	b.Simple = m.forecast(flat(capital.Nanos), mean, draws)
	b.Drift = b.Simple
	if m.PriceDriftRatio != 0 || m.CapitalCostRatio != 0 {
		passed := int(used[len(used)-1].Start.Sub(m.Purchased) / Month)
		b.Drift = m.forecast(drifting(capital.Nanos, m.PriceDriftRatio, m.CapitalCostRatio, passed), mean, draws)
	}
	return b
}

// metered are the days that count, in time order.
func (m Machine) metered(days []Day) []Day {
	currency := m.Capital().Currency
	fits := func(a cost.Money) bool { return a.Currency == currency || a == cost.Money{} }
	var used []Day
	for _, d := range days {
		if !d.Start.Before(m.Purchased) && d.CoverageRatio >= MinCoverageRatio && fits(d.Avoided) && fits(d.Cost) {
			used = append(used, d)
		}
	}
	slices.SortStableFunc(used, func(a, b Day) int { return a.Start.Compare(b.Start) })
	return used
}

// total is the exact sum over a number of days.
type total struct {
	avoided, cost big.Int
	days          int64
}

func (t *total) add(o *total) {
	t.avoided.Add(&t.avoided, &o.avoided)
	t.cost.Add(&t.cost, &o.cost)
	t.days += o.days
}

func sums(days []Day) *total {
	t := &total{days: int64(len(days))}
	for _, d := range days {
		t.avoided.Add(&t.avoided, big.NewInt(d.Avoided.Nanos))
		t.cost.Add(&t.cost, big.NewInt(d.Cost.Nanos))
	}
	return t
}

// month is what a month avoids and costs, in nano-units.
type month struct{ avoided, cost int64 }

// monthlyMean scales a sum of days to a month; the month of no days is 0.
func monthlyMean(t *total) month {
	if t.days == 0 {
		return month{}
	}
	// Both sides of the ratio in seconds, of a month and of the days.
	scale, den := big.NewInt(int64(Month/time.Second)), big.NewInt(t.days*int64(24*time.Hour/time.Second))
	mean := func(sum *big.Int) int64 { return divided(new(big.Int).Mul(sum, scale), den) }
	return month{avoided: mean(&t.avoided), cost: mean(&t.cost)}
}

// After is the day, at the hour of the purchase, on which a number of months
// have passed since it. A month that is too short ends on its last day.
func (m Machine) After(months int) time.Time {
	y, mo, d := m.Purchased.Date()
	at := m.Purchased.AddDate(0, months, 0)
	if at.Day() == d {
		return at
	}
	last := time.Date(y, mo+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return m.Purchased.AddDate(0, months, last-d)
}
