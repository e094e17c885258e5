package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// metered is a source that holds these slots, or an error.
type metered struct {
	system []store.SystemSlot
	err    error
}

func (m *metered) Range(_ context.Context, since, until time.Time) (store.Range, error) {
	r := store.Range{Since: since, Until: until}
	for _, s := range m.system {
		if !s.Start.Before(since) && s.Start.Before(until) {
			r.System = append(r.System, s)
		}
	}
	return r, m.err
}

// used is a source with a slot of so many kWh.
func used(start time.Time, kWh float64) *metered {
	return &metered{system: []store.SystemSlot{{Start: start, Energy: energy.Joules(kWh * energy.JoulesPerKilowattHour)}}}
}

func liveOf(t *testing.T, yaml string, source store.Source, log *bytes.Buffer) *liveTariff {
	t.Helper()
	cfg, err := config.Parse("live.yaml", []byte("time_zone: UTC\n"+yaml), configFormats())
	if err != nil {
		t.Fatal(err)
	}
	return newLiveTariff(t.Context(), cfg, source, zerolog.New(log))
}

func priceAt(l *liveTariff, slot time.Time) string {
	if p, ok := l.At(slot); ok {
		return p.Decimal()
	}
	return "unknown"
}

var may = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// writeSeriesOf writes a series of one price for a day.
func writeSeriesOf(t *testing.T, path, price string) {
	t.Helper()
	text := "# sovmeter series v1\n# unit: EUR/kWh\nstart,end,value\n2026-05-20T00:00:00Z,2026-05-21T00:00:00Z," + price + "\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLiveTariffFollowsItsFile: the file need not be there when the daemon
// starts, and may be half written, unreadable or gone at any time.
func TestLiveTariffFollowsItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "prices.csv")
	var log bytes.Buffer
	l := liveOf(t, "tariff: {currency: EUR, series: {file: "+path+"}}", &metered{}, &log)
	check := func(when, price, said string) {
		t.Helper()
		if got := priceAt(l, may); got != price {
			t.Errorf("%s: %s, want %s", when, got, price)
		}
		if got := log.String(); (said == "") != (got == "") || !strings.Contains(got, said) {
			t.Errorf("%s: logged %q, want %q in it", when, got, said)
		}
		log.Reset()
	}
	refresh := func() { l.refresh(t.Context(), may) }

	check("never there", "unknown", "metering without them until the file changes")
	refresh()
	check("still not there", "unknown", "")
	writeSeriesOf(t, path, "0.25")
	refresh()
	check("there", "0.25", "")
	if err := os.WriteFile(path, []byte("# sovmeter series v1\n# unit: EUR/kWh\nstart,end,value\n2026-05-20T00:0"), 0o644); err != nil {
		t.Fatal(err)
	}
	refresh()
	check("half written", "0.25", "going on with the old ones")
	refresh()
	check("still half written", "0.25", "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refresh()
	check("gone", "0.25", "going on with the old ones")
	writeSeriesOf(t, path, "0.5")
	refresh()
	check("back", "0.5", "")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	writeSeriesOf(t, path, "0.125")
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	refresh()
	check("another with the same time", "0.125", "")
}

const tieredYAML = "tariff: {currency: EUR, tiers: {household_kwh_per_month: 0, steps: [{up_to_kwh: 10, price_per_kwh: 0.20}, {price_per_kwh: 0.30}]}}"

func TestLiveTariffTiers(t *testing.T) {
	var log bytes.Buffer
	source := used(may.Add(-time.Hour), 9)
	l := liveOf(t, tieredYAML, source, &log)
	for _, step := range []struct {
		kWh  float64
		err  error
		want string
	}{{9, nil, "0.2"}, {11, nil, "0.3"}, {12, errors.New("locked"), "0.3"}} {
		source.system[0].Energy, source.err = energy.Joules(step.kWh*energy.JoulesPerKilowattHour), step.err
		l.refresh(t.Context(), may)
		if got := priceAt(l, may); got != step.want {
			t.Errorf("%v kWh, %v: %s, want %s", step.kWh, step.err, got, step.want)
		}
	}
	if !strings.Contains(log.String(), "locked") {
		t.Errorf("logged %q", log.String())
	}
}

// TestLiveTariffInANewMonth: what was drawn before midnight is booked up to half
// an hour after it, at the tier of its own month.
func TestLiveTariffInANewMonth(t *testing.T) {
	june := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	l := liveOf(t, tieredYAML, used(may, 11), &bytes.Buffer{})
	l.refresh(t.Context(), june.Add(5*time.Minute))
	if got := priceAt(l, june.Add(-15*time.Minute)); got != "0.3" {
		t.Errorf("the last slot of May: %s, want 0.3", got)
	}
	if got := priceAt(l, june); got != "0.2" {
		t.Errorf("the first slot of June: %s, want 0.2", got)
	}
}

// TestLiveTariffIsAskedWhileItChanges is for the race detector.
func TestLiveTariffIsAskedWhileItChanges(t *testing.T) {
	l := liveOf(t, tieredYAML, used(may, 11), &bytes.Buffer{})
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for i := range 500 {
				if _, ok := l.At(may.Add(time.Duration(i) * store.SlotLength)); !ok {
					t.Error("a price is not known")
					return
				}
			}
		})
	}
	for i := range 20 {
		l.refresh(t.Context(), may.Add(time.Duration(i)*time.Hour))
	}
	asking.Wait()
}
