package main

import (
	"errors"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/report"
)

func TestLimits(t *testing.T) {
	eur := func(text string) *cost.Money {
		m, err := cost.ParseMoney(text, "EUR")
		if err != nil {
			t.Fatal(err)
		}
		return &m
	}
	bases := []report.Basis{
		{Name: cost.Marginal, Cost: report.Amount{Money: *eur("0.05"), Known: true}},
		{Name: cost.Dedicated, Cost: report.Amount{Money: *eur("0.11"), Known: true}},
		{Name: cost.Active},
	}
	soc := report.Report{Scopes: []attribution.Scope{attribution.ScopeSoC}, Bases: bases, Elapsed: 10 * time.Hour, Measured: 9 * time.Hour}
	for _, tt := range []struct {
		name   string
		limits limits
		code   int
	}{
		{"none", limits{}, exitOK},
		{"kept", limits{basis: cost.Marginal, most: eur("0.05"), coverage: 0.9, source: "soc"}, exitOK},
		{"dearer", limits{basis: cost.Dedicated, most: eur("0.109999999")}, exitThreshold},
		{"cost unknown", limits{basis: cost.Active, most: eur("1")}, exitNoData},
		{"basis that the report has not", limits{basis: cost.Loaded, most: eur("1")}, exitNoData},
		{"too little", limits{coverage: 0.91}, exitNoData},
		{"weaker place", limits{source: "calibrated"}, exitWeakSource},
		{"all of it", limits{basis: cost.Dedicated, most: eur("0"), coverage: 1, source: "wall"}, exitWeakSource},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.limits.check(soc)
			code := exitOK
			var broken *limitError
			if errors.As(err, &broken) {
				code = broken.code
			}
			if code != tt.code || (err == nil) != (tt.code == exitOK) {
				t.Errorf("got %v (code %d), want code %d", err, code, tt.code)
			}
		})
	}
}

func TestMaxCostNeedsATariff(t *testing.T) {
	if _, err := (reportWish{maxCost: "1"}).limits(config.Config{}); err == nil {
		t.Error("a cost is limited that nobody can know")
	}
}

func TestParseRatio(t *testing.T) {
	for text, want := range map[string]float64{"": 0, "0.9": 0.9, "90%": 0.9, "90 %": 0.9, "100%": 1, "0": 0} {
		if got, err := parseRatio(text); err != nil || got != want {
			t.Errorf("%q reads as %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"90", "-1%", "NaN", "half", "%", "1.01"} {
		if got, err := parseRatio(text); err == nil {
			t.Errorf("%q reads as %v", text, got)
		}
	}
}
