package main

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// When a machine has paid for itself does not depend on the day that a report is
// of: yesterday's has the whole history.
func TestHistoryIsSinceThePurchase(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	yesterday := report.Period{Since: day(20), Until: day(21)}
	now := day(21).Add(9 * time.Hour)
	machine := func(bought time.Time) economy {
		return economy{hardware: &config.Hardware{Machine: payback.Machine{Purchased: bought}}}
	}
	for _, tt := range []struct {
		name         string
		money        economy
		first        time.Time
		since, until time.Time
	}{
		{"no machine", economy{}, day(1), day(20), day(21)},
		{"empty store", machine(day(1)), time.Time{}, day(20), day(21)},
		{"bought before metering", machine(day(1)), day(5), day(5), now},
		{"metered before it was bought", machine(day(5)), day(1), day(5), now},
		{"bought after the period", machine(day(21)), day(1), day(20), now},
	} {
		t.Run(tt.name, func(t *testing.T) {
			since, until := tt.money.history(store.Range{First: tt.first}, yesterday, now)
			if !since.Equal(tt.since) || !until.Equal(tt.until) {
				t.Errorf("the history is %v to %v, want %v to %v", since, until, tt.since, tt.until)
			}
		})
	}
}
