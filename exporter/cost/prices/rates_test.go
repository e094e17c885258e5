package prices_test

import (
	"math"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// usd is a rate in dollars per million tokens.
func usd(t testing.TB, amount string) prices.Rate {
	t.Helper()
	m, err := cost.ParseMoney(amount, "USD")
	if err != nil {
		t.Fatal(err)
	}
	return prices.NewRate(m)
}

// sonnet asks more for long prompts.
func sonnet(t testing.TB) prices.Entry {
	return prices.Entry{
		Provider: "anthropic", Model: "claude-sonnet-4-5", Also: []string{"claude-sonnet-4-5*", "claude-sonnet-4.5"},
		Rates: prices.Rates{Input: usd(t, "3"), Cached: usd(t, "0.3"), CacheWrite: usd(t, "3.75"), Output: usd(t, "15")},
		Long: []prices.LongContext{{Above: 200_000, Rates: prices.Rates{
			Input: usd(t, "6"), Cached: usd(t, "0.6"), CacheWrite: usd(t, "7.5"), Output: usd(t, "22.5"),
		}}},
		BatchRatio: 0.5,
	}
}

func TestPrice(t *testing.T) {
	for _, tt := range []struct {
		name  string
		usage prices.Usage
		nanos int64
	}{
		{"nothing", prices.Usage{}, 0},
		{"one token", prices.Usage{Input: 1}, 3000},
		{"each kind", prices.Usage{Input: 1_000_000, Cached: 0, CacheWrite: 0, Output: 0}, 6_000_000_000},
		{"short", prices.Usage{Input: 1000, Cached: 2000, CacheWrite: 400, Output: 100}, 3_000_000 + 600_000 + 1_500_000 + 1_500_000},
		{"at the mark", prices.Usage{Input: 100_000, Cached: 100_000, Output: 1000}, 300_000_000 + 30_000_000 + 15_000_000},
		{"a token above it reprices all", prices.Usage{Input: 100_000, Cached: 100_001, Output: 1000}, 600_000_000 + 60_000_600 + 22_500_000},
		{"written tokens are in the prompt", prices.Usage{CacheWrite: 200_001}, 1_500_007_500},
		{"output is not in the prompt", prices.Usage{Input: 100, Output: 300_000}, 300_000 + 4_500_000_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := sonnet(t).Price(tt.usage)
			if !ok || got.Nanos != tt.nanos {
				t.Errorf("got %d nanos, %v; want %d", got.Nanos, ok, tt.nanos)
			}
		})
	}
}

func TestUnknownRates(t *testing.T) {
	in, out := usd(t, "1"), usd(t, "2")
	for _, tt := range []struct {
		name  string
		rates prices.Rates
		usage prices.Usage
		nanos int64
		known bool
	}{
		{"no cached price: billed fresh", prices.Rates{Input: in, Output: out}, prices.Usage{Input: 1, Cached: 2}, 3000, true},
		{"no price for writing: billed fresh", prices.Rates{Input: in, Output: out}, prices.Usage{CacheWrite: 2}, 2000, true},
		{"no output price", prices.Rates{Input: in}, prices.Usage{Input: 1, Output: 1}, 0, false},
		{"no output price, none needed", prices.Rates{Input: in}, prices.Usage{Input: 1}, 1000, true},
		{"no fresh price", prices.Rates{Cached: in, Output: out}, prices.Usage{Input: 1, Cached: 1}, 0, false},
		{"only cached tokens", prices.Rates{Cached: in, Output: out}, prices.Usage{Cached: 1}, 1000, true},
		{"nothing known, nothing used", prices.Rates{}, prices.Usage{}, 0, true},
		{"a negative count", prices.Rates{Input: in, Output: out}, prices.Usage{Input: -1, Output: 2}, 0, false},
		{"too much", prices.Rates{Input: usd(t, "1000000")}, prices.Usage{Input: math.MaxInt64}, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := tt.rates.Of(tt.usage)
			if ok != tt.known || got.Nanos != tt.nanos {
				t.Errorf("got %d nanos, %v; want %d, %v", got.Nanos, ok, tt.nanos, tt.known)
			}
		})
	}
}

func TestZeroIsNoRate(t *testing.T) {
	for _, nanos := range []int64{0, -1_000_000_000} {
		if r := prices.NewRate(cost.Money{Nanos: nanos, Currency: "USD"}); r.Known {
			t.Errorf("%d nanos are a known rate", nanos)
		}
	}
}

// A price is rounded once, half to even: the parts alone would round otherwise.
func TestRoundedOnce(t *testing.T) {
	r := prices.Rates{Input: usd(t, "0.0005"), Output: usd(t, "0.0015")} // half a nano and one and a half a token
	for _, tt := range []struct {
		usage prices.Usage
		nanos int64
	}{
		{prices.Usage{Input: 1}, 0},
		{prices.Usage{Input: 3}, 2},
		{prices.Usage{Output: 1}, 2},
		{prices.Usage{Input: 1, Output: 1}, 2},
		{prices.Usage{Input: 1, Cached: 1}, 1},
	} {
		if got, ok := r.Of(tt.usage); !ok || got.Nanos != tt.nanos {
			t.Errorf("%+v: got %d nanos, %v; want %d", tt.usage, got.Nanos, ok, tt.nanos)
		}
	}
}

func TestBatch(t *testing.T) {
	b, ok := sonnet(t).Batch()
	if !ok {
		t.Fatal("no batch price")
	}
	if got, _ := b.Price(prices.Usage{Input: 1000, Cached: 1000, Output: 1000}); got.Nanos != 9_150_000 {
		t.Errorf("short: got %d nanos, want 9150000", got.Nanos)
	}
	if got, _ := b.Price(prices.Usage{Input: 1_000_000}); got.Nanos != 3_000_000_000 {
		t.Errorf("long: got %d nanos, want 3000000000", got.Nanos)
	}
	if _, ok := b.Batch(); ok {
		t.Error("a batch has a batch price")
	}
	if e := sonnet(t); e.Long[0].Rates.Input != usd(t, "6") {
		t.Error("the entry itself changed")
	}
	for _, ratio := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		e := sonnet(t)
		e.BatchRatio = ratio
		if _, ok := e.Batch(); ok {
			t.Errorf("a ratio of %v has a batch price", ratio)
		}
	}
}
