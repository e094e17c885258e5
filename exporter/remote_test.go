package exporter_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter"
)

// remoteCall cost a cent and a half.
func remoteCall(model string) attribution.RemoteCall {
	return attribution.RemoteCall{
		ID: "gw/1", Server: "gw", Provider: "openai", Model: model, Start: noon, End: noon, Outcome: attribution.OutcomeOK,
		Input: attribution.Known(100), Cached: attribution.Known(40), CacheWrite: attribution.Known(7), Output: attribution.Known(20),
		Spend: 15_000_000, SpendKnown: true,
	}
}

func TestRemoteCalls(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	unknown := attribution.RemoteCall{ID: "gw/2", Server: "gw", Outcome: attribution.OutcomeError}
	cancelled := remoteCall("gpt-5")
	cancelled.Outcome, cancelled.SpendKnown, cancelled.Output = attribution.OutcomeCancelled, false, attribution.Count{}
	l.Record(attribution.Batch{Remote: []attribution.RemoteCall{remoteCall("gpt-5"), unknown}})
	l.Record(attribution.Batch{Remote: []attribution.RemoteCall{remoteCall("gpt-5"), cancelled}})
	f := scrape(t, l)
	for name, want := range map[string]map[string]float64{
		"sovmeter_remote_calls_total": {
			"gpt-5,ok,openai,gw": 2, "gpt-5,cancelled,openai,gw": 1, "gpt-5,error,openai,gw": 0,
			"unknown,ok,unknown,gw": 0, "unknown,cancelled,unknown,gw": 0, "unknown,error,unknown,gw": 1,
		},
		"sovmeter_remote_tokens_total": {
			"input,gpt-5,openai,gw": 300, "cached_input,gpt-5,openai,gw": 120, "cache_write_input,gpt-5,openai,gw": 21, "output,gpt-5,openai,gw": 40,
		},
		"sovmeter_remote_cost_total":           {"USD,gpt-5,openai,gw": 0.03},
		"sovmeter_remote_unpriced_calls_total": {"gpt-5,openai,gw": 1, "unknown,unknown,gw": 1},
	} {
		if diff := cmp.Diff(want, series(f[name])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if f["sovmeter_requests_total"] != nil || total(f["sovmeter_joules_total"]) != 0 {
		t.Error("a call served elsewhere shows among the requests of this machine")
	}
}

// A client that makes up models and providers makes no more than a bounded
// number of series.
func TestRemoteSeriesAreBounded(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	const calls = 1000
	for i := range calls {
		c := remoteCall(fmt.Sprint("model-", i))
		c.Provider = fmt.Sprint("provider-", i%70)
		l.Record(attribution.Batch{Remote: []attribution.RemoteCall{c}})
	}
	f := scrape(t, l)
	if n := len(f["sovmeter_remote_cost_total"].GetMetric()); n > 50+51 {
		t.Errorf("%d series", n)
	}
	if n := total(f["sovmeter_remote_calls_total"]); n != calls {
		t.Errorf("%v calls, want %d", n, calls)
	}
	found := series(f["sovmeter_remote_cost_total"])
	if found["USD,other,provider-1,gw"] == 0 || found["USD,other,other,gw"] == 0 || found["USD,model-1,provider-1,gw"] == 0 {
		t.Errorf("no other among %v", found)
	}
}

// A forged spend must not make a counter fall.
func TestRemoteCostNeverFalls(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	last := 0.0
	for _, spend := range []attribution.NanoUSD{1, math.MaxInt64, math.MaxInt64, -5, 1} {
		c := remoteCall("m")
		c.Spend = spend
		l.Record(attribution.Batch{Remote: []attribution.RemoteCall{c}})
		now := total(scrape(t, l)["sovmeter_remote_cost_total"])
		if now < last {
			t.Errorf("from %v to %v", last, now)
		}
		last = now
	}
}

// Requests with a count that nobody told, and with one that the server did not.
func TestTokenQuality(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	whole, part, counted := charge(1, noon), charge(2, noon), charge(3, noon)
	part.Request.Cached = attribution.Count{}
	counted.Request.TokensEstimated = true
	l.Record(attribution.Batch{Charges: []attribution.Charge{whole, part, counted}})
	f := scrape(t, l)
	for _, name := range []string{"sovmeter_unknown_token_requests_total", "sovmeter_estimated_token_requests_total"} {
		if n := total(f[name]); n != 1 {
			t.Errorf("%s is %v, want 1 of three", name, n)
		}
	}
	if !strings.Contains(fmt.Sprint(series(f["sovmeter_tokens_total"])), "output") {
		t.Error("counted tokens are not in the sums")
	}
}
