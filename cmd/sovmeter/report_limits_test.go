package main

import (
	"errors"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
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
	soc := report.Report{
		Scopes: []attribution.Scope{attribution.ScopeSoC}, Bases: bases, Elapsed: 10 * time.Hour, Measured: 9 * time.Hour, Total: 1000,
		ScopeUses: []report.ScopeUse{{Scope: attribution.ScopeSoC, Time: 9 * time.Hour, Energy: 1000}},
	}
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

// The seconds before a meter has answered do not make a day weak; a drop-out does.
func TestSourceOfADay(t *testing.T) {
	day := func(weak time.Duration, joules energy.Joules) report.Report {
		return report.Report{Total: 1e6, Measured: 24 * time.Hour, ScopeUses: []report.ScopeUse{
			{Scope: attribution.ScopeWall, Time: 24*time.Hour - weak, Energy: 1e6 - joules},
			{Scope: attribution.ScopeCalibrated, Time: weak, Energy: joules},
		}}
	}
	wall := limits{source: "wall"}
	for _, tt := range []struct {
		weak   time.Duration
		joules energy.Joules
		kept   bool
	}{{time.Minute, 500, true}, {time.Minute, 2000, false}, {2 * time.Minute, 500, false}, {0, 0, true}} {
		err := wall.check(day(tt.weak, tt.joules))
		if (err == nil) != tt.kept {
			t.Errorf("%v and %v J at a weaker scope: %v", tt.weak, tt.joules, err)
		}
	}
	if err := (limits{source: "calibrated"}).check(day(time.Hour, 5e4)); err != nil {
		t.Error(err)
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
