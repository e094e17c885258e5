package payback_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

// days are n days that avoid and cost so much a month each.
func days(n int, avoided, spent float64) []payback.Day {
	list := make([]payback.Day, n)
	for i := range list {
		list[i] = payback.Day{
			Start:   january.AddDate(0, 0, i),
			Avoided: eur(int64(avoided * unit * 12 / 365.25)), Cost: eur(int64(spent * unit * 12 / 365.25)),
			CoverageRatio: 1,
		}
	}
	return list
}

// TestBreakEvenVectors holds worked examples: the first four are those of the
// package's manual, the others were reckoned by closed formulas.
func TestBreakEvenVectors(t *testing.T) {
	for _, tt := range []struct {
		name                   string
		capital, avoided, cost float64
		drift, rate            float64
		outcome                payback.Outcome
		months                 int
	}{
		{"simple", 2000, 300, 12, 0, 0, payback.Reached, 7},
		{"prices fall by half", 2000, 300, 12, -0.5, 0, payback.Reached, 9},
		{"slow", 2000, 60, 12, 0, 0, payback.Reached, 42},
		{"prices fall by 30 %", 2000, 60, 12, -0.3, 0, payback.Never, 0},
		{"prices rise", 2000, 60, 12, 0.3, 0, payback.Reached, 29},
		{"money has a price", 2000, 60, 12, 0, 0.05, payback.Reached, 46},
		{"discounted sum stays below", 2000, 60, 50, 0, 0.1, payback.Never, 0},
		{"money comes at the end of a month", 100, 100, 0, 0, 0.1, payback.Reached, 2},
		{"beyond its life", 2000, 45, 12, 0, 0, payback.BeyondLife, 61},
		{"the last month of its life", 1980, 45, 12, 0, 0, payback.Reached, 60},
		{"costs what it avoids", 2000, 12, 12, 0, 0, payback.Never, 0},
		{"costs more", 2000, 12, 60, 0, 0, payback.Never, 0},
		{"a hundred years", 1200, 13, 12, 0, 0, payback.BeyondLife, 1200},
		{"more than a hundred years", 1201, 13, 12, 0, 0, payback.Never, 0},
		{"prices fall to nothing", 2000, 300, 12, -1, 0, payback.Never, 0},
		{"for nothing", 0, 1, 2, 0, 0, payback.Reached, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := payback.Machine{
				Price: eur(int64(tt.capital * unit)), Purchased: january, Life: 60 * payback.Month, ShareRatio: 1,
				PriceDriftRatio: tt.drift, CapitalCostRatio: tt.rate,
			}
			// The first month, in so many days that their sum is rounded to no other mean.
			list := days(31, 0, 0)
			sum := func(monthly float64) int64 { return int64(math.Round(monthly * unit * 31 * 16 / 487)) }
			list[3].Avoided, list[5].Cost = eur(sum(tt.avoided)), eur(sum(tt.cost))
			b := m.BreakEven(list)
			if b.AvoidedMonthly != eur(int64(tt.avoided*unit)) || b.CostMonthly != eur(int64(tt.cost*unit)) {
				t.Fatalf("%v avoided and %v spent a month", b.AvoidedMonthly, b.CostMonthly)
			}
			if b.Drift.Outcome != tt.outcome || (b.Drift.Months != tt.months && tt.outcome != payback.Never) {
				t.Errorf("got %s after %d months, want %s after %d", b.Drift.Outcome, b.Drift.Months, tt.outcome, tt.months)
			}
		})
	}
}

// TestPricesChangeFromTodayOn has machines that were bought a while before the
// days that are metered: what they have earned by then is not drifted away.
func TestPricesChangeFromTodayOn(t *testing.T) {
	for _, tt := range []struct {
		name    string
		passed  int // months before the metered days
		drift   float64
		outcome payback.Outcome
		months  int
	}{
		{"just bought", 0, -0.3, payback.Never, 0},
		{"most of it earned", 30, -0.3, payback.Reached, 46},
		{"paid already", 50, -0.3, payback.Reached, 42},
		{"rising prices do not rise in the past", 50, 0.3, payback.Reached, 42},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := payback.Machine{Price: eur(2000 * unit), Purchased: january.Add(-time.Duration(tt.passed) * payback.Month), ShareRatio: 1, PriceDriftRatio: tt.drift}
			b := m.BreakEven(days(28, 60, 12))
			if b.Simple.Months != 42 || b.Drift.Outcome != tt.outcome || b.Drift.Months != tt.months {
				t.Errorf("got %d months, and %s after %d with drift; want %s after %d", b.Simple.Months, b.Drift.Outcome, b.Drift.Months, tt.outcome, tt.months)
			}
		})
	}
}

