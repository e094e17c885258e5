package sim_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// roughLog is rough with another log.
func roughLog(seed uint64, log sim.Log) sim.Scenario {
	s := rough(seed)
	s.Servers[0].Log = log
	return s
}

// decoded are the requests of a log of JSONLines, read as sovmeter does.
func decoded(t *testing.T, text string) map[string]attribution.Request {
	t.Helper()
	out := map[string]attribution.Request{}
	for line := range strings.Lines(text) {
		rec, err := jsonl.Decode([]byte(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, twice := out[rec.Request.ID]; twice {
			t.Errorf("request %s has two lines", rec.Request.ID)
		}
		out[rec.Request.ID] = rec.Request
	}
	return out
}

// told is what a log of JSONLines with a true clock says of a request.
func told(q sim.Truth) attribution.Request {
	return attribution.Request{
		ID: fmt.Sprintf("%s/%d/%d", q.Server, q.Run, q.Task), Server: q.Server, Model: q.Model,
		Start: q.Start, FirstToken: q.FirstToken, End: q.End, Outcome: q.Outcome,
		Input: attribution.Known(q.Input), Cached: attribution.Known(q.Cached), Output: attribution.Known(q.Output),
		Context: attribution.Known(q.Input + q.Cached + q.Output),
	}
}

func TestJSONLinesTellTheTruth(t *testing.T) {
	r := run(t, roughLog(3, sim.Log{Style: sim.JSONLines}))
	got, want := decoded(t, r.log.String()), map[string]attribution.Request{}
	for _, q := range r.truth {
		want[told(q).ID] = told(q)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := outcomes(r.truth); n[attribution.OutcomeError] == 0 || n[attribution.OutcomeCancelled] == 0 {
		t.Errorf("outcomes %v, want all kinds", n)
	}
}

// TestTheLogChangesNothingElse: whatever the log is like, the machine draws the
// same at the same times.
func TestTheLogChangesNothingElse(t *testing.T) {
	plainLog := run(t, rough(3))
	for name, log := range map[string]sim.Log{
		"json lines": {Style: sim.JSONLines},
		"late":       {Delay: sim.Dist{Median: 2, Spread: 1, Max: 20}},
		"wrong":      {Offset: 800 * time.Millisecond, Drift: 1e-3, Drop: 0.3},
	} {
		r := run(t, roughLog(3, log))
		n := min(r.power.Len(), plainLog.power.Len())
		if string(r.power.Bytes()[:n]) != string(plainLog.power.Bytes()[:n]) {
			t.Errorf("%s: other documents", name)
		}
		if diff := cmp.Diff(plainLog.truth, r.truth); diff != "" {
			t.Errorf("%s: another truth (-want +got):\n%s", name, diff)
		}
	}
}

func TestClockOfJSONLines(t *testing.T) {
	s := roughLog(3, sim.Log{Style: sim.JSONLines, Offset: 800 * time.Millisecond, Drift: 2e-4})
	r := run(t, s)
	shown := func(at time.Time) time.Time {
		if at.IsZero() {
			return at
		}
		return at.Add(800*time.Millisecond + time.Duration(2e-4*float64(at.Sub(s.Start))))
	}
	got := decoded(t, r.log.String())
	var last time.Duration
	for _, q := range r.truth {
		want := told(q)
		want.Start, want.FirstToken, want.End = shown(want.Start), shown(want.FirstToken), shown(want.End)
		if diff := cmp.Diff(want, got[want.ID]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		last = want.End.Sub(q.End)
	}
	if last < 1800*time.Millisecond {
		t.Errorf("at the end the clock is %v ahead, want 0.8 s and 0.2 ms for each of 5,400 s", last)
	}
}

func TestClockOfLlamaServer(t *testing.T) {
	log := sim.Log{Offset: -300 * time.Millisecond, Drift: 1e-3}
	r := run(t, roughLog(3, log))
	runs, starts := readLog(t, r.log.String()), r.mac.Runs("llama")
	checked := 0
	for _, q := range r.truth {
		if q.Outcome != attribution.OutcomeOK {
			continue
		}
		checked++
		since := func(at time.Time) time.Duration {
			d := at.Sub(starts[q.Run].Start)
			return d + time.Duration(1e-3*float64(d)) - 300*time.Millisecond
		}
		l := runs[q.Run][q.Task]
		if (l.launch-since(q.Start)).Abs() > 2*time.Microsecond || (l.release-since(q.End)).Abs() > 2*time.Microsecond {
			t.Errorf("task %d: stamped %v to %v, want %v to %v", q.Task, l.launch, l.release, since(q.Start), since(q.End))
		}
		if want := 1.001 * float64(q.FirstToken.Sub(q.Start)) / 1e6; math.Abs(l.promptMS-want) > 0.01 {
			t.Errorf("task %d: the prompt took %v ms, want %v", q.Task, l.promptMS, want)
		}
	}
	if checked < 50 {
		t.Errorf("only %d requests", checked)
	}
}

func TestWholeSeconds(t *testing.T) {
	r := run(t, roughLog(3, sim.Log{Style: sim.JSONLines, WholeSeconds: true}))
	got := decoded(t, r.log.String())
	for _, q := range r.truth {
		want := told(q)
		want.Start, want.End = want.Start.Truncate(time.Second), want.End.Truncate(time.Second)
		if !want.FirstToken.IsZero() {
			want.FirstToken = want.FirstToken.Truncate(time.Second)
		}
		want.Uncertainty = time.Second
		if diff := cmp.Diff(want, got[want.ID]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestLateLines(t *testing.T) {
	delay := sim.Dist{Median: 3, Spread: 1, Min: 0.5, Max: 30}
	for _, style := range []sim.LogStyle{sim.LlamaServer, sim.JSONLines} {
		onTime := run(t, roughLog(3, sim.Log{Style: style}))
		s := roughLog(3, sim.Log{Style: style, Delay: delay})
		late := run(t, s)
		want := slices.Collect(strings.Lines(onTime.log.String()))
		got := slices.Collect(strings.Lines(late.log.String()))
		if style == sim.LlamaServer && !slices.Equal(got, want) {
			t.Error("late lines of one process are not the same lines in the same order")
		}
		inOrder := slices.Equal(got, want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("style %d: other lines: %d of them, want %d", style, len(got), len(want))
		}
		if style == sim.JSONLines && inOrder {
			t.Error("no line overtook another")
		}
		asleep := s.Start.Add(50 * time.Minute)
		var behind time.Duration
		for i, at := range late.lines {
			if at.After(asleep) && at.Before(asleep.Add(3*time.Minute)) {
				t.Errorf("style %d: line %d came while the machine slept", style, i)
			}
			behind = max(behind, at.Sub(onTime.lines[i]))
		}
		if behind < 3*time.Second || behind > 4*time.Minute {
			t.Errorf("style %d: the latest line is %v late", style, behind)
		}
	}
}

func TestLateLinesHowEverAdvanced(t *testing.T) {
	s := roughLog(3, sim.Log{Style: sim.JSONLines, Delay: sim.Dist{Median: 3, Spread: 1, Max: 30}, Drop: 0.1})
	whole, cut := run(t, s), record(t, s)
	end := whole.mac.Now().Add(time.Minute)
	for at := s.Start; at.Before(end); at = at.Add(777 * time.Millisecond) {
		if err := cut.mac.AdvanceTo(at); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := cut.log.String()[:whole.log.Len()], whole.log.String(); got != want {
		t.Error("lines differ between one run and many small steps")
	}
	if got, want := cut.lines[:len(whole.lines)], whole.lines; !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Error("lines come at other times in many small steps")
	}
}

func TestMissingLines(t *testing.T) {
	for _, style := range []sim.LogStyle{sim.LlamaServer, sim.JSONLines} {
		r := run(t, roughLog(3, sim.Log{Style: style, Drop: 0.25}))
		n := strings.Count(r.log.String(), `"outcome"`)
		if style == sim.LlamaServer {
			n = strings.Count(r.log.String(), "release:") + outcomes(r.truth)[attribution.OutcomeError]
		}
		if got := 1 - float64(n)/float64(len(r.truth)); got < 0.2 || got > 0.3 {
			t.Errorf("style %d: %d of %d requests end in the log, want three quarters", style, n, len(r.truth))
		}
		if style == sim.LlamaServer && strings.Count(r.log.String(), "launch_slot_") != len(r.truth) {
			t.Error("the log does not tell of each request's start")
		}
	}
}

func TestLogsThatCannotBe(t *testing.T) {
	for want, log := range map[string]sim.Log{
		"log: no style 7":                      {Style: 7},
		"clock offset 2h0m0s: want an hour":    {Offset: 2 * time.Hour},
		"clock drift 1: want -0.1 to 0.1":      {Drift: 1},
		"whole seconds: only stamps of json":   {WholeSeconds: true},
		"delay of 3 to 1 s: want 0 or more":    {Delay: sim.Dist{Median: 2, Min: 3, Max: 1}},
		"log: drop 1.5: want a ratio, 0 to 1":  {Drop: 1.5},
		"server llama: log: drop -1: want a r": {Drop: -1},
	} {
		_, err := sim.New(roughLog(1, log), sim.Streams{})
		if !errors.Is(err, sim.ErrScenario) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
