package sim_test

import (
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

// checkWall holds the accounts of a whole machine against each other.
func checkWall(t *testing.T, m *sim.Mac, wall sim.Wall, truth []sim.Truth) {
	t.Helper()
	got, state := m.Totals(), m.Wall()
	near(t, "what was taken, from the counters", state.WallTotal, state.PlugTotal-state.ChargedTotal+state.DrainedTotal)
	near(t, "parts at the wall", got.Wall.Sum(), state.WallTotal)
	var requests, unmeasured energy.Joules
	for _, q := range truth {
		requests += q.Wall
		unmeasured += q.WallUnmeasured
	}
	near(t, "requests at the wall", requests, got.Wall.Inference())
	near(t, "unmeasured at the wall", unmeasured, got.Wall.Inference()-got.MeasuredWall.Inference())
	if c := wall.Battery.Capacity; c > 0 {
		near(t, "charge", c*energy.Joules(state.Battery-wall.Battery.Charge), 0.9*state.ChargedTotal-state.DrainedTotal)
	}
	if state.BoardTotal < got.Rails.Sum() {
		t.Errorf("the board took %v J, its chip %v J", float64(state.BoardTotal), float64(got.Rails.Sum()))
	}
}

func TestWallIsConserved(t *testing.T) {
	for seed := range uint64(3) {
		s := rough(seed)
		s.Wall = roughWall()
		r := run(t, s)
		checkWall(t, r.mac, s.Wall, r.truth)
	}
}
