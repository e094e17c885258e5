package report_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// remoteReport is of an hour with the given calls answered elsewhere.
func remoteReport(t *testing.T, remote ...store.RemoteSlot) report.Report {
	t.Helper()
	p, in, now := oneHour(t)
	in.Remote = remote
	r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// remoteBlock is what the table says of them, on one line.
func remoteBlock(t *testing.T, r report.Report) string {
	t.Helper()
	for _, block := range strings.Split(tableText(t, r, report.Options{Width: 100}), "\n\n") {
		if strings.HasPrefix(block, "Answered elsewhere") {
			return strings.Join(strings.Fields(block), " ")
		}
	}
	return ""
}

func TestRemoteBlock(t *testing.T) {
	const end = ". They took no energy here that could be booked to them."
	known := store.RemoteSlot{Server: "gw", Provider: "openai", Model: "gpt-5", OK: 1, Input: 70, Cached: 30, Output: 9, UnknownCacheWrite: 1, Spend: 1_500_000}
	unknown := store.RemoteSlot{Server: "gw", Failed: 2, UnknownInput: 2, UnknownCached: 2, UnknownCacheWrite: 2, UnknownOutput: 2, UnknownSpend: 2}
	other := known
	other.Server = "gw2"
	for name, tt := range map[string]struct {
		slots []store.RemoteSlot
		want  string
	}{
		"none": {nil, ""},
		"one": {[]store.RemoteSlot{known},
			"Answered elsewhere by gpt-5 of openai: 1 call, 100 tokens in (30 from a cache), 9 out; 0.00150 USD as the gateway reckons" + end},
		"two slots of one": {[]store.RemoteSlot{known, known},
			"Answered elsewhere by gpt-5 of openai: 2 calls, 200 tokens in (60 from a cache), 18 out; 0.00300 USD as the gateway reckons" + end},
		"nothing known": {[]store.RemoteSlot{unknown},
			"Answered elsewhere by (model not logged): 2 calls (0 cancelled, 2 failed), ? tokens in, ? out; cost unknown" + end},
		"both": {[]store.RemoteSlot{unknown, known},
			"Answered elsewhere: 3 calls (0 cancelled, 2 failed), 100+ tokens in (30+ from a cache), 9+ out; 0.00150 USD as the gateway reckons, without 2 calls of unknown cost" + end +
				" gpt-5 of openai: 1 call, 100 tokens in (30 from a cache), 9 out; 0.00150 USD (model not logged): 2 calls (0 cancelled, 2 failed), ? tokens in, ? out; cost unknown"},
		"two gateways": {[]store.RemoteSlot{other, known},
			"Answered elsewhere: 2 calls, 200 tokens in (60 from a cache), 18 out; 0.00300 USD as the gateway reckons" + end +
				" gpt-5 of openai through gw: 1 call, 100 tokens in (30 from a cache), 9 out; 0.00150 USD" +
				" gpt-5 of openai through gw2: 1 call, 100 tokens in (30 from a cache), 9 out; 0.00150 USD"},
	} {
		if d := cmp.Diff(tt.want, remoteBlock(t, remoteReport(t, tt.slots...))); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestRemoteIsApart: what was answered elsewhere changes no figure of what ran
// here, but for the split between the two.
func TestRemoteIsApart(t *testing.T) {
	plain, with := remoteReport(t), remoteReport(t, store.RemoteSlot{Server: "s", Model: "m", OK: 5, Input: 1e6, Output: 1e6, Spend: 1e12})
	with.Remote, with.Split = nil, nil
	if d := cmp.Diff(writeJSON(t, plain), writeJSON(t, with)); d != "" {
		t.Errorf("(-without +with):\n%s", d)
	}
}

func TestRemoteAlone(t *testing.T) {
	out := tableText(t, variants(t)["all elsewhere"], report.Options{})
	for _, want := range []string{"Answered elsewhere by (model not logged): 1 call", "No request was in flight", "Energy measured"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
}

func TestManyRemoteModels(t *testing.T) {
	var slots []store.RemoteSlot
	for i := range 30 {
		most := store.RemoteSlot{Server: "gw", Model: fmt.Sprint("m", i), OK: 1, Input: math.MaxInt64, Cached: math.MaxInt64, Output: math.MaxInt64, Spend: math.MaxInt64}
		slots = append(slots, most, store.RemoteSlot{Server: "gw", Model: most.Model, Input: 1, Output: 1, Spend: 1})
	}
	out := remoteBlock(t, remoteReport(t, slots...))
	if !strings.Contains(out, "30 calls") || !strings.HasSuffix(out, " and 22 more") || strings.Count(out, "1 call") != 8 || strings.Contains(out, "-") {
		t.Errorf("got %s", out)
	}
}

// A program that reads the JSON must see which sums are of some calls only.
func TestRemoteJSONAtLeast(t *testing.T) {
	slots := []store.RemoteSlot{
		{Server: "gw", Model: "m", OK: 3, Input: 100, UnknownInput: 2, UnknownCached: 3, Output: 9, UnknownCacheWrite: 1, Spend: 5, UnknownSpend: 1},
	}
	row := parse(t, writeJSON(t, remoteReport(t, slots...))).(map[string]any)["remote"].([]any)[0].(map[string]any)
	want := []any{"input_tokens", "cache_write_input_tokens"}
	if d := cmp.Diff(want, row["at_least"]); d != "" || row["input_tokens"] != 100.0 || row["cached_input_tokens"] != nil {
		t.Errorf("%v (-want +got):\n%s", row, d)
	}
}

// What logs forge makes no sum of a model negative.
func TestForgedSums(t *testing.T) {
	p, in, now := oneHour(t)
	forged := in.Models[0]
	forged.Prefill, forged.Decode = 0, 0
	forged.Input, forged.Cached, forged.Output, forged.DecodedTokens, forged.MeteredOutput = math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64
	forged.DecodeTime = math.MaxInt64
	other := forged
	other.Model = "other"
	in.Models = append(in.Models, forged, forged, other)
	r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Models {
		if min(m.Input.N, m.Cached.N, m.Output.N, m.DecodedTokens, m.PerToken.N, int64(m.DecodeTime)) < 0 {
			t.Errorf("negative: %+v", m)
		}
	}
	if out := tableText(t, r, report.Options{Width: 200}); strings.Contains(out, " -") {
		t.Errorf("a sum fell:\n%s", out)
	}
}

func TestEstimatedTokensAreNamed(t *testing.T) {
	p, in, now := oneHour(t)
	in.Models[0].EstimatedTokens = 1
	r, err := report.Build(report.Inputs{Period: p, Range: in, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	out := strings.Join(strings.Fields(tableText(t, r, report.Options{})), " ")
	if !strings.Contains(out, "Token counts of 1 request are estimates: the server told none, they were counted from what passed by.") {
		t.Errorf("got %s", out)
	}
	if got := parse(t, writeJSON(t, r)).(map[string]any)["models"].([]any)[0].(map[string]any)["estimated_token_requests"]; got != 1.0 {
		t.Errorf("JSON says %v", got)
	}
}
