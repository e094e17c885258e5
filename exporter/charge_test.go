package exporter_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter"
)

// charge is a request of the model "tiny" that took 36 J for 90 fresh tokens
// and 72 J for 20 output tokens.
func charge(id int, end time.Time) attribution.Charge {
	return attribution.Charge{
		Request: attribution.Request{
			ID: fmt.Sprintf("main-%d", id), Server: "main", Model: "tiny",
			Start: end.Add(-10 * time.Second), End: end, Outcome: attribution.OutcomeOK,
			Input: attribution.Known(90), Cached: attribution.Known(10), Output: attribution.Known(20),
		},
		Prefill: 36, Decode: 72, EnergyKnown: true, Covered: 1, Tier: attribution.TierMeasured,
	}
}

func closedAt(t time.Time, charges ...attribution.Charge) attribution.Batch {
	return attribution.Batch{At: t, Charges: charges, State: attribution.State{Closed: t}}
}

func perToken(t *testing.T, l *exporter.Ledger) map[string]float64 {
	t.Helper()
	return series(scrape(t, l)["sovmeter_marginal_cost_per_token"])
}

func TestMarginalCostPerToken(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{Tariff: flat(t, 0.36)}) // 1e-7 a joule
	unknown := charge(3, noon.Add(4*time.Minute))
	unknown.Request.Input, unknown.Request.Output, unknown.Request.Outcome = attribution.Count{}, attribution.Count{}, attribution.OutcomeCancelled
	late := charge(4, noon.Add(5*time.Minute))
	late.Late, late.EnergyKnown, late.Prefill, late.Decode = true, false, 0, 0
	half := charge(5, noon.Add(6*time.Minute))
	half.Covered, half.Decode = 0.5, 36
	l.Record(closedAt(noon.Add(7*time.Minute), charge(1, noon.Add(time.Minute)), charge(2, noon), unknown, late, half))
	if got := perToken(t, l); len(got) != 0 {
		t.Fatalf("a slot that is not closed shows %v", got)
	}

	l.Record(closedAt(noon.Add(15 * time.Minute)))
	want := map[string]float64{"EUR,tiny,prefill,main": 0.4e-7, "EUR,tiny,decode,main": 3.6e-7}
	check := func(when string) {
		t.Helper()
		got := perToken(t, l)
		for labels, v := range want {
			if math.Abs(got[labels]-v) > 1e-15 {
				t.Errorf("%s: %s is %v, want %v", when, labels, got[labels], v)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: got %v", when, got)
		}
	}
	check("slot closed")

	next := charge(6, noon.Add(20*time.Minute))
	next.Request.Output, next.Prefill = attribution.Known(0), 72
	l.Record(closedAt(noon.Add(21*time.Minute), next))
	check("next slot open")

	l.Record(closedAt(noon.Add(2 * time.Hour)))
	want = map[string]float64{"EUR,tiny,prefill,main": 0.8e-7}
	check("a slot without output tokens")

	l.Record(closedAt(noon.Add(3*time.Hour), charge(7, noon)))
	l.Record(closedAt(noon.Add(4 * time.Hour)))
	check("a request of a slot long closed")
}

func TestTokensRequestsAndOutcomes(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	cancelled := charge(2, noon)
	cancelled.Request.Outcome = attribution.OutcomeCancelled
	cancelled.Request.Input, cancelled.Request.Cached, cancelled.Request.Output = attribution.Count{}, attribution.Count{}, attribution.Count{}
	unmetered := charge(3, noon)
	unmetered.EnergyKnown = false
	late := charge(4, noon)
	late.EnergyKnown, late.Late = false, true
	silent := charge(5, noon)
	silent.Request.Model = "silent"
	silent.Request.Input, silent.Request.Cached, silent.Request.Output = attribution.Count{}, attribution.Known(0), attribution.Count{}
	nameless := charge(6, noon)
	nameless.Request.Model, nameless.Request.Outcome = "", attribution.OutcomeError
	l.Record(closedAt(noon, charge(1, noon), cancelled, unmetered, late, silent, nameless))

	f := scrape(t, l)
	for name, want := range map[string]map[string]float64{
		"sovmeter_tokens_total": {
			"input,tiny,main": 270, "cached_input,tiny,main": 30, "output,tiny,main": 60,
			"cached_input,silent,main": 0, // known to be none; the others are absent
			"input,unknown,main":       90, "cached_input,unknown,main": 10, "output,unknown,main": 20,
		},
		"sovmeter_requests_total": {
			"tiny,ok,main": 3, "tiny,cancelled,main": 1, "tiny,error,main": 0,
			"silent,ok,main": 1, "silent,cancelled,main": 0, "silent,error,main": 0,
			"unknown,ok,main": 0, "unknown,cancelled,main": 0, "unknown,error,main": 1,
		},
		"sovmeter_request_joules":           {"tiny": 2, "silent": 1, "unknown": 1},
		"sovmeter_late_requests_total":      {"": 1},
		"sovmeter_unmetered_requests_total": {"": 1},
	} {
		if diff := cmp.Diff(want, series(f[name])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A process names 50 models and keeps them; what comes later is "other".
func TestModelsAreBounded(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{Tariff: flat(t, 0.36)})
	for round := range 2 {
		for i := range 200 {
			c := charge(i, noon)
			c.Request.Model = fmt.Sprintf("m%03d", i)
			l.Record(closedAt(noon, c))
		}
		got := series(scrape(t, l)["sovmeter_requests_total"])
		if len(got) != 51*3 {
			t.Fatalf("%d series, want 153", len(got))
		}
		n := float64(round + 1)
		if seen := series(scrape(t, l)["sovmeter_request_joules"]); len(seen) != 51 || seen["m000"] != n || seen["other"] != 150*n {
			t.Errorf("round %d: %d histograms, first %v, other %v", round, len(seen), seen["m000"], seen["other"])
		}
		if got["m000,ok,main"] != n || got["m049,ok,main"] != n || got["other,ok,main"] != 150*n {
			t.Errorf("round %d: first %v, 50th %v, other %v", round, got["m000,ok,main"], got["m049,ok,main"], got["other,ok,main"])
		}
	}
}

// No name in a log can break a scrape.
func TestStrangeNames(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{Tariff: flat(t, 0.36)})
	for i, model := range []string{"a\xff\xfeb", "line\nbreak", `quote"`, strings.Repeat("€", 1000), "\x00"} {
		c := charge(i, noon)
		c.Request.Model = model
		c.Request.ID = strings.Repeat(model, 119)
		l.Record(closedAt(noon.Add(time.Hour), c))
	}
	f := scrape(t, l)["sovmeter_request_joules"]
	for _, m := range f.GetMetric() {
		for _, b := range m.GetHistogram().GetBucket() {
			if b.GetExemplar() != nil {
				t.Errorf("exemplar %v", b.GetExemplar())
			}
		}
	}
	got := series(f)
	want := map[string]float64{"a\uFFFDb": 1, "line\nbreak": 1, `quote"`: 1, strings.Repeat("€", 42): 1, "\x00": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
