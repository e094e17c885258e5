package sim_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// published is what each machine's plug may show, idle and at most: what Apple
// and others publish, and a little about it.
var published = map[string]struct{ idle, low, most energy.Watts }{
	"mini":           {5, 0.9, 140},
	"laptop-mains":   {5, 0.5, 145},
	"laptop-battery": {4, 0.4, 155}, // while it charges, too
	"studio-max":     {7, 6, 145},
	"studio-ultra":   {9.5, 8.5, 270},
}

func TestMachines(t *testing.T) {
	for _, n := range sim.Machines() {
		t.Run(n.Name, func(t *testing.T) {
			s := n.Scenario
			m := unwatched(t, s)
			var most, least energy.Watts = 0, 1e6
			emptiest, away, over := 1.0, 0, 0
			for at := time.Duration(0); at <= s.Length; at += 5 * time.Second {
				w := wallAt(t, m, s, at)
				if !w.Plugged {
					away++
					emptiest = min(emptiest, w.Battery)
					continue
				}
				least = min(least, w.Plug)
				if w.Plug > published[n.Name].most {
					over++ // steps keep their pace while another program starts
					continue
				}
				most = max(most, w.Plug)
			}
			if err := m.Run(); err != nil {
				t.Fatal(err)
			}
			truth := m.TakeTruth()
			checkWall(t, m, s.Wall, truth)
			want, got, state := published[n.Name], m.Totals(), m.Wall()
			t.Logf("%d requests; %.0f Wh at the wall, %.0f Wh of the chip; %.1f to %.1f W; battery down to %.2f", len(truth), state.WallTotal.WattHours(), got.Rails.Sum().WattHours(), float64(least), float64(most), emptiest)
			if least < want.low || over > 5 || most < want.most/2 {
				t.Errorf("the plug shows %v to %v W, and %d times more than %v W; want %v W or more", float64(least), float64(most), over, float64(want.most), float64(want.low))
			}
			if supply := float64(state.BoardTotal / state.WallTotal); supply < 0.85 || supply > 0.92 {
				t.Errorf("the supply is %.3f efficient over the day, want 0.85 to 0.92", supply)
			}
			if s.Wall.GPU <= s.Wall.CPU {
				t.Errorf("slopes: %v W for a watt of the GPU, %v for one of the CPU", s.Wall.GPU, s.Wall.CPU)
			}
			checkAway(t, n.Name, away, emptiest)
			checkLadder(t, s, want.idle)
		})
	}
}

// unwatched is a Mac whose streams nobody keeps.
func unwatched(t *testing.T, s sim.Scenario) *sim.Mac {
	t.Helper()
	m, err := sim.New(s, sim.Streams{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// checkAway wants the traveller to be unplugged for four hours, in looks of 5 s,
// and to come home with some charge.
func checkAway(t *testing.T, name string, away int, emptiest float64) {
	t.Helper()
	if name != "laptop-battery" {
		if away != 0 {
			t.Errorf("unplugged at %d looks", away)
		}
		return
	}
	if away != 4*720 || emptiest < 0.1 || emptiest > 0.6 {
		t.Errorf("unplugged at %d looks, and the battery down to %v", away, emptiest)
	}
}

// checkLadder climbs the ladder and wants each rung to be what it says.
func checkLadder(t *testing.T, s sim.Scenario, idle energy.Watts) {
	t.Helper()
	s, rungs := sim.Ladder(s)
	m := unwatched(t, s)
	took := map[string]sim.Rails{}
	plug := map[string]energy.Watts{}
	for _, rung := range rungs {
		from := wallAt(t, m, s, rung.From)
		before := m.Totals().Rails
		to := wallAt(t, m, s, rung.To)
		after := m.Totals().Rails
		length := rung.To - rung.From
		took[rung.Name] = sim.Rails{CPU: (after.CPU - before.CPU) / joulesOf(length), GPU: (after.GPU - before.GPU) / joulesOf(length)}
		plug[rung.Name] = (to.PlugTotal - from.PlugTotal).Over(length)
	}
	if off := plug["idle"]/idle - 1; off < -0.15 || off > 0.15 {
		t.Errorf("idle, the plug shows %v W, want about %v W", float64(plug["idle"]), float64(idle))
	}
	if took["decode-one"].GPU < 10 || took["decode-all"].GPU < 1.1*took["decode-one"].GPU || took["prefill"].GPU < 25 || took["cpu"].CPU < 20 || took["cpu"].GPU > 1 {
		t.Errorf("rungs took %+v", took)
	}
	if plug["idle-again"] > 1.3*plug["idle"] || plug["decode-all"] < 1.5*energy.Watts(took["decode-all"].Sum()) {
		t.Errorf("the plug showed %v, the rails took %+v", plug, took)
	}
}

func TestAfter(t *testing.T) {
	for _, n := range sim.Machines() {
		s := n.Scenario
		later := sim.After(s, 30)
		if board := float64(later.Wall.Board/s.Wall.Board - 1); (board < 0.0399 || board > 0.0401) && (board > -0.0399 || board < -0.0401) {
			t.Errorf("%s: a month later the board draws %v more, want 4 %% more or less", n.Name, board)
		}
		if later.Wall.Fan.Watts < 1.29*s.Wall.Fan.Watts || later.Wall.Supply != s.Wall.Supply || !later.Start.Equal(s.Start.AddDate(0, 0, 30)) || later.Seed == s.Seed {
			t.Errorf("%s: a month later: %+v from %v", n.Name, later.Wall, later.Start)
		}
		if !reflect.DeepEqual(later, sim.After(n.Scenario, 30)) || !reflect.DeepEqual(s, sim.After(s, 0)) {
			t.Errorf("%s: After is not always the same, or changes things at once", n.Name)
		}
	}
	a, b := sim.Machines()[0].Scenario, sim.Machines()[0].Scenario
	up := map[bool]bool{}
	for b.Seed = 1; b.Seed < 20; b.Seed++ {
		up[sim.After(b, 30).Wall.Board > a.Wall.Board] = true
	}
	if len(up) != 2 {
		t.Error("all boards change the same way")
	}
}
