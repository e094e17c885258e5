package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// rough is a scenario with everything in it, short enough to run often.
func rough(seed uint64) sim.Scenario {
	s := sim.DefaultDay()
	s.Seed = seed
	s.Start = time.Date(2026, time.March, 10, 12, 30, 0, 5e8, time.UTC)
	s.Length = 90 * time.Minute
	for i := range s.Servers[0].Traffic {
		for h := range s.Servers[0].Traffic[i].Sessions {
			s.Servers[0].Traffic[i].Sessions[h] = 25
		}
		s.Servers[0].Traffic[i].Cancel = 0.15
	}
	s.Background.PerHour = 60
	s.Servers[0].Runs[1] = sim.Run{Model: s.Models[1].Path, At: 30 * time.Minute, Abrupt: true}
	s.Servers[0].Runs = append(s.Servers[0].Runs, sim.Run{Model: s.Models[0].Path, At: 70 * time.Minute})
	s.Processes = []sim.Process{
		{Name: "compile", At: 5 * time.Minute, Every: 20 * time.Minute, For: 4 * time.Minute, Cores: 14},
		{Name: "game", At: 40 * time.Minute, For: 10 * time.Minute, Cores: 1, GPUBusy: 0.4, GPUWatts: 12, ANEWatts: 0.3},
	}
	s.Outages = []sim.Outage{
		{Kind: sim.SensorDown, At: 10*time.Minute + 300*time.Millisecond, Every: 25 * time.Minute, For: 20 * time.Second},
		{Kind: sim.Asleep, At: 50 * time.Minute, For: 3 * time.Minute},
	}
	return s
}

func TestEnergyIsConserved(t *testing.T) {
	for seed := range uint64(4) {
		s := rough(seed)
		if seed%2 == 0 {
			s.Sensor.Noise = 0
		}
		r := run(t, s)
		got := r.mac.Totals()
		prefill, decode, unmeasured := cost(r.truth)
		t.Logf("seed %d: %d requests, %.0f J", seed, len(r.truth), float64(got.All.Sum()))
		near(t, "parts against rails", got.All.Sum(), got.Rails.Sum())
		near(t, "measured parts against rails", got.Measured.Sum(), got.MeasuredRails.Sum())
		near(t, "prefill of requests", prefill, got.All.Prefill)
		near(t, "decode of requests", decode, got.All.Decode)
		near(t, "unmeasured inference", unmeasured, got.All.Inference()-got.Measured.Inference())
		if unmeasured <= 0 {
			t.Errorf("seed %d: nothing was drawn unmeasured; the scenario tests too little", seed)
		}
		if n := outcomes(r.truth); n[attribution.OutcomeOK] < 50 || n[attribution.OutcomeCancelled] == 0 || n[attribution.OutcomeError] == 0 {
			t.Errorf("seed %d: outcomes %v, want all kinds", seed, n)
		}
		checkPrinted(t, seed, s.Sensor.Noise, got)
		checkParts(t, got)
	}
}

// checkPrinted holds the documents' sum against what was drawn.
func checkPrinted(t *testing.T, seed uint64, noise float64, got sim.Totals) {
	t.Helper()
	off := math.Abs(float64(got.Printed - got.Measured.Sum()))
	if noise == 0 && off > 3e-3 {
		t.Errorf("seed %d: documents say %v J, drawn were %v J: more than 1 mJ a rail apart", seed, float64(got.Printed), float64(got.Measured.Sum()))
	}
	if noise > 0 && (off < 3e-3 || off > noise*float64(got.Measured.Sum())) {
		t.Errorf("seed %d: documents are %v J off, want some noise that averages out", seed, off)
	}
}

// checkParts wants every part above 0.
func checkParts(t *testing.T, got sim.Totals) {
	t.Helper()
	for name, j := range map[string]energy.Joules{
		"baseline": got.All.Baseline, "prefill": got.All.Prefill, "decode": got.All.Decode,
		"model load": got.All.ModelLoad, "other processes": got.All.OtherProcesses,
		"cpu": got.Rails.CPU, "gpu": got.Rails.GPU, "ane": got.Rails.ANE,
	} {
		if j <= 0 {
			t.Errorf("%s is %v J, want more than 0", name, float64(j))
		}
	}
}

func TestHowItIsAdvancedChangesNothing(t *testing.T) {
	s := rough(11)
	whole := run(t, s)
	cut := record(t, s)
	var truth []sim.Truth
	for at := s.Start; cut.mac.Now().Before(whole.mac.Now()); at = at.Add(777 * time.Millisecond) {
		if err := cut.mac.AdvanceTo(at); err != nil {
			t.Fatal(err)
		}
		truth = append(truth, cut.mac.TakeTruth()...)
	}
	if got, want := cut.power.Bytes()[:whole.power.Len()], whole.power.Bytes(); string(got) != string(want) {
		t.Error("documents differ between one run and many small steps")
	}
	if got, want := cut.log.String()[:whole.log.Len()], whole.log.String(); got != want {
		t.Error("log lines differ between one run and many small steps")
	}
	if len(truth) != len(whole.truth) {
		t.Fatalf("got %d requests in small steps, want %d", len(truth), len(whole.truth))
	}
	for i := range truth {
		if truth[i] != whole.truth[i] {
			t.Errorf("request %d: got %+v, want %+v", i, truth[i], whole.truth[i])
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	short := func(seed uint64) sim.Scenario {
		s := rough(seed)
		s.Length = 20 * time.Minute
		return s
	}
	a, b, c := run(t, short(1)), run(t, short(1)), run(t, short(2))
	if a.power.String() != b.power.String() || a.log.String() != b.log.String() {
		t.Error("the same seed wrote other streams")
	}
	if a.log.String() == c.log.String() {
		t.Error("another seed wrote the same log")
	}
}
