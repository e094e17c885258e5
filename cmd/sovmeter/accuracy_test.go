package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/sovmeter/sovmeter/collector/sim"
)

// TestReadmeShowsTheRealAccuracy keeps the README's table true, and what is
// claimed of the meter's accuracy with it.
func TestReadmeShowsTheRealAccuracy(t *testing.T) {
	if testing.Short() {
		t.Skip("meters simulated machines for long")
	}
	a := accuracySuite{env: env{stdout: io.Discard, stderr: io.Discard}, seed: 1}
	chosen, err := a.scenarios()
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := a.judgeAll(t.Context(), chosen)
	if err != nil {
		t.Fatal(err)
	}
	if len(verdicts) < 12 {
		t.Errorf("%d scenarios, want 12 or more", len(verdicts))
	}
	var within, requests float64
	for _, v := range verdicts {
		checkVerdict(t, v)
		within += v.Covered * float64(v.Found-v.Unbooked)
		requests += float64(v.Found - v.Unbooked)
	}
	if c := within / requests; c < 0.92 || c > 0.98 {
		t.Errorf("%v of all requests are within their band, want 0.92 to 0.98", c)
	}
	var out bytes.Buffer
	if err := writeVerdicts(&out, verdicts, 0); err != nil {
		t.Fatal(err)
	}
	holdReadme(t, "accuracy", out.String())

	out.Reset()
	if err := writeVerdicts(&out, verdicts, 80); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if n := text.LongestLineLen(strings.Join(lines[:len(verdicts)+3], "\n")); n > 80 {
		t.Errorf("the table is %d wide at 80 columns", n)
	}
	if !strings.Contains(out.String(), "Not shown at this width: ≥ 5 s") {
		t.Errorf("what is left out at 80 columns is not said:\n%s", out.String())
	}
}

// checkVerdict holds a scenario to what it is there to show.
func checkVerdict(t *testing.T, v verdict) {
	t.Helper()
	atMost := func(what string, got, limit float64) {
		if !(math.Abs(got) <= limit) {
			t.Errorf("%s: %s %v, want at most %v", v.Scenario, what, got, limit)
		}
	}
	atMost("windows whose parts do not sum to them: off by", v.Apart, 1e-9)
	atMost("parts below 0:", float64(v.Negative), 0)
	if v.Covered < 0.8 {
		t.Errorf("%s: %v of the requests are within their band, want 0.8 or more", v.Scenario, v.Covered)
	}
	switch v.Claim {
	case sim.ClaimAlone:
		atMost("median error of long requests", float64(v.Long.Median), 0.01)
		atMost("95 of 100 long requests", float64(v.Long.P95), 0.03)
		atMost("error of the day", float64(v.Day), 0.005)
	case sim.ClaimOverlapping:
		atMost("median error", float64(v.Request.Median), 0.03)
		atMost("95 of 100 requests", float64(v.Request.P95), 0.10)
	case sim.ClaimModels:
		atMost("median error", float64(v.Request.Median), 0.05)
	case sim.ClaimOthers:
		atMost("error of the day", float64(v.Day), 0.03)
	}
	atMost("learned energy of a prompt token: off by", float64(v.Prefill), 0.05)
	atMost("learned energy of a decoded token: off by", float64(v.Decode), 0.05)
}

// TestClaimsHoldForOtherSeeds: what is claimed does not rest on one seed.
func TestClaimsHoldForOtherSeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("meters simulated machines for long")
	}
	for _, seed := range []uint64{2, 4, 5} {
		a := accuracySuite{env: env{stdout: io.Discard, stderr: io.Discard}, seed: seed}
		all, err := a.scenarios()
		if err != nil {
			t.Fatal(err)
		}
		verdicts, err := a.judgeAll(t.Context(), slices.DeleteFunc(all, func(n sim.Named) bool { return n.Claim == "" }))
		if err != nil {
			t.Fatal(err)
		}
		if len(verdicts) != 4 {
			t.Errorf("%d scenarios with a claim, want 4", len(verdicts))
		}
		for _, v := range verdicts {
			checkVerdict(t, v)
		}
	}
}

// TestAccuracyOfOneScenario: the same seed gives the same, another seed not, and
// JSON says the same as the table.
func TestAccuracyOfOneScenario(t *testing.T) {
	if testing.Short() {
		t.Skip("meters simulated machines for long")
	}
	accuracy := func(args ...string) string {
		var out, errs bytes.Buffer
		if code := run(context.Background(), append([]string{"accuracy", "--scenario", "alone-5s"}, args...), &out, &errs); code != 0 {
			t.Fatalf("code %d: %s", code, errs.String())
		}
		return out.String()
	}
	first := accuracy("--json")
	if again := accuracy("--json"); again != first {
		t.Errorf("the same seed gives:\n%s\nand then:\n%s", first, again)
	}
	if other := accuracy("--json", "--seed", "2"); other == first {
		t.Error("another seed gives the same")
	}
	var got struct {
		Schema    string
		Scenarios []struct {
			Scenario string
			Requests int
			Day      float64 `json:"day_error"`
		}
	}
	if err := json.Unmarshal([]byte(first), &got); err != nil || got.Schema != "sovmeter.accuracy/v1" || len(got.Scenarios) != 1 {
		t.Fatalf("%v: %s", err, first)
	}
	if s := got.Scenarios[0]; s.Scenario != "alone-5s" || s.Requests < 200 || !strings.Contains(accuracy(), signed(s.Day)) {
		t.Errorf("%+v is not in the table:\n%s", s, accuracy())
	}
}
