package sim_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// roughest is two servers with all that can be wrong with a machine and its
// sensor, but noise.
func roughest(seed uint64) sim.Scenario {
	s := roughPair(seed)
	s.Sensor.Noise = 0
	s.Sensor.Counters, s.Sensor.Zeros = 2*time.Second, 0.03
	s.Chip.Drift = sim.IdleDrift{Amplitude: 0.3, Period: 37 * time.Minute, Steps: []sim.IdleStep{{At: 20 * time.Minute, Ratio: 2}, {At: time.Hour, Ratio: 1.2}}}
	s.Chip.Thermal = sim.Thermal{Watts: 18, Budget: 1500}
	s.Models[1].ContextJoules = 2e-6
	return s
}

// TestEnergyIsConservedHoweverItIsRead holds truth, totals and documents
// against each other for each way in which a sensor may behave.
func TestEnergyIsConservedHoweverItIsRead(t *testing.T) {
	for name, change := range map[string]func(*sim.Scenario){
		"all":                 func(*sim.Scenario) {},
		"all, 100 ms windows": func(s *sim.Scenario) { s.Sensor.Interval, s.Length = 100*time.Millisecond, 15*time.Minute },
		"all, 5 s windows":    func(s *sim.Scenario) { s.Sensor.Interval = 5 * time.Second },
		"all, live gpu":       func(s *sim.Scenario) { s.Sensor.LiveGPU = true },
		"no counters":         func(s *sim.Scenario) { s.Sensor.Counters = 0 },
		"no zeros":            func(s *sim.Scenario) { s.Sensor.Zeros = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			s := roughest(2)
			s.Length = 65 * time.Minute
			change(&s)
			r := run(t, s)
			got := r.mac.Totals()
			prefill, decode, unmeasured := cost(r.truth)
			near(t, "parts against rails", got.All.Sum(), got.Rails.Sum())
			near(t, "measured parts against rails", got.Measured.Sum(), got.MeasuredRails.Sum())
			near(t, "prefill of requests", prefill, got.All.Prefill)
			near(t, "decode of requests", decode, got.All.Decode)
			near(t, "unmeasured inference", unmeasured, got.All.Inference()-got.Measured.Inference())
			if off := math.Abs(float64(got.Printed - got.MeasuredRails.Sum() + got.Unread.Sum())); off > 3e-3 {
				t.Errorf("documents say %v J, counters gained %v J", float64(got.Printed), float64(got.MeasuredRails.Sum()-got.Unread.Sum()))
			}
			if none := s.Sensor.Counters == 0; none != (got.Unread == sim.Rails{}) {
				t.Errorf("unread is %+v with counters every %v", got.Unread, s.Sensor.Counters)
			}
			if s.Sensor.LiveGPU && got.Unread.GPU != 0 {
				t.Errorf("%v J of a live counter unread", float64(got.Unread.GPU))
			}
		})
	}
}

func TestCountersThatAreUpdatedNowAndThen(t *testing.T) {
	s := plain()
	s.Sensor.Interval, s.Sensor.Counters = 250*time.Millisecond, 2*time.Second
	s.Outages = []sim.Outage{{Kind: sim.Asleep, At: time.Minute, For: 33 * time.Second}}
	s.Servers[0].Traffic = []sim.Source{asks(1, 1001, 30*time.Second)}
	r := run(t, s)
	zero, lumps := 0, 0
	from, until := r.truth[0].FirstToken.Add(2*time.Second), r.truth[0].End
	for i, d := range documents(t, r.power.Bytes()) {
		if r.ends[i].Before(from) || r.ends[i].After(until) {
			continue
		}
		switch cpu, gpu := d.Processor.CPU, d.Processor.GPU; {
		case cpu == 0 && gpu == 0:
			zero++
		case (cpu-2*1400)*(cpu-2*1400) > 4 || (gpu-2*8200)*(gpu-2*8200) > 4:
			t.Errorf("document %d: %d and %d mJ, want what 2 s of 1.4 and 8.2 W add, or nothing", i, cpu, gpu)
		default:
			lumps++
		}
	}
	if want := int(until.Sub(from).Seconds()-33) / 2; lumps < want-1 || lumps > want+1 || zero < 6*lumps {
		t.Errorf("%d windows with 2 s each and %d with nothing, want %d and seven times as many", lumps, zero, want)
	}
	got := r.mac.Totals()
	if u := math.Abs(float64(got.Unread.Sum())); u > 2*9.6 {
		t.Errorf("%v J unread at the end, more than 2 s can draw", u)
	}
}

func TestLiveGPU(t *testing.T) {
	s := plain()
	s.Sensor.Interval, s.Sensor.Counters, s.Sensor.LiveGPU = 250*time.Millisecond, 2*time.Second, true
	r := run(t, s)
	for i, d := range documents(t, r.power.Bytes()) {
		if d.Processor.GPU < 24 {
			t.Errorf("document %d: %d mJ, want the idle GPU's 0.1 W in each", i, d.Processor.GPU)
		}
	}
}

