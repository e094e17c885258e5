package payback_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

const unit = 1_000_000_000

func eur(nanos int64) cost.Money { return cost.Money{Nanos: nanos, Currency: "EUR"} }

var january = time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)

func studio() payback.Machine {
	return payback.Machine{
		Price: eur(2399 * unit), Purchased: january, Life: 60 * payback.Month,
		Residual: eur(599 * unit), ShareRatio: 1,
	}
}

func TestCapital(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*payback.Machine)
		want   int64
	}{
		{"whole", func(*payback.Machine) {}, 2399 * unit},
		{"share", func(m *payback.Machine) { m.ShareRatio = 0.3 }, 719_700_000_000},
		{"share of nothing", func(m *payback.Machine) { m.ShareRatio = 0 }, 0},
		{"share that is no number", func(m *payback.Machine) { m.ShareRatio = math.NaN() }, 0},
		{"share above the whole", func(m *payback.Machine) { m.ShareRatio = 2 }, 2399 * unit},
		{"more memory", func(m *payback.Machine) { m.Incremental, m.Known = eur(400*unit), true }, 400 * unit},
		{"half to even", func(m *payback.Machine) { m.Price, m.ShareRatio = eur(5), 0.5 }, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := studio()
			tt.change(&m)
			if got := m.Capital(); got != eur(tt.want) {
				t.Errorf("got %v (%d), want %d", got, got.Nanos, tt.want)
			}
		})
	}
}

func TestChargeOfTheWholeLife(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*payback.Machine)
		want   float64 // units
	}{
		{"straight line", func(*payback.Machine) {}, 1800},
		// A loan of 2399 at 3 % a year over 60 months that leaves 599.
		{"annuity", func(m *payback.Machine) { m.CapitalCostRatio = 0.03 }, 60 * annuity(2399, 599, 0.03, 60)},
		{"tiny rate is nearly the line", func(m *payback.Machine) { m.CapitalCostRatio = 1e-12 }, 1800},
		{"half the machine", func(m *payback.Machine) { m.ShareRatio = 0.5 }, 900},
		{"memory keeps its part of the residual", func(m *payback.Machine) {
			m.Price, m.Residual, m.Incremental, m.Known = eur(2000*unit), eur(500*unit), eur(400*unit), true
		}, 300},
		{"memory alone", func(m *payback.Machine) {
			m.Price, m.Residual, m.Incremental, m.Known = cost.Money{}, eur(100*unit), eur(400*unit), true
		}, 300},
		{"sold at a profit", func(m *payback.Machine) { m.Residual = eur(3000 * unit) }, 0},
		{"no life told", func(m *payback.Machine) { m.Life = 0 }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := studio()
			tt.change(&m)
			got := m.Charge(january.AddDate(-1, 0, 0), january.AddDate(20, 0, 0))
			if got.Currency != "EUR" || math.Abs(got.Units()-tt.want) > 1e-6 {
				t.Errorf("got %v (%d), want %.6f", got, got.Nanos, tt.want)
			}
		})
	}
}

// annuity is the loan's payment found by another way: by bisection on what is
// left after the last month.
func annuity(capital, residual, yearly float64, months int) float64 {
	i := math.Pow(1+yearly, 1.0/12) - 1
	low, high := 0.0, capital
	for range 200 {
		mid := (low + high) / 2
		left := capital
		for range months {
			left = left*(1+i) - mid
		}
		if left > residual {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

func TestChargeProRata(t *testing.T) {
	m := studio()
	for _, tt := range []struct {
		name         string
		since, until time.Time
		want         int64
	}{
		{"before the purchase", january.AddDate(0, -2, 0), january, 0},
		{"a month", january, january.Add(payback.Month), 30 * unit},
		{"across the purchase", january.AddDate(0, -2, 0), january.Add(payback.Month), 30 * unit},
		{"across the end", january.Add(59 * payback.Month), january.Add(99 * payback.Month), 30 * unit},
		{"after its life", january.Add(60 * payback.Month), january.Add(61 * payback.Month), 0},
		{"no time", january.Add(time.Hour), january.Add(time.Hour), 0},
		{"backwards", january.Add(2 * time.Hour), january.Add(time.Hour), 0},
	} {
		if got := m.Charge(tt.since, tt.until); got != eur(tt.want) {
			t.Errorf("%s: got %v (%d), want %d", tt.name, got, got.Nanos, tt.want)
		}
	}
}

func TestChargesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := studio()
		m.CapitalCostRatio = rapid.Float64Range(0, 0.2).Draw(t, "rate")
		m.Life = time.Duration(rapid.Int64Range(1, int64(20*365*24*time.Hour)).Draw(t, "life"))
		cuts := rapid.SliceOfN(rapid.Int64Range(0, int64(30*24*time.Hour)), 1, 20).Draw(t, "cuts")
		at, sum := january.AddDate(0, -1, 0), int64(0)
		begin := at
		for _, c := range cuts {
			next := at.Add(time.Duration(c))
			part := m.Charge(at, next)
			if part.Nanos < 0 {
				t.Fatalf("a charge of %d", part.Nanos)
			}
			sum += part.Nanos
			at = next
		}
		if whole := m.Charge(begin, at); whole.Nanos != sum {
			t.Fatalf("parts sum to %d, the whole is %d", sum, whole.Nanos)
		}
	})
}
