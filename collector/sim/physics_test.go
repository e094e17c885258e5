package sim_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/sim"
)

func TestOneRequestAlone(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(600, 101, 30*time.Second)}
	r := run(t, s)
	if len(r.truth) != 1 {
		t.Fatalf("got %d requests, want 1", len(r.truth))
	}
	got := r.truth[0]
	near(t, "prefill", got.Prefill, 6)
	near(t, "decode", got.Decode, 90)
	if d := got.FirstToken.Sub(got.Start); d < 600*time.Millisecond || d > 601*time.Millisecond {
		t.Errorf("prefill took %v, want 600 ms and the time between two tasks", d)
	}
	if d := got.End.Sub(got.FirstToken); d < 10*time.Second || d > 10*time.Second+time.Millisecond {
		t.Errorf("decode took %v, want 10 s", d)
	}
	if got.Input != 600 || got.Cached != 0 || got.Output != 101 || got.Outcome != attribution.OutcomeOK {
		t.Errorf("got %+v", got)
	}
}

func TestTwoSideBySideShareTheStep(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(256, 101, 30*time.Second, 30*time.Second)}
	r := run(t, s)
	if len(r.truth) != 2 {
		t.Fatalf("got %d requests, want 2", len(r.truth))
	}
	for _, q := range r.truth {
		near(t, "prefill", q.Prefill, 2.56)
		near(t, "decode", q.Decode, 50)
	}
}

func TestPrefillSlowsDecoding(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(100, 101, 30*time.Second), asks(2048, 2, 32*time.Second)}
	r := run(t, s)
	long := r.truth[len(r.truth)-1]
	// Four steps with 512 prompt tokens take 512 ms longer each; in the one step
	// that the second decodes too, the first pays half of the fixed cost.
	if d := long.End.Sub(long.FirstToken); d < 12*time.Second || d > 12100*time.Millisecond {
		t.Errorf("decode took %v, want 12.05 s", d)
	}
	near(t, "decode", long.Decode, 90-0.4)
}

func TestCacheMakesPromptTokensFree(t *testing.T) {
	s := plain()
	src := asks(1000, 50, 30*time.Second)
	src.Turns = one(3)
	s.Servers[0].Traffic = []sim.Source{src}
	r := run(t, s)
	if len(r.truth) != 3 {
		t.Fatalf("got %d requests, want 3", len(r.truth))
	}
	first, second := r.truth[0], r.truth[1]
	if second.Cached != first.Input+first.Output-1 || second.Input != 12 {
		t.Errorf("second turn: %d cached and %d fresh, want all of the first but its newest token", second.Cached, second.Input)
	}
	near(t, "prefill", second.Prefill, 0.12)
}

func TestOneTokenOfAKnownPromptIsReadAgain(t *testing.T) {
	s := plain()
	src := asks(0, 20, 30*time.Second, 60*time.Second)
	src.Prefix = 600
	s.Servers[0].Traffic = []sim.Source{src}
	r := run(t, s)
	if got := r.truth[1]; got.Cached != 599 || got.Input != 1 {
		t.Errorf("the same prompt again: %d cached and %d fresh, want 599 and 1", got.Cached, got.Input)
	}
}

func TestProcessesGetTheCoresThereAre(t *testing.T) {
	s := plain()
	s.Processes = []sim.Process{{Name: "compile", At: 60 * time.Second, For: 10 * time.Second, Cores: 100}}
	r := run(t, s)
	// Eight cores, a tenth of one is idle services', at 4 W each.
	near(t, "other processes", r.mac.Totals().All.OtherProcesses, 7.9*4*10)
}

func TestQueueWhenSlotsAreFull(t *testing.T) {
	s := plain()
	s.Servers[0].Slots = 1
	s.Servers[0].Traffic = []sim.Source{asks(100, 101, 30*time.Second, 31*time.Second)}
	r := run(t, s)
	first, second := r.truth[0], r.truth[1]
	if second.Start.Before(first.End) {
		t.Errorf("second began at %v, before the first ended at %v", second.Start, first.End)
	}
	if wait := second.Start.Sub(second.Arrival); wait < 8*time.Second {
		t.Errorf("second waited %v, want about 9 s", wait)
	}
	near(t, "decode of the second", second.Decode, 90)
}

func TestBusyMachineSlowsTheServerAtTheSameCost(t *testing.T) {
	for _, tt := range []struct {
		name string
		game sim.Process
		max  float64
		want time.Duration
	}{
		{name: "half of the gpu is taken", game: sim.Process{GPUBusy: 0.5, GPUWatts: 5}, max: 60, want: 20 * time.Second},
		{name: "the package is at its limit", game: sim.Process{}, max: 5.1, want: 20 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := plain()
			s.Chip.MaxWatts = 60
			if tt.max < 60 {
				s.Chip.MaxWatts = 5.1 // 0.6 W idle leave 4.5 W, half of what a step draws
			}
			tt.game.Name, tt.game.At, tt.game.For = "game", 10*time.Second, 2*time.Minute
			s.Processes = []sim.Process{tt.game}
			s.Servers[0].Traffic = []sim.Source{asks(1, 101, 30*time.Second)}
			r := run(t, s)
			got := r.truth[0]
			if d := got.End.Sub(got.FirstToken); d < tt.want || d > tt.want+10*time.Millisecond {
				t.Errorf("decode took %v, want %v", d, tt.want)
			}
			near(t, "decode", got.Decode, 90)
		})
	}
}

func TestCancelledRequestsCost(t *testing.T) {
	s := plain()
	src := asks(1500, 200, 20*time.Second, 40*time.Second, 60*time.Second, 80*time.Second, 100*time.Second, 120*time.Second)
	src.Cancel = 1
	s.Servers[0].Traffic = []sim.Source{src}
	r := run(t, s)
	early := 0
	for _, q := range r.truth {
		if q.Outcome != attribution.OutcomeCancelled {
			t.Errorf("task %d is %s, want cancelled", q.Task, q.Outcome)
		}
		near(t, "prefill", q.Prefill, 0.01*joules(q.Input))
		if q.Output == 0 {
			early++
			if !q.FirstToken.IsZero() || q.Decode != 0 {
				t.Errorf("task %d has no output but a first token or decode energy: %+v", q.Task, q)
			}
		}
		if q.Output >= 200 || q.Input > 1500 || q.Energy() <= 0 {
			t.Errorf("task %d did all of its work or none: %+v", q.Task, q)
		}
	}
	if early == 0 || early == len(r.truth) {
		t.Errorf("%d of %d were given up before the first token, want some", early, len(r.truth))
	}
}