func TestDaysBeforeThePurchase(t *testing.T) {
	list := days(28, 300, 12)
	m := studio()
	m.Purchased = list[14].Start
	if b := m.BreakEven(list); b.Days != 14 || b.Simple.Outcome != payback.Reached {
		t.Errorf("14 days before and 14 since: %+v", b)
	}
	m.Purchased = january.AddDate(1, 0, 0)
	if b := m.BreakEven(list); b.Days != 0 || b.Simple.Outcome != payback.TooFewDays || b.AvoidedMonthly.Nanos != 0 {
		t.Errorf("a purchase that is still to come: %+v", b)
	}
}

func TestTooFewDays(t *testing.T) {
	m := studio()
	list := days(20, 300, 12)
	for i := range list[:7] {
		list[i].CoverageRatio = 0.89
	}
	b := m.BreakEven(list)
	if b.Days != 13 || b.Needed != 14 || b.Simple.Outcome != payback.TooFewDays || b.Drift.Outcome != payback.TooFewDays || b.Simple.EarlyKnown {
		t.Errorf("13 metered days: %+v", b)
	}
	list[0].CoverageRatio = 0.9
	if b = m.BreakEven(list); b.Days != 14 || b.Simple.Outcome != payback.Reached {
		t.Errorf("14 metered days: %+v", b)
	}
	for i := range list[:10] {
		list[i].Avoided.Currency = "USD"
	}
	if b = m.BreakEven(list); b.Days != 10 || b.Simple.Outcome != payback.TooFewDays {
		t.Errorf("days in another currency: %+v", b)
	}
	b = m.BreakEven(nil)
	if want := eur(0); b.AvoidedMonthly != want || b.CostMonthly != want || b.Capital != eur(2399*unit) {
		t.Errorf("no days: %+v", b)
	}
}

// week is a machine that works from Monday to Friday.
func week(n int) []payback.Day {
	list := days(n, 0, 12)
	for i := range list {
		if wd := list[i].Start.Weekday(); wd != time.Saturday && wd != time.Sunday {
			list[i].Avoided = eur(14 * unit)
		}
	}
	return list
}

func TestDrawsKeepWeeksTogether(t *testing.T) {
	// Each run of seven days has five that work, so all draws are alike.
	b := studio().BreakEven(week(28))
	if f := b.Simple; f.Months != f.Early || f.Months != f.Late || !f.EarlyKnown || !f.LateKnown {
		t.Errorf("weeks that are all alike: %+v", f)
	}
	list := week(28)
	for i := range list[14:] {
		list[i].Avoided.Nanos /= 3 // two slow weeks
	}
	if f := studio().BreakEven(list).Simple; f.Early >= f.Months || f.Months >= f.Late {
		t.Errorf("weeks that differ: %+v", f)
	}
}

func TestSomeDrawsNeverPay(t *testing.T) {
	// One day in 28 earns it all: four draws in ten have none of it.
	list := days(28, 0, 10)
	list[9].Avoided = eur(100 * unit)
	f := studio().BreakEven(list).Simple
	if f.Outcome != payback.Reached || !f.EarlyKnown || f.LateKnown || f.Late != 0 {
		t.Errorf("got %+v", f)
	}
	list[9].Avoided = eur(3 * unit)
	if f = studio().BreakEven(list).Simple; f.Outcome != payback.Never || f.EarlyKnown {
		t.Errorf("got %+v", f)
	}
}

func TestBreakEvenIsDeterministic(t *testing.T) {
	m := studio()
	m.PriceDriftRatio, m.CapitalCostRatio = -0.3, 0.03
	list := week(40)
	for i := range list {
		list[i].Avoided.Nanos += int64(i*i) * unit / 100
	}
	want := m.BreakEven(list)
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if diff := cmp.Diff(want, m.BreakEven(list)); diff != "" {
		t.Errorf("(-in order +shuffled):\n%s", diff)
	}
}

