package scope_test

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/scope"
)

// wallMeter is a plug that is read every two seconds.
func wallMeter() scope.Meter { return scope.Meter{Name: "plug", Scope: attribution.ScopeWall} }

// plugs are devices as they are: what they show, how coarsely and how late.
func plugs() map[string]plug {
	return map[string]plug{
		"power alone":           {power: true, mean: 1},
		"fine counter":          {power: true, counts: true, mean: 1, step: 3.6},
		"counter by the minute": {power: true, counts: true, mean: 1, step: 60, update: 60},
		"counter of watt-hours": {power: true, counts: true, mean: 1, step: 3600},
		"power 3 % off":         {power: true, counts: true, mean: 1, step: 3.6, gain: 1.03},
		"power off, watt-hours": {power: true, counts: true, mean: 1, step: 3600, gain: 0.97},
		"power of ten seconds":  {power: true, counts: true, mean: 10, step: 3.6},
		"a second late":         {power: true, counts: true, mean: 1, step: 3.6, late: 1},
		"counter alone":         {counts: true, step: 0.1},
		"counter from long ago": {power: true, counts: true, mean: 1, step: 3.6, offset: 9e9},
	}
}

func TestWhatIsBookedIsWhatThePlugSays(t *testing.T) {
	for name, p := range plugs() {
		t.Run(name, func(t *testing.T) {
			m := newMachine(4*3600, 1)
			r := newRig(t, m, p, wallMeter())
			r.run(4*3600 - 10)
			r.flush()
			joules, seconds := r.sums()
			if covered := seconds[attribution.ScopeWall]; covered < 4*3600-30 {
				t.Errorf("%v s at the wall, %v", covered, seconds)
			}
			truth := 0.0
			for _, x := range r.out {
				if start, end, s, _ := bounds(x); s == attribution.ScopeWall {
					truth += m.between(m.wall, start.Sub(at(0)).Seconds(), end.Sub(at(0)).Seconds())
				}
			}
			limit := 0.002
			if p.counts && p.step > 100 {
				limit += p.step / truth
			}
			if off(joules[attribution.ScopeWall], truth) > limit {
				t.Errorf("booked %.0f J, the wall gave %.0f: %.2f %% off", joules[attribution.ScopeWall], truth, 100*(joules[attribution.ScopeWall]/truth-1))
			}
		})
	}
}

// shapeError is how far the windows at the wall are off, on average, as a share
// of the mean.
func (r *rig) shapeError() float64 {
	var sum, wall float64
	for _, x := range r.out {
		start, end, s, e := bounds(x)
		if s != attribution.ScopeWall {
			continue
		}
		truth := r.between(r.wall, start.Sub(at(0)).Seconds(), end.Sub(at(0)).Seconds())
		sum += math.Abs(float64(e) - truth)
		wall += truth
	}
	return sum / wall
}

// Each window has its own energy, not only the day its own: the line knows when
// the load changed though the plug tells it every few seconds.
func TestWindowsHaveTheirShape(t *testing.T) {
	limits := map[string]float64{"power alone": 0.01, "fine counter": 0.01, "power of ten seconds": 0.07, "a second late": 0.013, "counter of watt-hours": 0.01, "power 3 % off": 0.011}
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, newMachine(4*3600, 2), plugs()[name], wallMeter())
			r.run(4*3600 - 10)
			if e := r.shapeError(); e > limit {
				t.Errorf("windows are %.1f %% off, want %.1f", 100*e, 100*limit)
			}
		})
	}
}

func TestDropOutIsCalibratedAndComesBack(t *testing.T) {
	r := newRig(t, newMachine(3*3600, 3), plugs()["fine counter"], wallMeter())
	r.mute = func(s float64) bool { return s > 5000 && s < 6000 }
	r.run(3*3600 - 10)
	r.flush()
	joules, seconds := r.sums()
	if c := seconds[attribution.ScopeCalibrated]; c < 985 || c > 1015 {
		t.Errorf("%v s calibrated, the meter was away for 1000", c)
	}
	if seconds[attribution.ScopeSoC] > 5 {
		t.Errorf("%v s of the SoC alone", seconds[attribution.ScopeSoC])
	}
	truth := r.between(r.wall, 0, 3*3600-10)
	if sum := joules[attribution.ScopeCalibrated] + joules[attribution.ScopeWall]; off(sum, truth) > 0.005 {
		t.Errorf("booked %.0f J of %.0f", sum, truth)
	}
	if s := r.s.Status(); s.Meters[0].DropOuts != 1 {
		t.Errorf("drop-outs: %+v", s.Meters[0])
	}
}

