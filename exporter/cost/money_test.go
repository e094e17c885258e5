package cost_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

func TestParseMoney(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     int64
		err      error
	}{
		{name: "price of a kWh", in: "0.1872", want: 187_200_000},
		{name: "whole", in: "12", want: 12_000_000_000},
		{name: "negative", in: "-0.05", want: -50_000_000},
		{name: "nine decimals", in: "0.000000001", want: 1},
		{name: "zeros behind", in: "1.5000000000000", want: 1_500_000_000},
		{name: "ten decimals", in: "0.0000000001", err: cost.ErrAmount},
		{name: "empty", in: "", err: cost.ErrAmount},
		{name: "no digit before the point", in: ".5", err: cost.ErrAmount},
		{name: "no digit behind the point", in: "5.", err: cost.ErrAmount},
		{name: "exponent", in: "1e3", err: cost.ErrAmount},
		{name: "comma", in: "0,19", err: cost.ErrAmount},
		{name: "plus", in: "+1", err: cost.ErrAmount},
		{name: "two signs", in: "--1", err: cost.ErrAmount},
		{name: "too large", in: "9223372037", err: cost.ErrRange},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := cost.ParseMoney(tt.in, "EUR")
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if got.Nanos != tt.want {
				t.Errorf("got %d nanos, want %d", got.Nanos, tt.want)
			}
		})
	}
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"0", "0.1872", "-12.5", "1.", "9223372036.854775807", "-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := cost.ParseMoney(s, "EUR")
		if err != nil {
			return
		}
		back, err := cost.ParseMoney(m.Decimal(9), "EUR")
		if err != nil || back != m {
			t.Errorf("%q is %v, printed %q and read back as %v, %v", s, m.Nanos, m.Decimal(9), back.Nanos, err)
		}
	})
}

func TestMoneyString(t *testing.T) {
	for _, tt := range []struct {
		amount, want string
	}{
		{"0", "0 EUR"},
		{"0.05791968", "0.0579 EUR"},
		{"0.11183328", "0.1118 EUR"},
		{"-0.05791968", "-0.0579 EUR"},
		{"0.99999", "1.0000 EUR"},
		{"1.234567", "1.23 EUR"},
		{"99.994", "99.99 EUR"},
		{"456.7", "457 EUR"},
		{"123456.5", "123456 EUR"}, // half to even
		{"0.0012345", "0.00123 EUR"},
		{"0.0000052", "0.00000520 EUR"},
		{"0.000000005", "0.000000005 EUR"},
	} {
		m, err := cost.ParseMoney(tt.amount, "EUR")
		if err != nil {
			t.Fatal(err)
		}
		if got := m.String(); got != tt.want {
			t.Errorf("%s prints %q, want %q", tt.amount, got, tt.want)
		}
	}
	if got := (cost.Money{Nanos: math.MinInt64}).Decimal(2); got != "-9223372036.85" {
		t.Errorf("the least amount prints %q", got)
	}
	if got := (cost.Money{Nanos: -1}).Decimal(2); got != "0.00" {
		t.Errorf("a rounded zero prints %q, want no sign", got)
	}
}

func TestAdd(t *testing.T) {
	eur := func(n int64) cost.Money { return cost.Money{Nanos: n, Currency: "EUR"} }
	if got, err := eur(1).Add(eur(-3)); err != nil || got != eur(-2) {
		t.Errorf("1 + -3 = %v, %v", got, err)
	}
	if got, err := (cost.Money{}).Add(eur(7)); err != nil || got != eur(7) {
		t.Errorf("nothing + 7 = %v, %v", got, err)
	}
	if _, err := eur(1).Add(cost.Money{Nanos: 1, Currency: "USD"}); !errors.Is(err, cost.ErrCurrency) {
		t.Errorf("EUR + USD: %v, want ErrCurrency", err)
	}
	if _, err := eur(math.MaxInt64).Add(eur(1)); !errors.Is(err, cost.ErrRange) {
		t.Errorf("overflow: %v, want ErrRange", err)
	}
	if _, err := eur(math.MinInt64).Add(eur(-1)); !errors.Is(err, cost.ErrRange) {
		t.Errorf("underflow: %v, want ErrRange", err)
	}
}

func TestOfRoundsHalfToEven(t *testing.T) {
	// At a price of 1 nano-unit per kWh, 3.6e6 J cost exactly one.
	p := cost.Price{Picos: 1000, Currency: "EUR"}
	for _, tt := range []struct {
		joules energy.Joules
		want   int64
	}{
		{1.8e6, 0}, {1.8e6 + 1e-3, 1}, {5.4e6, 2}, {9.0e6, 2}, {9.0e6 + 1e-3, 3}, {0, 0},
	} {
		got, err := p.Of(tt.joules)
		if err != nil || got.Nanos != tt.want {
			t.Errorf("%v J cost %d nanos, %v; want %d", tt.joules, got.Nanos, err, tt.want)
		}
	}
	negative := cost.Price{Picos: -1000, Currency: "EUR"}
	if got, err := negative.Of(5.4e6); err != nil || got.Nanos != -2 {
		t.Errorf("5.4e6 J at -1 cost %d, %v; want -2", got.Nanos, err)
	}
}

func TestOfRefuses(t *testing.T) {
	p := cost.Price{Picos: math.MaxInt64, Currency: "EUR"}
	for _, j := range []energy.Joules{-1, energy.Joules(math.NaN()), energy.Joules(math.Inf(1)), 1e12} {
		if m, err := p.Of(j); !errors.Is(err, cost.ErrRange) || m != (cost.Money{}) {
			t.Errorf("%v J: %v, %v; want nothing and ErrRange", j, m, err)
		}
	}
}

// The rounded amount is never further than half a nano-unit from the exact
// one, and more energy never costs less.
func TestOfProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := rapid.Float64Range(0, 1e9).Draw(t, "joules")
		more := j + rapid.Float64Range(0, 1e6).Draw(t, "more")
		picos := rapid.Int64Range(0, 1e15).Draw(t, "price")
		p := cost.Price{Picos: picos, Currency: "EUR"}
		a, errA := p.Of(energy.Joules(j))
		b, errB := p.Of(energy.Joules(more))
		if errA != nil || errB != nil {
			t.Fatalf("price: %v, %v", errA, errB)
		}
		if b.Nanos < a.Nanos {
			t.Errorf("%v J cost %d, %v J cost %d", j, a.Nanos, more, b.Nanos)
		}
		exact := new(big.Rat).SetFloat64(j)
		exact.Mul(exact, big.NewRat(picos, 3_600_000_000))
		off := exact.Sub(exact, big.NewRat(a.Nanos, 1))
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Errorf("%v J at %d picos: off by %s nanos", j, picos, off.FloatString(3))
		}
	})
}
