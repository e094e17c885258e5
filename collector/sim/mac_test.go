package sim_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/sim"
)

func TestSensorDownIsAGap(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(10, 301, 30*time.Second)}
	s.Outages = []sim.Outage{{Kind: sim.SensorDown, At: 40 * time.Second, For: 10 * time.Second}}
	r := run(t, s)
	if len(r.died) != 1 || r.died[0].Sub(s.Start) != 40*time.Second {
		t.Errorf("powermetrics died at %v, want once, after 40 s", r.died)
	}
	if nul, first := bytes.Count(r.power.Bytes(), []byte{0}), len(r.ends)-2; nul != first {
		t.Errorf("%d NUL bytes, want %d: none before the first document of either process", nul, first)
	}
	longest, at := time.Duration(0), time.Time{}
	docs := documents(t, r.power.Bytes())
	for i := 1; i < len(docs); i++ {
		begin := r.ends[i].Add(-time.Duration(docs[i].Elapsed))
		if gap := begin.Sub(r.ends[i-1]); gap > longest {
			longest, at = gap, r.ends[i-1]
		}
	}
	if longest < 10*time.Second || longest > 11500*time.Millisecond {
		t.Errorf("the longest gap is %v, want 10 to 11.5 s", longest)
	}
	if d := at.Sub(s.Start); d < 38500*time.Millisecond || d > 40*time.Second {
		t.Errorf("it begins after %v, want with the window that holds 40 s", d)
	}
	got := r.truth[0]
	near(t, "decode", got.Decode, 270)
	near(t, "unmeasured", got.Unmeasured, 9*joulesOf(longest))
}

func TestSleepFreezesEverything(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(10, 301, 30*time.Second, 50*time.Second)}
	awake := run(t, s)
	s.Outages = []sim.Outage{{Kind: sim.Asleep, At: 40 * time.Second, For: 20 * time.Second}}
	r := run(t, s)
	if len(r.truth) != 1 {
		t.Fatalf("%d requests, want 1: the other was asked of a sleeping machine", len(r.truth))
	}
	got := r.truth[0]
	near(t, "decode", got.Decode, 270)
	if d := got.End.Sub(got.FirstToken); d < 50*time.Second || d > 50100*time.Millisecond {
		t.Errorf("decode took %v, want 30 s and the sleep", d)
	}
	for i, d := range documents(t, r.power.Bytes()) {
		if d.Elapsed > 1030e6 {
			t.Errorf("document %d lasts %d ns: the sleep counts as elapsed", i, d.Elapsed)
		}
		if r.ends[i].After(s.Start.Add(40*time.Second)) && r.ends[i].Before(s.Start.Add(time.Minute)) {
			t.Errorf("document %d ends in the sleep", i)
		}
	}
	if got, was := r.mac.Totals().All.Baseline, awake.mac.Totals().All.Baseline; got >= was-11 {
		t.Errorf("baseline %v J asleep for 20 s and %v J awake, want 12 J less", float64(got), float64(was))
	}
}

// TestSleepWhileNotMeasured has both in one run of steps.
func TestSleepWhileNotMeasured(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(10, 90, 30*time.Second)}
	s.Outages = []sim.Outage{
		{Kind: sim.SensorDown, At: 35 * time.Second, For: 100 * time.Second},
		{Kind: sim.Asleep, At: 36 * time.Second, For: 20 * time.Second},
	}
	r := run(t, s)
	got := r.mac.Totals()
	near(t, "unmeasured", r.truth[0].Unmeasured, got.All.Inference()-got.Measured.Inference())
	near(t, "parts against rails", got.All.Sum(), got.Rails.Sum())
}

func TestRunsFollowEachOther(t *testing.T) {
	for _, abrupt := range []bool{false, true} {
		s := plain()
		other := s.Models[0]
		other.Path, other.LoadTime = "/models/other.gguf", 10*time.Second
		s.Models = append(s.Models, other)
		s.Servers[0].Runs = append(s.Servers[0].Runs, sim.Run{At: 40 * time.Second, Model: other.Path, Abrupt: abrupt})
		s.Servers[0].Traffic = []sim.Source{asks(10, 201, 30*time.Second), asks(10, 21, 45*time.Second)}
		r := run(t, s)
		if len(r.truth) != 2 {
			t.Fatalf("abrupt %v: %d requests, want 2", abrupt, len(r.truth))
		}
		first, second := r.truth[0], r.truth[1]
		want := attribution.OutcomeOK
		if abrupt {
			want = attribution.OutcomeError
		}
		if first.Outcome != want || first.Model != "plain" {
			t.Errorf("abrupt %v: first is %+v", abrupt, first)
		}
		if abrupt && (first.Decode < 85 || first.Decode > 95) {
			t.Errorf("first died after 10 s but decoded for %v J", float64(first.Decode))
		}
		if second.Outcome != attribution.OutcomeOK || second.Model != "other" || second.Run != 1 || second.Task != 0 {
			t.Errorf("abrupt %v: second is %+v", abrupt, second)
		}
		runs := r.mac.Runs("llama")
		if pause := runs[1].Start.Sub(first.End); pause < 1400*time.Millisecond || pause > 1600*time.Millisecond {
			t.Errorf("abrupt %v: the second process starts %v after the first ended", abrupt, pause)
		}
		near(t, "model load", r.mac.Totals().All.ModelLoad, 5*5+5*10)
		if clean := strings.Contains(r.log.String(), "cleaning up before exit"); clean == abrupt {
			t.Errorf("abrupt %v: the log says it cleaned up: %v", abrupt, clean)
		}
	}
}