// A missed answer or two is no drop-out: the counter knows.
func TestMissedReadingsCostNothing(t *testing.T) {
	r := newRig(t, newMachine(3600, 4), plugs()["fine counter"], wallMeter())
	r.mute = func(s float64) bool { return int(s)%20 < 7 }
	r.run(3590)
	r.flush()
	joules, seconds := r.sums()
	if seconds[attribution.ScopeWall] < 3570 {
		t.Errorf("scopes %v", seconds)
	}
	if truth := r.between(r.wall, 0, 3590); off(joules[attribution.ScopeWall], truth) > 0.01 {
		t.Errorf("booked %.0f J of %.0f", joules[attribution.ScopeWall], truth)
	}
}

func TestResetBeginsANewAccount(t *testing.T) {
	p := plugs()["fine counter"]
	r := newRig(t, newMachine(3600, 5), p, wallMeter())
	r.run(1800)
	r.plug.offset = -r.plug.total[1800*10] // the device began at 0 again
	r.run(3590)
	r.flush()
	joules, seconds := r.sums()
	if seconds[attribution.ScopeWall] < 3585 {
		t.Errorf("scopes %v", seconds)
	}
	if truth := r.between(r.wall, 0, 3590); off(joules[attribution.ScopeWall], truth) > 0.002 {
		t.Errorf("booked %.0f J of %.0f", joules[attribution.ScopeWall], truth)
	}
	if s := r.s.Status(); s.Meters[0].Resets != 1 {
		t.Errorf("resets: %+v", s.Meters[0])
	}
}

// A counter that jumps by what no Mac draws is not followed.
func TestLeapIsNotBooked(t *testing.T) {
	r := newRig(t, newMachine(3600, 6), plugs()["fine counter"], wallMeter())
	r.run(1800)
	r.plug.offset = 5e6
	r.run(3590)
	r.flush()
	joules, _ := r.sums()
	if truth := r.between(r.wall, 0, 3590); off(joules[attribution.ScopeWall], truth) > 0.002 {
		t.Errorf("booked %.0f J of %.0f", joules[attribution.ScopeWall], truth)
	}
}

// A sleep has what the counter moved in it, and a restart of powermetrics what
// was read meanwhile.
func TestGapsHaveTheMetersEnergy(t *testing.T) {
	for reason, reads := range map[attribution.GapReason]bool{
		attribution.GapSleep: false, attribution.GapStart: false, attribution.GapPowermetrics: true, attribution.GapUnusable: true,
	} {
		t.Run(string(reason), func(t *testing.T) {
			r := newRig(t, newMachine(7200, 7), plugs()["fine counter"], wallMeter())
			r.run(1800)
			end := 1807.0
			if !reads {
				end = 5400
			}
			r.gap(end, reason, reads)
			r.run(7190)
			r.flush()
			joules, seconds := r.sums()
			if seconds[attribution.ScopeWall] < 7180 {
				t.Errorf("scopes %v", seconds)
			}
			if truth := r.between(r.wall, 0, 7190); off(joules[attribution.ScopeWall], truth) > 0.002 {
				t.Errorf("booked %.0f J of %.0f", joules[attribution.ScopeWall], truth)
			}
		})
	}
}

// Hours without powermetrics, while the plug goes on: what it counted is the
// gap's, and what is kept meanwhile stays small.
func TestLongGapHasWhatWasCounted(t *testing.T) {
	r := newRig(t, newMachine(5*3600, 14), plugs()["fine counter"], wallMeter())
	r.run(1800)
	r.readUntil(4 * 3600)
	state, err := r.s.State()
	if err != nil {
		t.Fatal(err)
	}
	if len(state) > 200<<10 {
		t.Errorf("the state has %d bytes", len(state))
	}
	r.gap(4*3600, attribution.GapPowermetrics, true)
	r.run(5*3600 - 10)
	r.flush()
	joules, seconds := r.sums()
	if seconds[attribution.ScopeWall] < 5*3600-30 {
		t.Errorf("scopes %v", seconds)
	}
	if truth := r.between(r.wall, 0, 5*3600-10); off(joules[attribution.ScopeWall], truth) > 0.002 {
		t.Errorf("booked %.0f J of %.0f", joules[attribution.ScopeWall], truth)
	}
}

