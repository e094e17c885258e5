package calibration_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// climb is a ladder of which the chip's power is known, and how it was measured.
func climb(d device, seed uint64) ([]calibration.Run, run) {
	r := rand.New(rand.NewPCG(seed, 3))
	level := map[calibration.Load]float64{calibration.LoadIdle: 0.3, calibration.LoadDecode: 12, calibration.LoadPrefill: 28, calibration.LoadCPU: 3}
	var watts []float64
	var runs []calibration.Run
	for _, s := range calibration.Ladder(10) {
		w := level[s.Load]
		if s.Load == calibration.LoadCPU || s.Load == calibration.LoadDecode {
			w += 1.5 * float64(s.Count)
		}
		from := time.Duration(float64(len(watts)) * tick * float64(time.Second))
		for range int(s.Length.Seconds() / tick) {
			watts = append(watts, w)
		}
		runs = append(runs, calibration.Run{Step: s, Start: start.Add(from), End: start.Add(from + s.Length)})
	}
	for len(watts) < int(600/tick) { // the meter is read on for a while
		watts = append(watts, 0.3)
	}
	return runs, simulate(watts, d, r)
}

// TestALadderFromEndToEnd goes from readings to the line.
func TestALadderFromEndToEnd(t *testing.T) {
	devices := map[string]device{
		"a plug on time":     {poll: time.Second, noise: 0.2, fan: 1},
		"a slow plug":        {delay: 3, box: 10, poll: 2 * time.Second, noise: 0.2, fan: 1, quantum: 0.1},
		"a clock 25 s ahead": {delay: -25, filter: 3, poll: 2 * time.Second, noise: 0.2, missed: 0.1},
		"whole watts":        {delay: 1, poll: 3 * time.Second, quantum: 1, fan: 1},
		"asked every 5 s":    {delay: 4, poll: 5 * time.Second, noise: 0.2, fan: 1},
	}
	for name, d := range devices {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(3) {
				runs, seen := climb(d, seed)
				lag, ok := seen.lag()
				if !ok || math.Abs(lag.Delay.Seconds()-d.mean()) > 1 {
					t.Errorf("lag %v, %+v, want %.1f s", ok, lag, d.mean())
				}
				plateaus := calibration.Plateaus(runs, seen.windows, seen.readings, lag)
				for _, p := range plateaus {
					if p.Err != nil {
						t.Errorf("step %s: %v", p.Run.Step.Name, p.Err)
					}
				}
				c, err := calibration.Fit(calibration.Blocks(plateaus), calibration.Options{Lag: lag.Delay, LagKnown: true})
				if err != nil {
					t.Fatal(err)
				}
				slope := 1.7 + d.fan/30
				if math.Abs(float64(c.Base)-6) > 0.4 || math.Abs(c.GPU-slope) > 0.03 || c.PerRail {
					t.Errorf("%g + %g, want 6 + %.3f", c.Base, c.GPU, slope)
				}
			}
		})
	}
}

func TestTheLadderTakesAboutEightMinutes(t *testing.T) {
	for _, cores := range []int{-1, 0, 1, 8, 32} {
		steps := calibration.Ladder(cores)
		if d := calibration.Length(steps); d < 7*time.Minute || d > 9*time.Minute {
			t.Errorf("%d cores: %v", cores, d)
		}
		phasesOf(t, steps)
		names := map[string]bool{}
		for i, s := range steps {
			if names[s.Name] {
				t.Errorf("two steps %s", s.Name)
			}
			names[s.Name] = true
			if s.Length-s.Settle < calibration.LeastPlateau+10*time.Second {
				t.Errorf("%s leaves %v", s.Name, s.Length-s.Settle)
			}
			if s.Load == calibration.LoadCPU && (s.Count < 1 || s.Count > max(cores, 1)) {
				t.Errorf("%s on %d of %d cores", s.Name, s.Count, cores)
			}
			if i > 0 && (s.Length == steps[i-1].Length || s.Load == steps[i-1].Load) {
				t.Errorf("%s is like the step before", s.Name)
			}
		}
	}
}

// phasesOf wants steps to begin at most of the phases of a meter's period, since
// its lag is told by how long after a change the readings come.
func phasesOf(t *testing.T, steps []calibration.Step) {
	t.Helper()
	for period := 2; period <= 10; period++ {
		phases := map[int]bool{}
		at := time.Duration(0)
		for _, s := range steps {
			at += s.Length
			phases[int(at.Seconds())%period] = true
		}
		if 2*len(phases) <= period {
			t.Errorf("a meter that is read every %d s sees steps at %d phases", period, len(phases))
		}
	}
}

// one is a step of a minute, with windows and readings each second.
type one struct {
	run      calibration.Run
	windows  []attribution.Window
	readings []attribution.MeterReading
	lag      calibration.Lag
}

