package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/exporter"
)

// namedLog is a log that tells nothing.
type namedLog string

func (l namedLog) Name() string { return string(l) }

func (namedLog) Poll(time.Time) (attribution.LogUpdate, error) { return attribution.LogUpdate{}, nil }

// Clocks are told by their server: the path of a log is nobody else's business.
func TestHealthNamesClocksByServer(t *testing.T) {
	s := collector.New(collector.Config{Logs: []collector.Log{
		{Source: namedLog("/Users/ann/b.log"), Server: "llama"}, {Source: namedLog("/Users/ann/a.log"), Server: "mlx"},
	}}, attribution.Resume{}, nil).Status()
	s.ClockOffsets["/Users/ann/b.log"] = collector.ClockOffset{By: 2 * time.Second, StdErr: time.Millisecond, Known: true, Applied: time.Second}
	want := []exporter.LogClock{
		{Server: "mlx"}, {Server: "llama", Offset: 2 * time.Second, StdErr: time.Millisecond, Known: true, Applied: time.Second},
	}
	if d := cmp.Diff(want, health(s, powermetrics.Stats{}).Clocks); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestCorrectedClocksAreTold(t *testing.T) {
	var out bytes.Buffer
	printClocks(&out, collector.Status{ClockOffsets: map[string]collector.ClockOffset{
		"c": {By: time.Hour, Known: true}, "b": {Applied: -1300 * time.Millisecond}, "a": {Applied: 2 * time.Second},
	}})
	want := "sovmeter: log a: its clock is 2s ahead of the power samples at the end; its times are corrected\n" +
		"sovmeter: log b: its clock is 1.3s behind the power samples at the end; its times are corrected\n"
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