// Without a counter nobody knows what a sleep took, and time that never was has
// none under any meter.
func TestGapsStayUnknown(t *testing.T) {
	for name, p := range map[string]plug{"power alone": plugs()["power alone"], "fine counter": plugs()["fine counter"]} {
		reason := attribution.GapSleep
		if p.counts {
			reason = attribution.GapClockChange
		}
		t.Run(name, func(t *testing.T) {
			r := newRig(t, newMachine(7200, 8), p, wallMeter())
			r.run(1800)
			r.gap(5400, reason, false)
			r.run(7190)
			r.flush()
			for _, m := range r.out {
				if m.Gap != nil && m.Gap.Scope != "" {
					t.Errorf("gap %+v", *m.Gap)
				}
			}
		})
	}
}

// A plug that a laptop was pulled from, or that something else hangs on, shows
// less than the chip draws.
func TestLessThanTheChipIsRefused(t *testing.T) {
	p := plugs()["fine counter"]
	r := newRig(t, newMachine(3600, 9), p, wallMeter())
	r.plug.gain = 0.05
	r.plug.counts = false
	r.run(3590)
	r.flush()
	_, seconds := r.sums()
	if seconds[attribution.ScopeWall] > 400 { // at rest the chip draws as little
		t.Errorf("scopes %v", seconds)
	}
	if s := r.s.Status(); s.Meters[0].Below < 1000 {
		t.Errorf("below: %+v", s.Meters[0])
	}
}

// A restart of sovmeter at any time books all once.
func TestRestartGoesOn(t *testing.T) {
	whole := newRig(t, newMachine(3600, 10), plugs()["fine counter"], wallMeter())
	cut := newRig(t, newMachine(3600, 10), plugs()["fine counter"], wallMeter())
	for s := 7.0; s < 3590; s += 37 {
		whole.run(s)
		cut.run(s)
		cut.restart(wallMeter())
	}
	whole.flush()
	cut.flush()
	if len(whole.out) != len(cut.out) {
		t.Fatalf("%d measurements, with restarts %d", len(whole.out), len(cut.out))
	}
	for i := range whole.out {
		_, _, s1, e1 := bounds(whole.out[i])
		_, _, s2, e2 := bounds(cut.out[i])
		if s1 != s2 || math.Abs(float64(e1-e2)) > 1e-9*float64(e1) {
			t.Fatalf("measurement %d: %v at %s, with restarts %v at %s", i, e1, s1, e2, s2)
		}
	}
}

func TestWithoutMetersNothingWaits(t *testing.T) {
	m := newMachine(100, 11)
	s, err := scope.New(scope.Config{}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		s.Add(m.window(float64(i), float64(i+1)))
		got := s.Settle(at(float64(i + 1)))
		if len(got) != 1 || got[0].Window.Scope != attribution.ScopeSoC {
			t.Fatalf("window %d: %+v", i, got)
		}
	}
}

// Some meters tell power and counter apart, each with a time of its own.
func TestPowerAndCounterToldApart(t *testing.T) {
	for _, step := range []float64{3.6, 3600} {
		p := plug{power: true, counts: true, mean: 1, step: step, gain: 1.04}
		r := newRig(t, newMachine(4*3600, 13), p, wallMeter())
		r.apart = true
		r.run(4*3600 - 10)
		r.flush()
		joules, seconds := r.sums()
		if seconds[attribution.ScopeWall] < 4*3600-30 {
			t.Errorf("step %v: scopes %v", step, seconds)
		}
		if truth := r.between(r.wall, 0, 4*3600-10); off(joules[attribution.ScopeWall], truth) > 0.002+step/truth {
			t.Errorf("step %v: booked %.0f J of %.0f", step, joules[attribution.ScopeWall], truth)
		}
		if e := r.shapeError(); e > 0.03 { // the power is 4 % off until the counter has shown it
			t.Errorf("step %v: windows are %.1f %% off", step, 100*e)
		}
	}
}

// What waits is bounded by time, whatever a meter does.
func TestNothingWaitsForLong(t *testing.T) {
	for name, p := range plugs() {
		r := newRig(t, newMachine(1300, 12), p, wallMeter())
		longest := time.Duration(0)
		r.mute = func(s float64) bool { return s > 700 }
		for s := 1.0; s < 1290; s++ {
			r.run(s)
			if first, ok := r.s.First(); ok {
				longest = max(longest, at(s).Sub(first))
			}
		}
		if longest > 20*time.Second {
			t.Errorf("%s: a window waited for %v", name, longest)
		}
	}
}
