package sim_test

import (
	"bytes"
	"io"
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// recording is what one simulation wrote.
type recording struct {
	mac        *sim.Mac
	power, log bytes.Buffer             // log is the server llama's
	logs       map[string]*bytes.Buffer // of the other servers
	ends       []time.Time              // what Clock was told before each document
	lines      []time.Time              // and before each line
	died       []time.Time
	clock      time.Time
	truth      []sim.Truth
}

// writer is one stream of a recording: it notes the clock at each write.
type writer struct {
	r    *recording
	to   *bytes.Buffer
	seen *[]time.Time
}

func (w writer) Write(b []byte) (int, error) {
	*w.seen = append(*w.seen, w.r.clock)
	return w.to.Write(b)
}

// record makes a Mac that writes to a recording.
func record(t *testing.T, s sim.Scenario) *recording {
	t.Helper()
	r := &recording{}
	logs := map[string]io.Writer{"llama": writer{r, &r.log, &r.lines}}
	r.logs = map[string]*bytes.Buffer{}
	for _, v := range s.Servers {
		if v.Name != "llama" {
			r.logs[v.Name] = &bytes.Buffer{}
			logs[v.Name] = r.logs[v.Name]
		}
	}
	m, err := sim.New(s, sim.Streams{
		Power: writer{r, &r.power, &r.ends},
		Logs:  logs,
		Clock: func(now time.Time) {
			if now.Before(r.clock) {
				t.Errorf("clock went back from %v to %v", r.clock, now)
			}
			r.clock = now
		},
		Died: func(at time.Time) { r.died = append(r.died, at) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r.mac = m
	return r
}

// run runs a whole scenario.
func run(t *testing.T, s sim.Scenario) *recording {
	t.Helper()
	r := record(t, s)
	if err := r.mac.Run(); err != nil {
		t.Fatal(err)
	}
	r.truth = r.mac.TakeTruth()
	return r
}

// one is always the same value.
func one(v float64) sim.Dist { return sim.Dist{Median: v, Min: v, Max: v} }

// plain is a scenario in round numbers without any chance: one model of which a
// step takes 100 ms and costs 0.8 J and 0.1 J a sequence, and whose prompt
// tokens cost 0.01 J each at 1000 a second.
func plain() sim.Scenario {
	return sim.Scenario{
		Seed:   7,
		Start:  time.Date(2026, time.March, 10, 9, 0, 0, 123456789, time.UTC),
		Length: 3 * time.Minute,
		Chip: sim.Chip{
			Model: "Mac16,11", OSBuild: "24F74", GPUMHz: []int{338, 1578},
			Clusters: []sim.Cluster{{Name: "E-Cluster", CPUs: 4, MHz: 2592}, {Name: "P-Cluster", CPUs: 4, MHz: 4512, Down: true}},
			IdleCPU:  0.5, IdleGPU: 0.1, IdleCores: 0.1, CoreWatts: 4, MaxWatts: 60,
		},
		Sensor: sim.Sensor{Interval: time.Second, MinStretch: 1.005, MaxStretch: 1.03, GPUTimes: true, CPUEnergies: true},
		Models: []sim.Model{{
			Path:          "/models/plain.gguf",
			PrefillJoules: 0.01, StepJoules: 0.8, TokenJoules: 0.1,
			PrefillRate: 1000, StepTime: 100 * time.Millisecond,
			CPUShare: 0.1, GPUBusy: 1, LoadTime: 5 * time.Second, LoadCPU: 4, LoadGPU: 1, LoadGPUBusy: 0.1,
		}},
		Servers: []sim.Server{{
			Name: "llama", Runs: []sim.Run{{Model: "/models/plain.gguf"}}, Slots: 4, SlotContext: 8192, Batch: 512,
		}},
	}
}

// asks is a source of sessions of one request each, at the given times.
func asks(prompt, output float64, at ...time.Duration) sim.Source {
	return sim.Source{
		Name: "test", At: at, Burst: one(1), Turns: one(1), Think: one(1),
		Prompt: one(prompt), Growth: one(10), Output: one(output),
	}
}

// near fails when got is not want to a part in 1e9.
func near(t *testing.T, what string, got, want energy.Joules) {
	t.Helper()
	if math.Abs(float64(got-want)) > 1e-9*math.Max(1, math.Abs(float64(want))) {
		t.Errorf("%s: got %v J, want %v J", what, float64(got), float64(want))
	}
}

// cost is the energy of all requests.
func cost(truth []sim.Truth) (prefill, decode, unmeasured energy.Joules) {
	for _, r := range truth {
		prefill += r.Prefill
		decode += r.Decode
		unmeasured += r.Unmeasured
	}
	return prefill, decode, unmeasured
}

// outcomes counts requests by outcome.
func outcomes(truth []sim.Truth) map[attribution.Outcome]int {
	n := map[attribution.Outcome]int{}
	for _, r := range truth {
		n[r.Outcome]++
	}
	return n
}

// joules is a count as an energy at 1 J each.
func joules(n int64) energy.Joules { return energy.Joules(n) }

// joulesOf is one watt for d.
func joulesOf(d time.Duration) energy.Joules { return energy.Watts(1).For(d) }
