package exporter_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/exporter"
)

// Meters are a bounded number of labels, and what is not known of one is absent.
func TestMeterMetrics(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	h := fullHealth()
	h.Meters = append(h.Meters, exporter.MeterHealth{Name: "desk", Up: false})
	for i := range 40 {
		h.Meters = append(h.Meters, exporter.MeterHealth{Name: fmt.Sprintf("meter-%d", i), Up: true})
	}
	l.SetHealth(h)
	h.Meters[0].Readings["ok"] = 1 // what was published does not change
	f := scrape(t, l)
	if got := series(f["sovmeter_meter_up"]); len(got) != 16 || got["desk"] != 1 || got["old"] != 0 || got["meter-12"] != 1 {
		t.Errorf("up: %v", got)
	}
	for name, want := range map[string]map[string]float64{
		"sovmeter_meter_watts":          {"desk": 41.5}, // the other's is five minutes old
		"sovmeter_meter_lag_seconds":    {"desk": 1.4},
		"sovmeter_meter_readings_total": {"desk,ok": 880, "desk,stale": 3, "old,error": 9},
		"sovmeter_calibration_slope":    {"cpu": 1.2, "gpu": 1.4, "ane": 1.3},
	} {
		if diff := cmp.Diff(want, series(f[name]), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	h.Calibration.DriftKnown = false
	l.SetHealth(h)
	if f := scrape(t, l); f["sovmeter_calibration_drift_ratio"] != nil || f["sovmeter_calibration_base_watts"] == nil {
		t.Error("an unknown drift is there, or the line is not")
	}
}

// A meter that is away makes nobody unhealthy: the metering goes on, less trusted.
func TestHealthNamesMetersThatAreAway(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	h := fullHealth()
	h.LastSample, h.LastCommit = noon, noon
	l.SetHealth(h)
	res, body := do(t, "GET", start(t, exporter.ServerConfig{Now: func() time.Time { return noon }}, l)+"/healthz", nil)
	for _, want := range []string{
		`"meters":[{"name":"desk","kind":"shelly","scope":"wall","up":true,"reading_age_seconds":0},`,
		`{"name":"old","kind":"tasmota","scope":"wall","up":false,"reading_age_seconds":300,"error":"connection refused"},`,
		`{"name":"new","kind":"mqtt","scope":"wall","up":false,"reading_age_seconds":null}]`,
		`"warnings":["the meter old has been away for 5m0s: connection refused","the meter new has not answered yet"]`,
		`"status":"ok","reasons":[]`,
	} {
		if res.StatusCode != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("got %d %s, want %s in it", res.StatusCode, body, want)
		}
	}
}
