package sim_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// pair is plain with a second server, "alpha", of which a step takes 50 ms and
// costs 0.3 J and 0.2 J a sequence.
func pair() sim.Scenario {
	s := plain()
	m := s.Models[0]
	m.Path, m.StepJoules, m.TokenJoules, m.StepTime = "/models/other.gguf", 0.3, 0.2, 50*time.Millisecond
	s.Models = append(s.Models, m)
	s.Servers = append(s.Servers, sim.Server{
		Name: "alpha", Runs: []sim.Run{{Model: m.Path}}, Slots: 4, SlotContext: 8192, Batch: 512,
	})
	return s
}

// of are the requests of one server.
func of(server string, truth []sim.Truth) []sim.Truth {
	return slices.DeleteFunc(slices.Clone(truth), func(q sim.Truth) bool { return q.Server != server })
}

func TestTwoServersShareTheGPUAtTheSameCost(t *testing.T) {
	s := pair()
	s.Servers[0].Traffic = []sim.Source{asks(1, 101, 30*time.Second)}        // 10 s alone
	s.Servers[1].Traffic = []sim.Source{asks(1, 41, 32020*time.Millisecond)} // 2 s alone
	r := run(t, s)
	slow, fast := of("llama", r.truth)[0], of("alpha", r.truth)[0]
	near(t, "decode of llama", slow.Decode, 90)
	near(t, "decode of alpha", fast.Decode, 20)
	// While both work each runs at half speed: 4 s for alpha, in which llama
	// does 2 s of its work.
	if d := fast.End.Sub(fast.FirstToken); d < 4*time.Second || d > 4005*time.Millisecond {
		t.Errorf("alpha decoded for %v, want 4 s", d)
	}
	if d := slow.End.Sub(slow.FirstToken); d < 12*time.Second || d > 12010*time.Millisecond {
		t.Errorf("llama decoded for %v, want 12 s", d)
	}
	total := r.mac.Totals()
	near(t, "inference", total.All.Inference(), slow.Energy()+fast.Energy())
	near(t, "model load", total.All.ModelLoad, 2*5*5)
	u, ok := r.mac.Usage(fast.FirstToken.Add(time.Second), fast.FirstToken.Add(3*time.Second))
	if !ok || len(u.Servers) != 2 || u.Servers[0].Server != "alpha" || u.Servers[1].Server != "llama" {
		t.Fatalf("usage %+v, %v; want alpha and llama", u, ok)
	}
	for _, v := range u.Servers {
		if (v.GPU - time.Second).Abs() > time.Microsecond {
			t.Errorf("%s used %v of 2 s of GPU, want half", v.Server, v.GPU)
		}
	}
	// 10 W of alpha at half speed, a tenth of it CPU, for 2 s.
	near(t, "cpu energy of alpha", energy.Joules(float64(u.Servers[0].CPUEnergy)), 1)
}

// TestPaceChangesWithinAStep has a second server begin and end while the first
// is in the middle of a step that takes two seconds.
func TestPaceChangesWithinAStep(t *testing.T) {
	s := pair()
	s.Models[0].PrefillRate = 256
	s.Servers[0].Traffic = []sim.Source{asks(1024, 2, 30*time.Second)}       // two steps of 2 s, one of 0.1 s
	s.Servers[1].Traffic = []sim.Source{asks(1, 11, 30500*time.Millisecond)} // 0.5 s alone
	r := run(t, s)
	slow, fast := of("llama", r.truth)[0], of("alpha", r.truth)[0]
	if d := fast.End.Sub(fast.FirstToken); d < time.Second || d > 1005*time.Millisecond {
		t.Errorf("alpha decoded for %v, want 1 s at half speed", d)
	}
	if d := slow.FirstToken.Sub(slow.Start); d < 4500*time.Millisecond || d > 4510*time.Millisecond {
		t.Errorf("llama read its prompt for %v, want 4 s and the half second that it lost", d)
	}
	near(t, "prefill of llama", slow.Prefill, 10.24)
	near(t, "prefill of both", r.mac.Totals().All.Prefill, slow.Prefill+fast.Prefill)
	near(t, "decode of both", r.mac.Totals().All.Decode, slow.Decode+fast.Decode)
}

