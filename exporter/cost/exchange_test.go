package cost_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

func eur(nanos int64) cost.Money { return cost.Money{Nanos: nanos, Currency: "EUR"} }
func usd(nanos int64) cost.Money { return cost.Money{Nanos: nanos, Currency: "USD"} }

func TestExchange(t *testing.T) {
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	x, err := cost.NewExchange("EUR", map[cost.Currency][]cost.Rate{
		"USD": {{From: april, Worth: eur(870_000_000)}, {Worth: eur(900_000_000)}},
		"GBP": {{From: april, Worth: eur(1_150_000_000)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		in    cost.Money
		at    time.Time
		want  cost.Money
		known bool
	}{
		{"before the change", usd(10), april.Add(-1), eur(9), true},
		{"at the change", usd(100), april, eur(87), true},
		{"half to even", usd(50), april, eur(44), true}, // 43.5
		{"own currency", eur(7), april, eur(7), true},
		{"nothing", cost.Money{}, april, eur(0), true},
		{"negative", usd(-100), april, eur(-87), true},
		{"before the first rate", cost.Money{Nanos: 5, Currency: "GBP"}, april.Add(-1), cost.Money{}, false},
		{"no rate at all", cost.Money{Nanos: 5, Currency: "JPY"}, april, cost.Money{}, false},
		{"too large", cost.Money{Nanos: math.MaxInt64, Currency: "GBP"}, april, cost.Money{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := x.Convert(tt.in, tt.at)
			if got != tt.want || ok != tt.known {
				t.Errorf("got %v (%d), %v; want %v (%d), %v", got, got.Nanos, ok, tt.want, tt.want.Nanos, tt.known)
			}
		})
	}
}

func TestExchangeBeforeTheFirstRate(t *testing.T) {
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	x, err := cost.NewExchange("EUR", map[cost.Currency][]cost.Rate{"USD": {
		{From: april, Worth: eur(900_000_000)}, {From: april.AddDate(0, 1, 0), Worth: eur(800_000_000)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]int64{{}: 9, april: 9, april.AddDate(0, 2, 0): 8} {
		if got, ok := x.ConvertOrFirst(usd(10), at); !ok || got != eur(want) {
			t.Errorf("at %v: %v (%d), %v", at, got, got.Nanos, ok)
		}
	}
	if got, ok := x.ConvertOrFirst(eur(7), time.Time{}); !ok || got != eur(7) {
		t.Errorf("one's own currency: %v, %v", got, ok)
	}
	if _, ok := x.ConvertOrFirst(cost.Money{Nanos: 5, Currency: "JPY"}, april); ok {
		t.Error("a currency without a rate is converted")
	}
}

func TestNewExchangeRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rates []cost.Rate
		err   error
	}{
		{"another currency", []cost.Rate{{Worth: usd(1)}}, cost.ErrCurrency},
		{"zero", []cost.Rate{{Worth: eur(0)}}, cost.ErrRange},
		{"twice", []cost.Rate{{Worth: eur(1)}, {Worth: eur(2)}}, cost.ErrAmount},
	} {
		if _, err := cost.NewExchange("EUR", map[cost.Currency][]cost.Rate{"GBP": tt.rates}); !errors.Is(err, tt.err) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.err)
		}
	}
	if _, ok := (cost.Exchange{}).Convert(usd(1), time.Time{}); ok {
		t.Error("the zero Exchange converts")
	}
}
