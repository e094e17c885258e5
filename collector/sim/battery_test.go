package sim_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// unplugged is a machine of 5.6 W idle that is unplugged for ten minutes.
func unplugged() sim.Scenario {
	s := plain()
	s.Length = 6 * time.Hour
	s.Wall = sim.Wall{
		Board: 5, Supply: sim.Supply{Fixed: 1, Share: 0.1},
		Battery: sim.Battery{Capacity: 20e3, Charge: 0.75, Watts: 20, Unplugged: []sim.Absence{{At: 10 * time.Minute, For: 10 * time.Minute}}},
	}
	return s
}

func TestUnpluggedMachineDrawsFromItsBattery(t *testing.T) {
	s := unplugged()
	s.Wall.Battery.Charge, s.Wall.Battery.Watts = 0.5, 0
	r := record(t, s)
	on := wallAt(t, r.mac, s, 10*time.Minute-1)
	off := wallAt(t, r.mac, s, 10*time.Minute)
	if !on.Plugged || off.Plugged || off.Plug != 0 {
		t.Errorf("as it is unplugged: %+v and then %+v", on, off)
	}
	nearly(t, "out of the battery", -off.Charging, 5.6)
	last := wallAt(t, r.mac, s, 20*time.Minute-1)
	near(t, "the plug meanwhile", last.PlugTotal, off.PlugTotal)
	near(t, "drained", last.DrainedTotal, 5.6*600-5.6e-9)
	near(t, "taken", last.WallTotal-off.WallTotal, last.DrainedTotal)
	near(t, "held", energy.Joules(last.Battery)*20e3, 10e3-last.DrainedTotal)
	if back := wallAt(t, r.mac, s, 20*time.Minute); !back.Plugged || back.Charging != 0 {
		t.Errorf("plugged in again: %+v", back)
	}
}

// TestBatteryIsCharged: 20 W until 80 %, less and less after it, and the supply
// carries both.
func TestBatteryIsCharged(t *testing.T) {
	s := unplugged()
	s.Wall.Battery.Unplugged = nil
	r := record(t, s)
	w := wallAt(t, r.mac, s, 50*time.Second)
	nearly(t, "charging", w.Charging, 20)
	near(t, "charged", w.ChargedTotal, 1000)
	near(t, "held", energy.Joules(w.Battery)*20e3, 15e3+900)
	nearly(t, "the plug", w.Plug, 1+1.1*(5.6+20))
	near(t, "taken", w.WallTotal-wallTaken(t, s, 40*time.Second), 10*(1+1.1*25.6-20))
	// From 80 % on charging follows what is missing: 4000 J, 18 W of 20 W kept.
	full := 1000.0 / 18 // seconds
	for range 3 {
		full += 4000.0 / 18
		w = wallAt(t, r.mac, s, time.Duration(full*1e9))
		nearly(t, "charging by what is missing", w.Charging, 20*energy.Watts((1-w.Battery)/0.2))
	}
	if w.Battery < 0.989 || w.Battery > 0.991 { // 1 - 0.2·e^-3
		t.Errorf("after three time constants the battery is at %v, want 0.99", w.Battery)
	}
	if w = wallAt(t, r.mac, s, 5*time.Hour); w.Battery > 1 || w.Battery < 1-1e-9 || w.Charging > 1e-6 {
		t.Errorf("in the end: %+v", w)
	}
}

// wallTaken is WallTotal at a time.
func wallTaken(t *testing.T, s sim.Scenario, at time.Duration) energy.Joules {
	t.Helper()
	return wallAt(t, record(t, s).mac, s, at).WallTotal
}