func TestTwoServersShareThePackage(t *testing.T) {
	s := pair()
	s.Chip.MaxWatts = 5.1 // 0.6 W idle leave 4.5 W, half of what a step of llama draws alone
	s.Servers[0].Traffic = []sim.Source{asks(1, 101, 30*time.Second)}
	s.Servers[1].Traffic = []sim.Source{asks(1, 1001, 20*time.Second)}
	r := run(t, s)
	slow := of("llama", r.truth)[0]
	if d := slow.End.Sub(slow.FirstToken); d < 40*time.Second || d > 40100*time.Millisecond {
		t.Errorf("llama decoded for %v, want 40 s: a quarter of the watts it asks for", d)
	}
	if watts := r.mac.Totals().All.Sum().Over(3 * time.Minute); watts > 5.1 {
		t.Errorf("%v W on average, more than the package can draw", float64(watts))
	}
}

// roughPair is rough with a second server at work for all of it.
func roughPair(seed uint64) sim.Scenario {
	s := rough(seed)
	second := sim.Server{
		Name: "alpha", Runs: []sim.Run{{Model: s.Models[0].Path}, {At: 40 * time.Minute, Model: s.Models[1].Path, Abrupt: true}},
		Slots: 6, SlotContext: 16384, Batch: 256, Traffic: slices.Clone(s.Servers[0].Traffic),
	}
	s.Servers = append(s.Servers, second)
	return s
}

func TestEnergyOfTwoServersIsConserved(t *testing.T) {
	for seed := range uint64(4) {
		s := roughPair(seed)
		s.Sensor.Noise = 0
		r := run(t, s)
		got := r.mac.Totals()
		prefill, decode, unmeasured := cost(r.truth)
		near(t, "parts against rails", got.All.Sum(), got.Rails.Sum())
		near(t, "measured parts against rails", got.Measured.Sum(), got.MeasuredRails.Sum())
		near(t, "prefill of requests", prefill, got.All.Prefill)
		near(t, "decode of requests", decode, got.All.Decode)
		near(t, "unmeasured inference", unmeasured, got.All.Inference()-got.Measured.Inference())
		checkPrinted(t, seed, 0, got)
		checkParts(t, got)
		for _, v := range s.Servers {
			n := outcomes(of(v.Name, r.truth))
			t.Logf("seed %d: %s: %v", seed, v.Name, n)
			if n[attribution.OutcomeOK] < 50 || n[attribution.OutcomeCancelled] == 0 || n[attribution.OutcomeError] == 0 {
				t.Errorf("seed %d: %s: outcomes %v, want all kinds", seed, v.Name, n)
			}
		}
	}
}

// TestShareOfEachRequestAmongTwoServers recomputes the exact Shapley value of
// requests that decode side by side on two servers: no server changes what a
// step of the other costs, so each shares only its own.
func TestShareOfEachRequestAmongTwoServers(t *testing.T) {
	s := pair()
	s.Servers[0].Traffic = []sim.Source{asks(256, 101, 30*time.Second, 30*time.Second)}
	s.Servers[1].Traffic = []sim.Source{asks(128, 201, 30*time.Second, 30*time.Second, 30*time.Second, 30*time.Second)}
	for _, q := range run(t, s).truth {
		want := energy.Joules(100 * (0.8/2 + 0.1))
		if q.Server == "alpha" {
			want = 200 * (0.3/4 + 0.2)
		}
		near(t, "decode on "+q.Server, q.Decode, want)
	}
}

