package exporter_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter"
)

// The histogram holds whole requests: one of which a tenth was measured has no known energy.
func TestHistogramLeavesOutHalfMeasured(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l.Record(attribution.Batch{At: end, Charges: []attribution.Charge{{
		Request:     attribution.Request{ID: "a", Server: "s", Model: "m", Start: end.Add(-100 * time.Second), End: end},
		EnergyKnown: true, Covered: 0.1, Decode: 50, // of some 500 J
	}}})
	r := prometheus.NewRegistry()
	r.MustRegister(exporter.NewCollector(l))
	fs, _ := r.Gather()
	for _, f := range fs {
		if f.GetName() == "sovmeter_request_joules" {
			t.Errorf("a request of 500 J is observed with %v J", f.Metric[0].Histogram.GetSampleSum())
		}
	}
}

func TestEmptyWebConfigDoesNotProtect(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yml")
	os.WriteFile(file, []byte("http_server_config:\n  http2: true\n"), 0o600)
	_, err := exporter.NewServer(exporter.ServerConfig{Address: "0.0.0.0:0", WebConfigFile: file}, exporter.NewLedger(exporter.Options{}))
	if err == nil {
		t.Error("open to the network without TLS or a password")
	}
}

func TestTokenCounterNeverFalls(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	r := prometheus.NewRegistry()
	r.MustRegister(exporter.NewCollector(l))
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for range 1025 {
		l.Record(attribution.Batch{At: end, Charges: []attribution.Charge{{Request: attribution.Request{Server: "s", Model: "m", End: end, Output: attribution.Known(1 << 53)}}}})
	}
	fs, _ := r.Gather()
	for _, f := range fs {
		if f.GetName() == "sovmeter_tokens_total" {
			if v := f.Metric[0].Counter.GetValue(); v < 0 {
				t.Errorf("tokens_total %v", v)
			}
		}
	}
}