// TestBreakEvenProperties holds forecasts of random days against each other.
func TestBreakEvenProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := studio()
		m.PriceDriftRatio = rapid.SampledFrom([]float64{0, -0.5, -0.1, 0.2}).Draw(t, "drift")
		m.CapitalCostRatio = rapid.SampledFrom([]float64{0, 0.03, 0.2}).Draw(t, "rate")
		list := days(rapid.IntRange(14, 40).Draw(t, "days"), 0, 0)
		amount := rapid.Int64Range(-10*unit, 100*unit)
		for i := range list {
			list[i].Avoided, list[i].Cost = eur(amount.Draw(t, "avoided")), eur(amount.Draw(t, "cost"))
		}
		b := m.BreakEven(list)
		if m.PriceDriftRatio == 0 && m.CapitalCostRatio == 0 && b.Simple != b.Drift {
			t.Fatalf("without drift and rate %+v is not %+v", b.Drift, b.Simple)
		}
		dearer := m
		dearer.Price.Nanos += rapid.Int64Range(0, 5000*unit).Draw(t, "dearer")
		dear := dearer.BreakEven(list)
		day := rapid.IntRange(0, len(list)-1).Draw(t, "day")
		list[day].Avoided.Nanos += rapid.Int64Range(0, 500*unit).Draw(t, "more")
		more := m.BreakEven(list)
		for _, pair := range []struct {
			what        string
			first, then payback.Forecast
		}{
			{"simple by capital", b.Simple, dear.Simple},
			{"drift by capital", b.Drift, dear.Drift},
			{"simple by avoided", more.Simple, b.Simple},
			{"drift by avoided", more.Drift, b.Drift},
		} {
			for i, at := range order(pair.first) {
				if then := order(pair.then)[i]; at > then {
					t.Fatalf("%s: %+v is not before %+v", pair.what, pair.first, pair.then)
				}
			}
			if o := order(pair.first); o[1] > o[2] {
				t.Fatalf("%s: late before early in %+v", pair.what, pair.first)
			}
		}
	})
}

// order is a forecast's months, early and late, with never after all else.
func order(f payback.Forecast) [3]int {
	o := [3]int{f.Months, f.Early, f.Late}
	if f.Outcome == payback.Never {
		o[0] = math.MaxInt
	}
	if !f.EarlyKnown {
		o[1] = math.MaxInt
	}
	if !f.LateKnown {
		o[2] = math.MaxInt
	}
	return o
}

func TestAbsurdAmounts(t *testing.T) {
	list := days(14, 0, 0)
	for i := range list {
		list[i].Avoided, list[i].Cost = eur(math.MaxInt64), eur(math.MinInt64)
	}
	m := studio()
	m.Price = eur(math.MaxInt64)
	m.CapitalCostRatio = 0.5
	if b := m.BreakEven(list); b.Simple.Outcome != payback.Reached || b.Simple.Months != 1 || b.AvoidedMonthly.Nanos != math.MaxInt64 {
		t.Errorf("got %+v", b)
	}
	if c := m.Charge(january, january.AddDate(9, 0, 0)); c.Nanos != math.MaxInt64 {
		t.Errorf("charge %d", c.Nanos)
	}
	for i := range list {
		list[i].Avoided, list[i].Cost = list[i].Cost, list[i].Avoided
	}
	for _, rate := range []float64{0, math.NaN(), math.Inf(1), -1, -2} {
		m.PriceDriftRatio, m.CapitalCostRatio = rate, rate
		if b := m.BreakEven(list); b.Drift.Outcome != payback.Never {
			t.Errorf("rate %v: %+v", rate, b.Drift)
		}
	}
}

func TestAfter(t *testing.T) {
	m := payback.Machine{Purchased: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)}
	for months, want := range map[int]string{0: "2026-01-31", 1: "2026-02-28", 3: "2026-04-30", 12: "2027-01-31", 25: "2028-02-29", 1200: "2126-01-31"} {
		if got := m.After(months).Format(time.DateOnly); got != want {
			t.Errorf("after %d months: %s, want %s", months, got, want)
		}
	}
}

func BenchmarkBreakEven(b *testing.B) {
	m := studio()
	m.PriceDriftRatio, m.CapitalCostRatio = -0.3, 0.03
	list := days(365, 50, 12)
	for b.Loop() {
		m.BreakEven(list)
	}
}