// steady is a minute at 20 W of the chip and 40 W at the plug.
func steady() *one {
	o := &one{run: calibration.Run{
		Step:  calibration.Step{Name: "decode-1", Load: calibration.LoadDecode, Count: 1, Settle: 20 * time.Second},
		Start: start, End: start.Add(time.Minute),
	}}
	for i := range 70 {
		at := start.Add(time.Duration(i) * time.Second)
		rail := func(e energy.Joules) attribution.Rail { return attribution.Rail{Energy: e, Known: true} }
		o.windows = append(o.windows, attribution.Window{
			Start: at, End: at.Add(time.Second), CPU: rail(2), GPU: rail(18), Energy: 20,
			Usage: &attribution.Usage{},
		})
		o.readings = append(o.readings, attribution.MeterReading{
			At: at, HasPower: true, Power: 40, HasEnergy: true, Energy: energy.Joules(1e6 + 40*float64(i)), Resolution: 1,
		})
	}
	return o
}

func (o *one) plateau() calibration.Plateau {
	return calibration.Plateaus([]calibration.Run{o.run}, o.windows, o.readings, o.lag)[0]
}

func TestAPlateauIsWhatWasMeasured(t *testing.T) {
	tests := []struct {
		name   string
		change func(o *one)
		source calibration.Source
		step   energy.Watts
	}{
		{"the counter", func(o *one) {}, calibration.SourceCounter, 1.0 / 40},
		{"no power", func(o *one) { o.each(func(_ int, r *attribution.MeterReading) { r.HasPower = false }) }, calibration.SourceCounter, 1.0 / 40},
		{"no counter", func(o *one) { o.each(func(_ int, r *attribution.MeterReading) { r.HasEnergy = false }) }, calibration.SourcePower, 0},
		{"a coarse counter", func(o *one) {
			o.each(func(_ int, r *attribution.MeterReading) {
				r.Energy, r.Resolution = energy.Joules(math.Floor(float64(r.Energy)/3600))*3600, 3600
			})
		}, calibration.SourcePower, 0},
		{"a coarse counter that does not say so", func(o *one) {
			o.each(func(_ int, r *attribution.MeterReading) {
				r.Energy, r.Resolution = energy.Joules(math.Floor(float64(r.Energy)/360))*360, 0
			})
		}, calibration.SourcePower, 0},
		{"a counter that was reset", func(o *one) {
			o.each(func(i int, r *attribution.MeterReading) {
				if i > 40 {
					r.Energy -= 1e6
				}
			})
		}, calibration.SourcePower, 0},
		{"a meter that is late", func(o *one) {
			o.lag.Delay = 7 * time.Second
			o.each(func(i int, r *attribution.MeterReading) {
				if i < 26 { // what it showed of the step before
					r.Power = 300
				}
			})
			o.readings = append(o.readings[:25:25], o.readings[27:]...)
		}, calibration.SourceCounter, 1.0 / 40},
		{"some polls missed", func(o *one) { o.readings = append(o.readings[:30:30], o.readings[38:]...) }, calibration.SourceCounter, 1.0 / 40},
		{"garbage among the readings", func(o *one) {
			o.readings[33].Power = energy.Watts(math.NaN())
			o.readings[44].Energy = energy.Joules(math.Inf(1))
		}, calibration.SourceCounter, 1.0 / 40},
		{"two answers at once", func(o *one) { o.readings[40].At = o.readings[39].At }, calibration.SourceCounter, 1.0 / 40},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := steady()
			tt.change(o)
			p := o.plateau()
			if p.Err != nil {
				t.Fatal(p.Err)
			}
			b := p.Block
			if p.Source != tt.source || math.Abs(float64(p.Step-tt.step)) > 0.002 {
				t.Errorf("from %s ± %g W, want %s ± %g W", p.Source, p.Step, tt.source, tt.step)
			}
			if math.Abs(float64(b.Whole)-40) > 1e-6 || math.Abs(float64(b.CPU)-2) > 1e-9 || math.Abs(float64(b.GPU)-18) > 1e-9 {
				t.Errorf("got %+v", b)
			}
			if b.Start.Before(start.Add(20*time.Second)) || b.End.After(start.Add(time.Minute)) || b.End.Sub(b.Start) < 38*time.Second {
				t.Errorf("from %v to %v", b.Start, b.End)
			}
		})
	}
}

// TestASampleOfTheNextStepIsNotOfThisOne has samples that begin in one step and end
// in the next, which draws another power.
func TestASampleOfTheNextStepIsNotOfThisOne(t *testing.T) {
	for _, length := range []time.Duration{time.Second, 2 * time.Second, 5 * time.Second} {
		o := steady()
		o.run.Step.Settle, o.windows = 0, nil
		drawn := func(at time.Time) energy.Joules { // since the beginning of the step
			in := min(max(at.Sub(o.run.Start), 0), o.run.End.Sub(o.run.Start))
			return energy.Watts(18).For(in) + energy.Watts(60).For(at.Sub(o.run.Start)-in)
		}
		for at := start.Add(-length / 3); at.Before(o.run.End.Add(length)); at = at.Add(length) {
			o.windows = append(o.windows, attribution.Window{
				Start: at, End: at.Add(length), CPU: attribution.Rail{Energy: energy.Watts(2).For(length), Known: true},
				GPU: attribution.Rail{Energy: drawn(at.Add(length)) - drawn(at), Known: true},
			})
		}
		p := o.plateau()
		if b := p.Block; p.Err != nil || math.Abs(float64(b.CPU)-2) > 1e-9 || math.Abs(float64(b.GPU)-18) > 1e-9 || b.End.Sub(b.Start) < time.Minute-3*length {
			t.Errorf("samples of %s: %+v, %v", length, b, p.Err)
		}
	}
}