func TestTwoServersAdvancedInStepsAreTheSame(t *testing.T) {
	s := roughPair(5)
	s.Length = 45 * time.Minute
	whole, cut := run(t, s), record(t, s)
	for at := s.Start; cut.mac.Now().Before(whole.mac.Now()); at = at.Add(777 * time.Millisecond) {
		if err := cut.mac.AdvanceTo(at); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := cut.power.Bytes()[:whole.power.Len()], whole.power.Bytes(); string(got) != string(want) {
		t.Error("documents differ between one run and many small steps")
	}
	for name, log := range whole.logs {
		if got, want := cut.logs[name].String()[:log.Len()], log.String(); got != want {
			t.Errorf("log of %s differs between one run and many small steps", name)
		}
	}
}

func TestServersThatCannotBe(t *testing.T) {
	s := pair()
	s.Servers[1].Name = "llama"
	s.Servers[1].Batch = 0
	_, err := sim.New(s, sim.Streams{})
	if !errors.Is(err, sim.ErrScenario) {
		t.Fatalf("got %v, want ErrScenario", err)
	}
	for _, want := range []string{"server llama: there are two of that name", "server llama: batch 0: want 1 token or more"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	s = plain()
	s.Servers = slices.Repeat(s.Servers, 5)
	if _, err := sim.New(s, sim.Streams{}); err == nil || !strings.Contains(err.Error(), "servers: 5 of them: want 1 to 4") {
		t.Errorf("five servers: got %v", err)
	}
	if runs := (run(t, plain())).mac.Runs("nobody"); runs != nil {
		t.Errorf("runs of a server that is not there: %v", runs)
	}
}

// TestUnmeasuredWhilePaceChanges stops powermetrics while a long step of one
// server is slowed down by another.
func TestUnmeasuredWhilePaceChanges(t *testing.T) {
	s := pair()
	s.Models[0].PrefillRate = 32 // a step of 512 tokens takes 16 s
	s.Servers[0].Traffic = []sim.Source{asks(512, 2, 30*time.Second)}
	s.Servers[1].Traffic = []sim.Source{asks(1, 101, 32*time.Second)}
	s.Outages = []sim.Outage{{Kind: sim.SensorDown, At: 31 * time.Second, For: 4 * time.Second}}
	r := run(t, s)
	got := r.mac.Totals()
	_, _, unmeasured := cost(r.truth)
	near(t, "unmeasured inference", unmeasured, got.All.Inference()-got.Measured.Inference())
	if slow := of("llama", r.truth)[0]; slow.Unmeasured < 0.15*slow.Energy() || slow.Unmeasured > 0.2*slow.Energy() {
		t.Errorf("%v J of %v J unmeasured, want about a sixth: 1 s at full speed and more than 3 s at half of 16 s", float64(slow.Unmeasured), float64(slow.Energy()))
	}
}

// TestClientsGiveUpOnce: however the pace of a last step changes, the log says
// once that its client gave up.
func TestClientsGiveUpOnce(t *testing.T) {
	s := pair()
	s.Length = time.Hour
	s.Models[0].PrefillRate = 32 // steps of up to 16 s
	s.Servers[0].Traffic = []sim.Source{asks(512, 100)}
	s.Servers[1].Traffic = []sim.Source{asks(1, 20)}
	for h := range 24 {
		s.Servers[0].Traffic[0].Sessions[h] = 60
		s.Servers[1].Traffic[0].Sessions[h] = 900
	}
	s.Servers[0].Traffic[0].Cancel, s.Servers[1].Traffic[0].Cancel = 1, 0.1
	r := run(t, s)
	for name, log := range map[string]string{"llama": r.log.String(), "alpha": r.logs["alpha"].String()} {
		said := map[string]int{}
		run := 0
		for line := range strings.Lines(log) {
			if strings.Contains(line, "initializing ...") {
				run++
			}
			if _, id, ok := strings.Cut(line, "cancel task, id_task = "); ok {
				said[fmt.Sprint(run, " ", id)]++
			}
		}
		for id, n := range said {
			if n != 1 {
				t.Errorf("%s: run and task %s: %d lines say that it was cancelled", name, strings.TrimSpace(id), n)
			}
		}
		if want := outcomes(of(name, r.truth))[attribution.OutcomeCancelled]; len(said) != want || want < 30 {
			t.Errorf("%s: %d tasks cancelled in the log, %d in truth", name, len(said), want)
		}
	}
}
