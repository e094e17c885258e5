package sim_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// TestAnyScenarioConservesEnergy draws scenarios with any mixture of servers,
// sensors, machines, logs and outages.
func TestAnyScenarioConservesEnergy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t)
		s.Wall = drawWall(t)
		m, err := sim.New(s, sim.Streams{})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Run(); err != nil {
			t.Fatal(err)
		}
		got := m.Totals()
		truth := m.TakeTruth()
		prefill, decode, unmeasured := cost(truth)
		same := func(what string, a, b energy.Joules) {
			if math.Abs(float64(a-b)) > 1e-9*float64(got.All.Sum()) {
				t.Errorf("%s: %v J and %v J of %v J", what, float64(a), float64(b), float64(got.All.Sum()))
			}
		}
		same("parts and rails", got.All.Sum(), got.Rails.Sum())
		same("measured parts and rails", got.Measured.Sum(), got.MeasuredRails.Sum())
		same("prefill of requests and of the machine", prefill, got.All.Prefill)
		same("decode of requests and of the machine", decode, got.All.Decode)
		same("measured requests and inference", prefill+decode-unmeasured, got.Measured.Inference())
		if off := math.Abs(float64(got.Printed - got.MeasuredRails.Sum() + got.Unread.Sum())); off > 3e-3 {
			t.Errorf("documents are %v J off", off)
		}
		checkWall(t, m, s.Wall, truth)
	})
}

// TestOutagesEnd is about outages that come faster than a machine that mostly
// sleeps gets through them: its last documents come all the same.
func TestOutagesEnd(t *testing.T) {
	s := pair()
	s.Length = 2 * time.Minute
	s.Outages = []sim.Outage{
		{Kind: sim.Asleep, At: time.Second, Every: time.Minute, For: 46 * time.Second},
		{Kind: sim.SensorDown, At: 2 * time.Second, Every: 2 * time.Minute, For: 40 * time.Second},
	}
	m, err := sim.New(s, sim.Streams{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.AdvanceTo(s.Start.Add(24 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	day := m.Totals()
	if err := m.Run(); err != nil {
		t.Fatal(err)
	}
	if day.Measured.Sum() <= 0 || m.Now().Sub(s.Start) > 25*time.Hour {
		t.Errorf("after a day %v J are measured, and the end is %v away", day.Measured.Sum(), m.Now().Sub(s.Start))
	}
}

func drawScenario(t *rapid.T) sim.Scenario {
	yes := func(what string) bool { return rapid.Bool().Draw(t, what) }
	within := func(what string, low, high float64) float64 { return rapid.Float64Range(low, high).Draw(t, what) }
	span := func(what string, low, high time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(int64(low), int64(high)).Draw(t, what))
	}
	s := pair()
	s.Seed = rapid.Uint64().Draw(t, "seed")
	s.Length = span("length", 2*time.Minute, 8*time.Minute)
	s.Sensor.Interval = span("interval", 100*time.Millisecond, 5*time.Second)
	if yes("lag") {
		s.Sensor.Counters = span("counters", 10*time.Millisecond, 3*time.Second)
	}
	s.Sensor.LiveGPU = s.Sensor.Counters > 0 && yes("live gpu")
	s.Sensor.Zeros = within("zeros", 0, 0.3)
	s.Chip.IdleJitter = 0.05
	s.Chip.MaxWatts = energy.Watts(within("max watts", 15, 60))
	s.Chip.Drift = sim.IdleDrift{Amplitude: 0.2, Period: span("drift", time.Minute, time.Hour)}
	if yes("thermal") {
		s.Chip.Thermal = sim.Thermal{Watts: s.Chip.MaxWatts * energy.Watts(within("thermal watts", 0.5, 1)), Budget: energy.Joules(within("budget", 1, 1000))}
	}
	s.Models[0].ContextJoules = energy.Joules(within("context", 0, 1e-4))
	for i := range s.Servers {
		src := asks(within("prompt", 1, 2000), within("output", 2, 100))
		src.Cancel, src.Turns, src.Prefix = within("cancel", 0, 1), one(2), 50
		for h := range src.Sessions {
			src.Sessions[h] = within("sessions", 0, 100)
		}
		s.Servers[i].Traffic = []sim.Source{src}
		s.Servers[i].Log = sim.Log{Style: sim.LogStyle(rapid.IntRange(0, 1).Draw(t, "style")), Delay: one(within("delay", 0, 5)), Drop: within("drop", 0, 0.5)}
		s.Servers[i].Runs = append(s.Servers[i].Runs, sim.Run{At: span("run", time.Minute, 5*time.Minute), Model: s.Models[0].Path, Abrupt: yes("abrupt")})
	}
	s.Servers = s.Servers[:1+rapid.IntRange(0, 1).Draw(t, "second server")]
	s.Processes = []sim.Process{{Name: "game", At: span("game", 0, time.Minute), Every: span("game again", time.Minute, 4*time.Minute), For: 50 * time.Second, Cores: within("cores", 0, 2), GPUBusy: within("gpu", 0, 0.8), GPUWatts: 5}}
	if yes("down") {
		s.Outages = append(s.Outages, sim.Outage{Kind: sim.SensorDown, At: span("down at", 0, 3*time.Minute), Every: time.Minute, For: span("down for", time.Second, 50*time.Second)})
	}
	if yes("asleep") {
		s.Outages = append(s.Outages, sim.Outage{Kind: sim.Asleep, At: span("asleep at", 0, 3*time.Minute), Every: 2 * time.Minute, For: span("asleep for", time.Second, 40*time.Second)})
	}
	return s
}

// drawWall draws what is behind the chip: nothing, or any part of it.
func drawWall(t *rapid.T) sim.Wall {
	yes := func(what string) bool { return rapid.Bool().Draw(t, what) }
	within := func(what string, low, high float64) float64 { return rapid.Float64Range(low, high).Draw(t, what) }
	span := func(what string, low, high time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(int64(low), int64(high)).Draw(t, what))
	}
	w := sim.Wall{Board: energy.Watts(within("board", 0, 20)), CPU: within("cpu slope", 1, 3), GPU: within("gpu slope", 1, 3), Asleep: energy.Watts(within("asleep", 0, 3))}
	if yes("fan") {
		w.Fan = sim.Fan{Watts: energy.Watts(within("fan", 0, 20)), Delay: span("fan delay", 0, 5*time.Minute)}
	}
	if yes("supply") {
		w.Supply = sim.Supply{Fixed: energy.Watts(within("fixed", 0, 2)), Share: within("share", 0, 0.3), Square: energy.Watts(within("square", 60, 5000))}
	}
	if yes("wall drift") {
		w.Drift = sim.IdleDrift{Steps: []sim.IdleStep{{At: span("wall step", 0, 5*time.Minute), Ratio: within("wall ratio", 0.1, 10)}}}
	}
	if yes("battery") {
		w.Battery = sim.Battery{Capacity: energy.Joules(within("capacity", 100, 1e5)), Charge: within("charge", 0, 1), Watts: energy.Watts(within("charge watts", 0, 100))}
		if yes("unplugged") {
			w.Battery.Unplugged = []sim.Absence{{At: span("unplugged", 0, 3*time.Minute), Every: 3 * time.Minute, For: span("unplugged for", time.Nanosecond, 2*time.Minute)}}
		}
	}
	return w
}