// TestWhatGoesIntoABatteryIsNotTheMachines: a full battery takes a little all the
// time, which is much beside a laptop at rest.
func TestWhatGoesIntoABatteryIsNotTheMachines(t *testing.T) {
	for _, charging := range []energy.Watts{0.9, -0.9} {
		o := steady()
		o.each(func(i int, r *attribution.MeterReading) {
			r.HasCharging, r.Charging = true, charging
			r.Power, r.Energy = r.Power+charging, r.Energy+charging.For(time.Duration(i)*time.Second)
		})
		if p := o.plateau(); p.Err != nil || math.Abs(float64(p.Block.Whole)-40) > 1e-6 {
			t.Errorf("%g W into the battery: %+v, %v", charging, p.Block, p.Err)
		}
	}
}

func (o *one) each(f func(i int, r *attribution.MeterReading)) {
	for i := range o.readings {
		f(i, &o.readings[i])
	}
}

func TestAPlateauIsThrownOut(t *testing.T) {
	tests := []struct {
		name   string
		change func(o *one)
		want   error
		says   string
	}{
		{"the step broke off", func(o *one) { o.run.End = start.Add(30 * time.Second) }, calibration.ErrTooShort, "10s is left of 30s"},
		{"a meter of long means", func(o *one) { o.lag.Spread = 8 * time.Second }, calibration.ErrTooShort, "8s is left"},
		{"no readings", func(o *one) { o.readings = nil }, calibration.ErrMeterUnknown, "0 readings"},
		{"the meter ended too early", func(o *one) { o.readings = o.readings[:40] }, calibration.ErrMeterUnknown, "20 readings"},
		{"the meter dropped out", func(o *one) {
			o.each(func(_ int, r *attribution.MeterReading) { r.HasEnergy = false })
			o.readings = append(o.readings[:30:30], o.readings[48:]...)
		}, calibration.ErrMeterUnknown, "readings"},
		{"late, and not read on", func(o *one) { o.lag.Delay = 50 * time.Second }, calibration.ErrMeterUnknown, "0 readings"},
		{"powermetrics died", func(o *one) { o.windows = append(o.windows[:30:30], o.windows[40:]...) }, calibration.ErrChipUnknown, "covered"},
		{"no windows", func(o *one) { o.windows = nil }, calibration.ErrChipUnknown, "0 %"},
		{"the answer was over", func(o *one) {
			for i := 40; i < 70; i++ {
				o.windows[i].GPU.Energy = 0
			}
		}, calibration.ErrUnsteady, "from 20.0 to 2.0 W"},
		{"the same, with others at work", func(o *one) {
			for i := 40; i < 70; i++ {
				o.windows[i].GPU.Energy = 40
			}
			for i := range o.windows {
				o.windows[i].Usage.Others.CPU = 2 * time.Second
			}
		}, calibration.ErrOtherLoad, "2.0 cores"},
		{"a display was turned on", func(o *one) {
			o.each(func(i int, r *attribution.MeterReading) {
				if i > 40 {
					r.Power, r.Energy = r.Power+30, r.Energy+energy.Joules(30*(i-40))
				}
			})
		}, calibration.ErrUnsteady, "from 40"},
		{"the battery charges", func(o *one) {
			o.each(func(_ int, r *attribution.MeterReading) { r.HasCharging, r.Charging = true, 12 })
		}, calibration.ErrCharging, "12.0 W"},
		{"the battery helps out", func(o *one) {
			o.each(func(_ int, r *attribution.MeterReading) { r.HasCharging, r.Charging = true, -12 })
		}, calibration.ErrCharging, "-12.0 W"},
		{"a counter in the wrong unit", func(o *one) {
			o.each(func(_ int, r *attribution.MeterReading) { r.Energy *= 3.6 })
		}, calibration.ErrDisagree, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := steady()
			tt.change(o)
			p := o.plateau()
			var why *calibration.PlateauError
			if !errors.Is(p.Err, tt.want) || !errors.As(p.Err, &why) || why.Step != "decode-1" || !strings.Contains(why.Error(), tt.says) {
				t.Errorf("got %v, want %v with %q", p.Err, tt.want, tt.says)
			}
			if p.Block != (calibration.Block{}) || len(calibration.Blocks([]calibration.Plateau{p})) != 0 {
				t.Errorf("its block counts: %+v", p.Block)
			}
		})
	}
}