// TestEmptyBatteryIsPluggedIn: at 5 % its owner finds a plug, for this absence.
func TestEmptyBatteryIsPluggedIn(t *testing.T) {
	s := unplugged()
	s.Wall.Battery = sim.Battery{Capacity: 20e3, Charge: 0.1, Watts: 20, Unplugged: []sim.Absence{{At: 10 * time.Minute, Every: 2 * time.Hour, For: time.Hour}}}
	s.Wall.Battery.Watts = 0.001
	r := record(t, s)
	left := wallAt(t, r.mac, s, 10*time.Minute).Battery - 0.05
	empty := 10*time.Minute + time.Duration(left*20e3/5.6*1e9)
	if w := wallAt(t, r.mac, s, empty-time.Millisecond); w.Plugged || w.Battery < 0.05 {
		t.Errorf("nearly empty: %+v", w)
	}
	if w := wallAt(t, r.mac, s, empty+time.Millisecond); !w.Plugged || w.Battery > 0.05+1e-6 || w.Battery < 0.05-1e-9 {
		t.Errorf("empty: %+v", w)
	}
	if w := wallAt(t, r.mac, s, 70*time.Minute-1); !w.Plugged {
		t.Errorf("it was unplugged again: %+v", w)
	}
	if w := wallAt(t, r.mac, s, 130*time.Minute-1); !w.Plugged {
		t.Errorf("unplugged too early: %+v", w)
	}
	if err := r.mac.Run(); err != nil {
		t.Fatal(err)
	}
	checkWall(t, r.mac, s.Wall, nil)
	if w := r.mac.Wall(); w.Battery < 0.05-1e-9 {
		t.Errorf("emptied: %+v", w)
	}
}

// TestUnpluggedAsleep: the sleeping machine lives on its battery, too.
func TestUnpluggedAsleep(t *testing.T) {
	s := unplugged()
	s.Wall.Asleep, s.Wall.Battery.Watts = 1, 0
	s.Outages = []sim.Outage{{Kind: sim.Asleep, At: 5 * time.Minute, For: time.Hour}}
	r := record(t, s)
	w := wallAt(t, r.mac, s, 30*time.Minute)
	near(t, "drained, asleep", w.DrainedTotal, 600)
	near(t, "the plug", w.PlugTotal, (1+1.1*5.6)*300+1.1*5*5+(1+1.1)*900) // the model loads for 5 s at 5 W
}

func TestTotalsOnlyRise(t *testing.T) {
	s := rough(6)
	s.Wall = roughWall()
	r := record(t, s)
	var last sim.WallState
	for at := time.Duration(0); at < s.Length; at += 250 * time.Millisecond {
		w := wallAt(t, r.mac, s, at)
		if w.PlugTotal < last.PlugTotal || w.WallTotal < last.WallTotal || w.BoardTotal < last.BoardTotal || w.ChargedTotal < last.ChargedTotal || w.DrainedTotal < last.DrainedTotal {
			t.Fatalf("at %v a total fell: %+v after %+v", at, w, last)
		}
		if w.Plugged != (w.Plug > 0) || w.Plugged && w.Plug < w.System+w.Charging || w.Battery < 0 || w.Battery > 1 {
			t.Fatalf("at %v: %+v", at, w)
		}
		last = w
	}
}

func TestWallsThatCannotBe(t *testing.T) {
	s := plain()
	s.Wall = sim.Wall{
		Board: -1, GPU: 0.5, Fan: sim.Fan{Watts: -1}, Supply: sim.Supply{Share: 2, Square: -1}, Drift: sim.IdleDrift{Amplitude: 2},
		Battery: sim.Battery{Watts: 3, Unplugged: []sim.Absence{
			{At: time.Hour, For: time.Hour, Every: 3 * time.Hour},
			{At: 90 * time.Minute, For: time.Minute},
			{At: 11 * time.Hour, For: time.Hour, Every: 2 * time.Hour},
			{At: -1, For: time.Hour, Every: time.Minute},
		}},
	}
	_, err := sim.New(s, sim.Streams{})
	if !errors.Is(err, sim.ErrScenario) {
		t.Fatalf("got %v, want ErrScenario", err)
	}
	for _, want := range []string{
		"board -1", "0.5 watts of the board", "fan: -1 watts", "share 2", "square -1", "wall: idle drift: amplitude 2", "no capacity",
		"unplugged at 1h30m0s for 1m0s: want it after the absence at 1h0m0s", "unplugged at 11h0m0s for 1h0m0s: want it after the absence at 1h0m0s",
		"unplugged at -1ns", "absence repeats every 1m0s",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	s.Wall = sim.Wall{Battery: sim.Battery{Capacity: 1e5, Unplugged: []sim.Absence{
		{At: time.Hour, For: time.Hour, Every: 6 * time.Hour}, {At: 2 * time.Hour, For: time.Hour, Every: 3 * time.Hour}, {At: 9 * time.Hour, For: time.Hour},
	}}}
	if _, err := sim.New(s, sim.Streams{}); err != nil {
		t.Errorf("absences one after the other: %v", err)
	}
}
