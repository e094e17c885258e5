package cost_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

func TestNewFlat(t *testing.T) {
	for _, tt := range []struct {
		name     string
		price    float64
		currency string
		want     string
		err      error
	}{
		{name: "usual", price: 0.1872, currency: "EUR", want: "0.1872 EUR/kWh"},
		{name: "more digits than a result shows", price: 0.187253, currency: "EUR", want: "0.187253 EUR/kWh"},
		{name: "whole", price: 4500, currency: "IRR", want: "4500.00 IRR/kWh"},
		{name: "free", price: 0, currency: "USD", want: "0.00 USD/kWh"},
		{name: "negative", price: -0.1, currency: "EUR", err: cost.ErrRange},
		{name: "absurd", price: 1e7, currency: "EUR", err: cost.ErrRange},
		{name: "no number", price: math.NaN(), currency: "EUR", err: cost.ErrAmount},
		{name: "infinite", price: math.Inf(1), currency: "EUR", err: cost.ErrAmount},
		{name: "lower case", price: 0.1, currency: "eur", err: cost.ErrCurrency},
		{name: "gone", price: 0.1, currency: "DEM", err: cost.ErrCurrency},
		{name: "sign", price: 0.1, currency: "€", err: cost.ErrCurrency},
		{name: "empty", price: 0.1, currency: "", err: cost.ErrCurrency},
		{name: "between two codes", price: 0.1, currency: "D A", err: cost.ErrCurrency},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := cost.NewFlat(tt.price, tt.currency)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			p, ok := got.At(time.Time{})
			if !ok || p.String() != tt.want {
				t.Errorf("got %q, %v; want %q", p, ok, tt.want)
			}
		})
	}
}

func TestSlot(t *testing.T) {
	zone := time.FixedZone("Chatham", 13*3600+45*60)
	got := cost.Slot(time.Date(2026, 3, 1, 0, 14, 59, 999, zone))
	if want := time.Date(2026, 2, 28, 10, 15, 0, 0, time.UTC); !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPerMtok(t *testing.T) {
	f, err := cost.NewFlat(0.1872, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	// 0.36 J a token are 0.1 kWh for a million: 0.36 × 0.1872 ÷ 3.6.
	got, ok := f.PricePerKWh.PerMtok(energy.Joules(0.36*5000), 5000)
	if !ok || got.Nanos != 18_720_000 || got.String() != "0.0187 EUR/Mtok" {
		t.Errorf("got %v (%d nanos), %v", got, got.Nanos, ok)
	}
	if per := got.PerToken(); math.Abs(per-1.872e-8) > 1e-20 {
		t.Errorf("a token costs %v, want 1.872e-8", per)
	}
	for _, tokens := range []int64{0, -1} {
		if _, ok := f.PricePerKWh.PerMtok(1, tokens); ok {
			t.Errorf("%d tokens have a cost per token", tokens)
		}
	}
	if _, ok := f.PricePerKWh.PerMtok(energy.Joules(math.NaN()), 1); ok {
		t.Error("NaN joules have a cost per token")
	}
}

func TestParseBasis(t *testing.T) {
	for _, b := range cost.Bases() {
		if got, err := cost.ParseBasis(string(b)); err != nil || got != b {
			t.Errorf("%s reads as %q, %v", b, got, err)
		}
	}
	if _, err := cost.ParseBasis("total"); !errors.Is(err, cost.ErrBasis) {
		t.Errorf("total: %v, want ErrBasis", err)
	}
}