func TestDefaultDay(t *testing.T) {
	s := sim.DefaultDay()
	power := &countingWriter{}
	m, err := sim.New(s, sim.Streams{Power: power})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Run(); err != nil {
		t.Fatal(err)
	}
	truth := m.TakeTruth()
	if len(truth) < 300 || len(truth) > 2500 {
		t.Errorf("%d requests, want some hundred to two thousand", len(truth))
	}
	var night, afternoon, cached, fresh int64
	models := map[string]int{}
	for _, q := range truth {
		models[q.Model]++
		cached, fresh = cached+q.Cached, fresh+q.Input
		switch h := q.Start.Hour(); {
		case h < 8:
			night++
		case h >= 13 && h < 19:
			afternoon++
		}
		if steps := q.Output - 1; steps > 0 && q.Outcome == attribution.OutcomeOK {
			if j := float64(q.Decode) / float64(steps); j < 0.1 || j > 20 {
				t.Errorf("run %d task %d decodes at %v J a token", q.Run, q.Task, j)
			}
		}
	}
	if night*20 > afternoon {
		t.Errorf("%d requests in the night and %d in the afternoon", night, afternoon)
	}
	if cached < 2*fresh {
		t.Errorf("%d cached and %d fresh tokens, want agents to reuse most of their context", cached, fresh)
	}
	if len(models) != 2 || len(m.Runs("llama")) != 2 {
		t.Errorf("models %v in %d runs, want 2 each", models, len(m.Runs("llama")))
	}
	if days := float64(power.writes) * 1.0175 / 86400; days < 0.95 || days > 1 {
		t.Errorf("%d documents", power.writes)
	}
	if watts := m.Totals().All.Sum().Over(s.Length); watts < 1 || watts > 20 {
		t.Errorf("%v W on average", float64(watts))
	}
}

func TestLiveGoesOnForEver(t *testing.T) {
	s := sim.Live()
	m, err := sim.New(s, sim.Streams{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Run(); !errors.Is(err, sim.ErrEndless) {
		t.Errorf("run of an endless scenario: got %v, want ErrEndless", err)
	}
	models := map[string]bool{}
	for h := 1; h <= 12; h++ {
		if err := m.AdvanceTo(s.Start.Add(time.Duration(h) * time.Hour)); err != nil {
			t.Fatal(err)
		}
		truth := m.TakeTruth()
		if len(truth) < 40 {
			t.Errorf("hour %d: %d requests, want steady traffic", h, len(truth))
		}
		for _, q := range truth {
			models[q.Model] = true
		}
	}
	if len(models) != 2 || len(m.Runs("llama")) < 6 {
		t.Errorf("models %v in %d runs, want two that take turns", models, len(m.Runs("llama")))
	}
}

func TestScenarioThatCannotBe(t *testing.T) {
	s := plain()
	s.Servers[0].Slots = 0
	s.Servers[0].Runs[0].Model = "/models/none.gguf"
	s.Chip.MaxWatts = 0.1
	s.Servers[0].Traffic = []sim.Source{asks(10, 1, -time.Second)}
	_, err := sim.New(s, sim.Streams{})
	if !errors.Is(err, sim.ErrScenario) {
		t.Fatalf("got %v, want ErrScenario", err)
	}
	for _, want := range []string{"slots 0", `no model "/models/none.gguf"`, "max watts 0.1", "output of 1 tokens", "session at -1s"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
}

// full refuses every write.
type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestStreamErrorsEndTheSimulation(t *testing.T) {
	for name, out := range map[string]sim.Streams{"documents": {Power: full{}}, "log": {Logs: map[string]io.Writer{"llama": full{}}}} {
		m, err := sim.New(plain(), out)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Run(); !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "write ") {
			t.Errorf("%s: got %v, want the writer's error and what was written", name, err)
		}
		if m.Now().Sub(plain().Start) > 2*time.Second {
			t.Errorf("%s: it went on until %v", name, m.Now())
		}
	}
}

func TestWriteTruth(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(10, 101, 30*time.Second, 32*time.Second)}
	m, err := sim.New(s, sim.Streams{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Run(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := m.WriteTruth(&out); err != nil {
		t.Fatal(err)
	}
	want := m.TakeTruth()
	dec := json.NewDecoder(&out)
	for i := range want {
		var got sim.Truth
		if err := dec.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got != want[i] {
			t.Errorf("line %d: got %+v, want %+v", i, got, want[i])
		}
	}
	var last struct{ Totals sim.Totals }
	if err := dec.Decode(&last); err != nil {
		t.Fatal(err)
	}
	if last.Totals != m.Totals() {
		t.Errorf("totals: got %+v, want %+v", last.Totals, m.Totals())
	}
	if err := dec.Decode(&last); err != io.EOF {
		t.Errorf("after the totals: got %v, want the end", err)
	}
	if len(m.TakeTruth()) != 0 {
		t.Error("what was taken is still there")
	}
}
