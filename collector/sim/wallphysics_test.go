package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// wallAt advances to a time since the start and asks.
func wallAt(t *testing.T, m *sim.Mac, s sim.Scenario, at time.Duration) sim.WallState {
	t.Helper()
	if err := m.AdvanceTo(s.Start.Add(at)); err != nil {
		t.Fatal(err)
	}
	return m.Wall()
}

// nearly wants a power to a part in 1e9.
func nearly(t *testing.T, what string, got, want energy.Watts) {
	t.Helper()
	near(t, what, got.For(time.Second), want.For(time.Second))
}

// TestWallInRoundNumbers: 0.5 W of CPU and 0.1 W of GPU idle behind a board of
// 5 W. A request of 6 and 90 J takes a tenth of both from the CPU.
func TestWallInRoundNumbers(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(600, 101, 30*time.Second)}
	s.Wall = sim.Wall{Board: 5, CPU: 1.5, GPU: 2, Supply: sim.Supply{Fixed: 1, Share: 0.1}}
	r := run(t, s)
	near(t, "the request at the wall", r.truth[0].Wall, 96*(0.1*1.5+0.9*2)*1.1)
	idle := record(t, s)
	w := wallAt(t, idle.mac, s, 20*time.Second)
	nearly(t, "the board", w.System, 5+0.75+0.2)
	nearly(t, "the plug", w.Plug, 1+1.1*5.95)
	before := w.PlugTotal
	near(t, "the plug in the next 5 s", wallAt(t, idle.mac, s, 25*time.Second).PlugTotal-before, 5*7.545)
	// Decoding takes 9 W: 0.9 W of the CPU and 8.1 W of the GPU.
	nearly(t, "the plug while decoding", wallAt(t, idle.mac, s, 35*time.Second).Plug, 1+1.1*(5.95+0.9*1.5+8.1*2))
}

// TestSquareOfTheSupply: what a request takes includes how much less efficient it
// makes the supply.
func TestSquareOfTheSupply(t *testing.T) {
	s := plain()
	s.Servers[0].Traffic = []sim.Source{asks(600, 101, 30*time.Second)}
	s.Wall = sim.Wall{Board: 5, Supply: sim.Supply{Square: 100}}
	r := run(t, s)
	// 5.6 W idle; 10 W more for 0.6 s and 9 W more for 10 s.
	want := 96 + ((15.6*15.6-5.6*5.6)*0.6+(14.6*14.6-5.6*5.6)*10)/100
	near(t, "the request at the wall", r.truth[0].Wall, energy.Joules(want))
}

// TestFanGlowsAfter: what the fan draws after a job has the job's heat and
// belongs to none.
func TestFanGlowsAfter(t *testing.T) {
	s := plain()
	s.Length = time.Hour
	s.Processes = []sim.Process{{Name: "job", At: 20 * time.Minute, For: 20 * time.Minute, Cores: 6}}
	s.Wall = sim.Wall{Fan: sim.Fan{Watts: 6, Delay: 30 * time.Second}}
	r := run(t, s)
	got := r.mac.Totals().Wall
	afterLoad := 5.0 / 60 * 6 * 30 * (1 - math.Exp(-5.0/30)) // 5 W for 5 s
	afterJob := 24.0 / 60 * 6 * 30
	near(t, "afterglow", got.Afterglow, energy.Joules(afterLoad+afterJob))
	near(t, "the job", got.OtherProcesses, energy.Joules(24*1200+24.0/60*6*(1200-30)))
	cold := record(t, s)
	idle := wallAt(t, cold.mac, s, 19*time.Minute)
	nearly(t, "the fan of the idle machine", idle.System, 0.6+0.06)
	// A time constant after its start, the job's fan has come to 63 % of 2.4 W.
	warm := wallAt(t, cold.mac, s, 20*time.Minute+30*time.Second)
	nearly(t, "the fan after a time constant", warm.System, 24.66+2.4*energy.Watts(1-math.Exp(-1)))
}

func TestBoardDriftsBetweenWindows(t *testing.T) {
	s := plain()
	s.Wall = sim.Wall{Board: 3, Drift: sim.IdleDrift{Steps: []sim.IdleStep{{At: time.Minute, Ratio: 3}, {At: 2 * time.Minute, Ratio: 1}}}}
	r := record(t, s)
	for at, want := range map[time.Duration]energy.Watts{55 * time.Second: 3.6, 65 * time.Second: 9.6, 125 * time.Second: 3.6} {
		m := record(t, s)
		nearly(t, at.String(), wallAt(t, m.mac, s, at).System, want)
	}
	nearly(t, "before the start", r.mac.Wall().System, 3.6)
}

func TestAsleepAtTheWall(t *testing.T) {
	s := plain()
	s.Outages = []sim.Outage{{Kind: sim.Asleep, At: time.Minute, For: time.Hour}}
	s.Wall = sim.Wall{Board: 5, Asleep: 2, Fan: sim.Fan{Watts: 6, Delay: 30 * time.Second}, Supply: sim.Supply{Fixed: 0.5, Share: 0.1}}
	r := record(t, s)
	from := wallAt(t, r.mac, s, time.Minute+time.Nanosecond)
	nearly(t, "asleep", from.Plug, 2.7)
	to := wallAt(t, r.mac, s, 31*time.Minute+time.Nanosecond)
	near(t, "half an hour asleep", to.PlugTotal-from.PlugTotal, 2.7*1800)
	near(t, "taken, asleep", to.WallTotal-from.WallTotal, 2.7*1800)
	awake := wallAt(t, r.mac, s, 62*time.Minute)
	if awake.System < 5.6 || awake.System > 5.66 {
		t.Errorf("awake, the board draws %v W, want 5.6 and a fan that just started", float64(awake.System))
	}
	total := r.mac.Totals()
	near(t, "baseline outside of windows", total.UnmeasuredWall().Baseline, 2.7*3600)
}
