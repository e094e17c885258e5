package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// roughWall has everything in it.
func roughWall() sim.Wall {
	return sim.Wall{
		Board: 6, CPU: 1.4, GPU: 2.1, ANE: 1.2,
		Fan:    sim.Fan{Watts: 5, Delay: 70 * time.Second},
		Supply: sim.Supply{Fixed: 0.4, Share: 0.07, Square: 1500},
		Battery: sim.Battery{
			Capacity: 40e3, Charge: 0.7, Watts: 30,
			Unplugged: []sim.Absence{{At: 12 * time.Minute, Every: 40 * time.Minute, For: 9*time.Minute + 123456789}},
		},
		Drift:  sim.IdleDrift{Amplitude: 0.1, Period: time.Hour, Steps: []sim.IdleStep{{At: 20 * time.Minute, Ratio: 1.8}}},
		Asleep: 0.7,
	}
}

// failing is a test of either kind.
type failing interface {
	Helper()
	Errorf(format string, args ...any)
}

// checkWall holds the accounts of a whole machine against each other.
func checkWall(t failing, m *sim.Mac, wall sim.Wall, truth []sim.Truth) {
	t.Helper()
	got, state := m.Totals(), m.Wall()
	same := func(what string, a, b energy.Joules) {
		t.Helper()
		if math.Abs(float64(a-b)) > 1e-9*float64(state.BoardTotal) {
			t.Errorf("%s: %v J and %v J of %v J", what, float64(a), float64(b), float64(state.BoardTotal))
		}
	}
	same("what was taken, from the counters", state.WallTotal, state.PlugTotal-state.ChargedTotal+state.DrainedTotal)
	if since := state.At.Sub(m.Now()); since == 0 {
		same("parts at the wall", got.Wall.Sum(), state.WallTotal)
	} else if more := state.WallTotal - got.Wall.Sum(); more < -1e-9*state.WallTotal || more > energy.Watts(1000).For(since) { // the parts are those of the last event
		t.Errorf("%v after the last event, %v J were taken that no part has", since, float64(more))
	}
	var requests, unmeasured energy.Joules
	for _, q := range truth {
		requests += q.Wall
		unmeasured += q.WallUnmeasured
		if q.Wall < q.Energy()*(1-1e-9) || q.WallUnmeasured < 0 || q.WallUnmeasured > q.Wall*(1+1e-9) {
			t.Errorf("request %d took %v J at the wall, %v J of them unmeasured, and %v J of the chip", q.Task, float64(q.Wall), float64(q.WallUnmeasured), float64(q.Energy()))
		}
	}
	same("requests at the wall", requests, got.Wall.Inference())
	same("unmeasured at the wall", unmeasured, got.UnmeasuredWall().Inference())
	same("charge", wall.Battery.Capacity*energy.Joules(state.Battery-wall.Battery.Charge), 0.9*state.ChargedTotal-state.DrainedTotal)
	if state.BoardTotal < got.Rails.Sum()*(1-1e-9) {
		t.Errorf("the board took %v J, its chip %v J", float64(state.BoardTotal), float64(got.Rails.Sum()))
	}
	if loss := state.PlugTotal + state.DrainedTotal - state.ChargedTotal - state.BoardTotal; loss < -1e-9*state.BoardTotal {
		t.Errorf("the supply lost %v J, want 0 or more", float64(loss))
	}
}

func TestWallIsConserved(t *testing.T) {
	for seed := range uint64(3) {
		s := rough(seed)
		s.Wall = roughWall()
		r := run(t, s)
		checkWall(t, r.mac, s.Wall, r.truth)
		got := r.mac.Totals()
		for name, j := range map[string]energy.Joules{
			"baseline": got.Wall.Baseline, "prefill": got.Wall.Prefill, "decode": got.Wall.Decode,
			"model load": got.Wall.ModelLoad, "other processes": got.Wall.OtherProcesses, "afterglow": got.Wall.Afterglow,
			"outside of windows": got.UnmeasuredWall().Baseline,
			"charged":            r.mac.Wall().ChargedTotal, "drained": r.mac.Wall().DrainedTotal,
		} {
			if j <= 0 {
				t.Errorf("seed %d: %s is %v J, want more than 0", seed, name, float64(j))
			}
		}
	}
}

// TestTheWallChangesNothingElse: the chip does not know what is behind it.
func TestTheWallChangesNothingElse(t *testing.T) {
	s := roughPair(5)
	bare := run(t, s)
	s.Wall = roughWall()
	whole := run(t, s)
	if bare.power.String() != whole.power.String() || bare.log.String() != whole.log.String() {
		t.Error("the streams of a machine with a wall behind it differ")
	}
	if a, b := bare.mac.Totals(), whole.mac.Totals(); a.All != b.All || a.MeasuredRails != b.MeasuredRails || a.Printed != b.Printed {
		t.Errorf("totals of the chip: %+v with a wall, %+v without", b, a)
	}
	for i, q := range whole.truth {
		q.Wall, q.WallUnmeasured = bare.truth[i].Wall, bare.truth[i].WallUnmeasured
		if q != bare.truth[i] {
			t.Errorf("request %d: %+v with a wall, %+v without", i, q, bare.truth[i])
		}
	}
}

// TestZeroWallDrawsWhatTheRailsDraw needs no more than its name.
func TestZeroWallDrawsWhatTheRailsDraw(t *testing.T) {
	r := run(t, rough(2))
	got, state := r.mac.Totals(), r.mac.Wall()
	near(t, "the plug", state.PlugTotal, got.Rails.Sum())
	near(t, "the board", state.BoardTotal, got.Rails.Sum())
	near(t, "baseline", got.Wall.Baseline, got.All.Baseline)
	near(t, "other processes", got.Wall.OtherProcesses, got.All.OtherProcesses)
	near(t, "measured", got.MeasuredWall.Sum(), got.Measured.Sum())
	for _, q := range r.truth {
		near(t, "a request", q.Wall, q.Energy())
		near(t, "a request, unmeasured", q.WallUnmeasured, q.Unmeasured)
	}
	if !state.Plugged || got.Wall.Afterglow != 0 || state.Battery != 0 {
		t.Errorf("got %+v and an afterglow of %v J", state, float64(got.Wall.Afterglow))
	}
}

// TestWallHoweverAdvanced asks at many times and at few: what is told of a time
// is the same, to the bit.
func TestWallHoweverAdvanced(t *testing.T) {
	s := roughPair(3)
	s.Wall = roughWall()
	often, seldom := record(t, s), record(t, s)
	for i := 1; i < 9000; i++ {
		at := s.Start.Add(time.Duration(i) * 613 * time.Millisecond)
		if err := often.mac.AdvanceTo(at); err != nil {
			t.Fatal(err)
		}
		got := often.mac.Wall()
		if i%700 != 0 {
			continue
		}
		if err := seldom.mac.AdvanceTo(at); err != nil {
			t.Fatal(err)
		}
		if want := seldom.mac.Wall(); got != want || !got.At.Equal(at) {
			t.Errorf("asked often: %+v, seldom: %+v", got, want)
		}
	}
	if err := often.mac.Run(); err != nil {
		t.Fatal(err)
	}
	if err := seldom.mac.Run(); err != nil {
		t.Fatal(err)
	}
	if a, b := often.mac.Totals(), seldom.mac.Totals(); a != b {
		t.Errorf("totals %+v and %+v", a, b)
	}
}
