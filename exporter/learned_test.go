package exporter_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter"
)

func record(models ...attribution.Learned) attribution.Batch {
	return attribution.Batch{At: noon, State: attribution.State{Learned: models}}
}

// What a store remembers of models shows before they are used again, and goes
// when the engine forgets it.
func TestLearnedIsOfTheLastCommit(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	few := learned("main", "new", noon)
	few.Energy.Rows = 29
	l.Record(record(learned("main", "old", noon.Add(-time.Hour)), few, learned("main", "", noon)))
	want := map[string]float64{"old,prefill,main": 0.01, "old,decode,main": 0.4, "unknown,prefill,main": 0.01, "unknown,decode,main": 0.4}
	if d := cmp.Diff(want, series(scrape(t, l)["sovmeter_token_joules"])); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	at := series(scrape(t, l)["sovmeter_learned_timestamp_seconds"])
	if at["unknown,main"]-at["old,main"] != 3600 {
		t.Errorf("learned at %v, want an hour between", at)
	}
	l.Record(record())
	for name := range scrape(t, l) {
		if strings.HasPrefix(name, "sovmeter_token_") || strings.HasPrefix(name, "sovmeter_learned") {
			t.Errorf("%s stays though nothing is learned", name)
		}
	}
}

// Models that this process named come first, then those used last. None of it
// takes a name away from a model that is at work.
func TestLearnedModelsAreBounded(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	b := record()
	for i := range 64 {
		b.State.Learned = append(b.State.Learned, learned("main", fmt.Sprintf("model-%02d", i), noon.Add(time.Duration(i)*time.Second)))
	}
	long := strings.Repeat("x", 200)
	b.State.Learned = append(b.State.Learned, learned("main", long+"a", noon.Add(time.Hour)), learned("main", long+"b", noon.Add(time.Hour)))
	at := func(model string) attribution.Charge {
		c := charge(1, noon)
		c.Request.Model = model
		return c
	}
	b.Charges = []attribution.Charge{at("model-00"), at("not learned")}
	l.Record(b)
	got := series(scrape(t, l)["sovmeter_learned_rows"])
	if len(got) != 49 { // 50 names, one of which nothing is learned of
		t.Errorf("%d models, want 49", len(got))
	}
	for model, want := range map[string]bool{"model-00": true, "model-63": true, "model-01": false, "other": false, long[:128]: true} {
		if _, there := got[model+",main"]; there != want {
			t.Errorf("%.20s is there: %v, want %v", model, there, want)
		}
	}
	b.Charges = nil
	for i := range 60 {
		b.Charges = append(b.Charges, at(fmt.Sprintf("model-%02d", i)))
	}
	l.Record(b)
	requests := series(scrape(t, l)["sovmeter_requests_total"])
	if _, named := requests["model-48,ok,main"]; !named || requests["other,ok,main"] != 11 {
		t.Errorf("names are taken by models that are not at work: %v", requests)
	}
	if got := series(scrape(t, l)["sovmeter_learned_rows"]); len(got) != 49 {
		t.Errorf("%d models, want 49", len(got))
	}
}

// The error of a model over some time is the sum over its shares.
func TestInferenceErrorAddsUp(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	for range 3 {
		l.Record(attribution.Batch{At: noon, Bookings: []attribution.Booking{{
			Window: attribution.Window{Start: noon, End: noon.Add(time.Second)},
			Shares: []attribution.Share{{Server: "s", Model: "m", Decode: 5, Error: 0.25, Sharing: 9, Noise: 9}, {Server: "s", Model: "m", Decode: 5, Error: 0.5}},
		}}})
	}
	if d := cmp.Diff(map[string]float64{"m,s": 2.25}, series(scrape(t, l)["sovmeter_inference_error_joules_total"])); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestBaselineHasItsAge(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	at := func(s attribution.State) map[string]float64 {
		l.Record(attribution.Batch{At: noon, State: s})
		return series(scrape(t, l)["sovmeter_baseline_timestamp_seconds"])
	}
	minutes := []attribution.QuietMinute{{Start: noon.Add(-time.Hour)}, {Start: noon}}
	step := attribution.QuietMinute{Start: noon.Add(10 * time.Second), Length: time.Second}
	unix := float64(noon.Unix())
	for _, tt := range []struct {
		name  string
		state attribution.State
		want  map[string]float64
	}{
		{"never quiet", attribution.State{Step: attribution.QuietMinute{Start: noon}}, map[string]float64{}},
		{"minutes", attribution.State{Quiet: minutes}, map[string]float64{"": unix}},
		{"in this step", attribution.State{Quiet: minutes, Step: step}, map[string]float64{"": unix + 10}},
	} {
		if d := cmp.Diff(tt.want, at(tt.state)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestLogClocks(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	h := fullHealth()
	h.Clocks = append(h.Clocks, exporter.LogClock{Server: "main", Applied: time.Hour}) // a second log must not break the scrape
	l.SetHealth(h)
	f := scrape(t, l)
	for name, want := range map[string]map[string]float64{
		"sovmeter_log_clock_offset_seconds":       {"main": -1.25},
		"sovmeter_log_clock_offset_error_seconds": {"main": 0.02},
		"sovmeter_log_clock_applied_seconds":      {"main": -1.3, "new": 0},
	} {
		if d := cmp.Diff(want, series(f[name])); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