func TestZerosOnABusyRail(t *testing.T) {
	s := roughest(3)
	s.Servers = s.Servers[:1]
	s.Length = 14 * time.Minute
	s.Sensor.Counters, s.Sensor.Zeros = 0, 0.1
	s.Chip.IdleCores, s.Chip.IdleCPU = 0.3, 1 // never so idle that 0 mJ could be true
	r := run(t, s)
	zero, usable := 0, int64(0)
	docs := documents(t, r.power.Bytes())
	for i, d := range docs {
		if d.Processor.CPU != 0 {
			usable += d.Processor.CPU + d.Processor.GPU + d.Processor.ANE
			continue
		}
		zero++
		if used := d.Processor.Clusters[0].CPUs[0].used(); used == 0 {
			t.Errorf("document %d says 0 mJ of a CPU that did nothing", i)
		}
		if d.Processor.GPU == 0 {
			t.Errorf("document %d: the GPU reads 0 too", i)
		}
	}
	if got := float64(zero) / float64(len(docs)); got < 0.08 || got > 0.12 {
		t.Errorf("%d of %d documents say 0, want a tenth", zero, len(docs))
	}
	got := r.mac.Totals()
	near(t, "documents that can be used", energy.FromMillijoules(usable), got.Printed)
	var sum energy.Joules
	unusable := 0
	if _, err := powermetrics.Replay(&r.power, func(m attribution.Measurement) error {
		switch {
		case m.Window != nil:
			sum += m.Window.Energy
		case m.Gap.Reason == attribution.GapUnusable:
			unusable++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	near(t, "windows as sovmeter reads them", sum, got.Printed)
	if unusable == 0 {
		t.Error("sovmeter finds every document usable")
	}
	if share := float64(got.Measured.Sum() / got.All.Sum()); share < 0.8 || share > 0.92 {
		t.Errorf("%v of the energy measured, want nine tenths less the stops", share)
	}
}

func TestIdleDrifts(t *testing.T) {
	s := plain()
	s.Length = 40 * time.Minute
	s.Chip.Drift = sim.IdleDrift{Amplitude: 0.2, Period: 20 * time.Minute, Steps: []sim.IdleStep{{At: 20 * time.Minute, Ratio: 1.5}}}
	m, err := sim.New(s, sim.Streams{})
	if err != nil {
		t.Fatal(err)
	}
	last := energy.Joules(0)
	for quarter, want := range []float64{1 + 0.4/math.Pi, 1 - 0.4/math.Pi, 1.5 * (1 + 0.4/math.Pi), 1.5 * (1 - 0.4/math.Pi)} {
		if err := m.AdvanceTo(s.Start.Add(time.Duration(quarter+1) * 10 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		now := m.Totals().All.Baseline
		if got := float64((now - last).Over(10*time.Minute)) / 0.6; math.Abs(got-want) > 0.004 { // two windows of 600
			t.Errorf("quarter %d: the idle machine draws %.4f of its watts, want %.4f", quarter, got, want)
		}
		last = now
	}
}

func TestSensingThatCannotBe(t *testing.T) {
	for want, change := range map[string]func(*sim.Scenario){
		"counters updated every 1ms: want 0, or": func(s *sim.Scenario) { s.Sensor.Counters = time.Millisecond },
		"sensor: interval 1ms: want 10ms to a m": func(s *sim.Scenario) { s.Sensor.Interval = time.Millisecond },
		"live gpu: only where counters are not":  func(s *sim.Scenario) { s.Sensor.LiveGPU = true },
		"sensor: zeros 2: want a ratio":          func(s *sim.Scenario) { s.Sensor.Zeros = 2 },
		"want chip idle cores above 0":           func(s *sim.Scenario) { s.Sensor.Zeros, s.Chip.IdleCores = 0.1, 0 },
		"amplitude 1: want 0 to 0.9":             func(s *sim.Scenario) { s.Chip.Drift = sim.IdleDrift{Amplitude: 1, Period: time.Hour} },
		"period 0s: want more than 0":            func(s *sim.Scenario) { s.Chip.Drift.Amplitude = 0.1 },
		"step at 1s: want times in order": func(s *sim.Scenario) {
			s.Chip.Drift.Steps = []sim.IdleStep{{At: time.Second, Ratio: 1}, {At: time.Second, Ratio: 1}}
		},
		"step to 11: want a ratio, 0.1 to 10":    func(s *sim.Scenario) { s.Chip.Drift.Steps = []sim.IdleStep{{Ratio: 11}} },
		"thermal: budget 0: want more than 0":    func(s *sim.Scenario) { s.Chip.Thermal.Watts = 10 },
		"thermal: watts 0.5: want more than the": func(s *sim.Scenario) { s.Chip.Thermal = sim.Thermal{Watts: 0.5, Budget: 1} },
		"plain.gguf: energy below 0":             func(s *sim.Scenario) { s.Models[0].ContextJoules = -1 },
	} {
		s := plain()
		change(&s)
		_, err := sim.New(s, sim.Streams{})
		if !errors.Is(err, sim.ErrScenario) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
