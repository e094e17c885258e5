package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// TestUsageIsWhatTheDocumentsShow holds the processes' times of every window
// against the residencies printed for it.
func TestUsageIsWhatTheDocumentsShow(t *testing.T) {
	one, two := rough(4), roughPair(4)
	game := sim.Process{Name: "game", At: time.Minute, Every: 20 * time.Second, For: 11 * time.Second, GPUBusy: 0.7, GPUWatts: 5}
	two.Processes = append(two.Processes, game)
	for _, s := range []sim.Scenario{one, two} {
		s.Length = 5 * time.Minute
		s.Outages = nil
		checkUsage(t, run(t, s))
	}
}

// checkUsage holds the use of all processes in each window against its document.
func checkUsage(t *testing.T, r *recording) {
	t.Helper()
	busy := 0
	for i, d := range documents(t, r.power.Bytes()) {
		start := r.ends[i].Add(-time.Duration(d.Elapsed))
		u, ok := r.mac.Usage(start, r.ends[i])
		if !ok {
			t.Fatalf("document %d: no usage", i)
		}
		var cpu time.Duration
		for _, c := range d.Processor.Clusters {
			for _, core := range c.CPUs {
				cpu += core.used()
			}
		}
		var server attribution.Use
		for _, v := range u.Servers {
			server.CPU, server.GPU = server.CPU+v.CPU, server.GPU+v.GPU
		}
		if got := server.CPU + u.Others.CPU; (got - cpu).Abs() > time.Microsecond {
			t.Errorf("document %d: processes used %v of CPU, residency says %v", i, got, cpu)
		}
		if got := server.GPU + u.Others.GPU; (got - d.GPU.used()).Abs() > time.Microsecond {
			t.Errorf("document %d: processes used %v of GPU, residency says %v", i, got, d.GPU.used())
		}
		if server.GPU > time.Duration(d.Elapsed)/2 {
			busy++
		}
	}
	if busy < 20 {
		t.Errorf("the server was busy in %d windows; the scenario tests too little", busy)
	}
}

func TestUsageOfOneRequest(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(1, 101, 30*time.Second)}
	r := run(t, s)
	at := r.truth[0].FirstToken.Add(time.Second)
	u, ok := r.mac.Usage(at, at.Add(2*time.Second))
	if !ok {
		t.Fatal("no usage")
	}
	want := attribution.Usage{
		// 9 W, a tenth of it on a CPU of 4 W a core.
		Servers:  []attribution.ServerUse{{Server: "llama", Use: attribution.Use{CPU: 450 * time.Millisecond, GPU: 2 * time.Second, CPUEnergy: 1.8}}},
		Others:   attribution.Use{CPU: 200 * time.Millisecond, CPUEnergy: 0.8},
		GPUKnown: true, CPUEnergyKnown: true,
	}
	got, exp := u.Servers[0], want.Servers[0]
	if (got.CPU-exp.CPU).Abs() > time.Microsecond || (got.GPU-exp.GPU).Abs() > time.Microsecond ||
		math.Abs(float64(got.CPUEnergy-exp.CPUEnergy)) > 1e-6 || got.Server != exp.Server {
		t.Errorf("server: got %+v, want %+v", got, exp)
	}
	if (u.Others.CPU-want.Others.CPU).Abs() > time.Microsecond || math.Abs(float64(u.Others.CPUEnergy-0.8)) > 1e-6 {
		t.Errorf("others: got %+v, want %+v", u.Others, want.Others)
	}
	if !u.GPUKnown || !u.CPUEnergyKnown {
		t.Error("times or energies are not known")
	}
}

func TestUsageThatCannotBeRead(t *testing.T) {
	s := plain()
	s.Sensor.GPUTimes, s.Sensor.CPUEnergies = false, false
	s.Servers[0].Traffic = []sim.Source{asks(1, 101, 30*time.Second)}
	r := run(t, s)
	u, ok := r.mac.Usage(s.Start, s.Start.Add(time.Minute))
	if !ok || u.GPUKnown || u.CPUEnergyKnown || u.Servers[0].GPU != 0 || u.Servers[0].CPUEnergy != 0 || u.Others.CPUEnergy != 0 {
		t.Errorf("got %+v, %v; want CPU times alone", u, ok)
	}
	if u.Servers[0].CPU == 0 {
		t.Error("no CPU time either")
	}
	if _, ok := r.mac.Usage(s.Start.Add(-time.Second), s.Start.Add(time.Second)); ok {
		t.Error("usage before the start is known")
	}
	if _, ok := r.mac.Usage(s.Start, r.mac.Now().Add(time.Hour)); ok {
		t.Error("usage of the future is known")
	}
}

// TestUsageBetweenEvents asks, as a driver does, right up to what the Mac was
// advanced to: in the middle of a step, of a window and of a sleep.
func TestUsageBetweenEvents(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(1, 301, 30*time.Second)}
	s.Outages = []sim.Outage{{Kind: sim.Asleep, At: 40 * time.Second, For: 20 * time.Second}}
	r := record(t, s)
	var gpu, cpu time.Duration
	last := s.Start
	for i := range 1800 {
		now := s.Start.Add(time.Duration(i) * 123 * time.Millisecond)
		if err := r.mac.AdvanceTo(now); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			continue
		}
		u, ok := r.mac.Usage(last, now)
		if !ok {
			t.Fatalf("no usage from %v to %v", last, now)
		}
		if now.After(s.Start.Add(40123*time.Millisecond)) && now.Before(s.Start.Add(time.Minute)) && u.Others.CPU != 0 {
			t.Errorf("%v of CPU used in sleep", u.Others.CPU)
		}
		gpu += u.Servers[0].GPU
		cpu += u.Others.CPU
		last = now
	}
	if want := 30001*time.Millisecond + 500*time.Millisecond; (gpu - want).Abs() > time.Millisecond {
		t.Errorf("the server used %v of GPU, want %v: 300 steps, the prompt and the load", gpu, want)
	}
	awake := last.Sub(s.Start) - 20*time.Second
	if want := awake / 10; (cpu - want).Abs() > time.Millisecond {
		t.Errorf("others used %v of CPU, want %v", cpu, want)
	}
}
