package sim_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// TestLongLoadThrottles: 9.6 W against 5.1 W that can be got rid of use up a
// budget of 540 J in two minutes. Then each step takes twice as long, at the
// same energy.
func TestLongLoadThrottles(t *testing.T) {
	s := plain()
	s.Length = 20 * time.Minute
	s.Sensor.Interval = 5 * time.Second
	s.Chip.Thermal = sim.Thermal{Watts: 5.1, Budget: 540}
	s.Servers[0].Traffic = []sim.Source{asks(1, 3001, time.Minute)}
	r := run(t, s)
	got := r.truth[0]
	near(t, "decode", got.Decode, 2700)
	// 1,200 steps in two minutes and 1,800 at half speed, but for the second half
	// of a step that the budget ends in.
	if d := got.End.Sub(got.FirstToken) - 8*time.Minute; d.Abs() > 50*time.Millisecond {
		t.Errorf("decode took 8 minutes and %v, want 8 minutes", d)
	}
	first, last := time.Time{}, time.Time{}
	for i, d := range documents(t, r.power.Bytes()) {
		if d.Thermal == "Nominal" {
			continue
		}
		if first.IsZero() {
			first = r.ends[i]
		}
		last = r.ends[i]
	}
	if at := first.Sub(got.FirstToken); at < 118*time.Second || at > 126*time.Second {
		t.Errorf("the pressure rises %v after the first token, want two minutes", at)
	}
	// 4.5 W of room to cool half of the budget in a minute.
	if at := last.Sub(got.End); at < 59*time.Second || at > 66*time.Second {
		t.Errorf("the pressure falls %v after the end, want a minute", at)
	}
	if watts := r.mac.Totals().All.Sum().Over(s.Length); watts > 5.1 {
		t.Errorf("%v W on average, more than can be got rid of", float64(watts))
	}
}

// TestSleepCools: what a sleep gives off is there to be used again.
func TestSleepCools(t *testing.T) {
	s := plain()
	s.Length = 20 * time.Minute
	s.Chip.Thermal = sim.Thermal{Watts: 5.1, Budget: 540}
	s.Servers[0].Traffic = []sim.Source{asks(1, 3001, time.Minute)}
	s.Outages = []sim.Outage{{Kind: sim.Asleep, At: 2 * time.Minute, For: 3 * time.Minute}}
	got := run(t, s).truth[0]
	// One minute before the sleep, two after it: 1,800 steps at full speed.
	if d := got.End.Sub(got.FirstToken) - 3*time.Minute; d < 418*time.Second || d > 422*time.Second {
		t.Errorf("decode took %v without the sleep, want 3 minutes and 4 at half speed", d)
	}
}

// TestLongContextsCostMore adds up a request's steps one by one.
func TestLongContextsCostMore(t *testing.T) {
	s := plain()
	s.Models[0].ContextJoules = 1e-4
	s.Servers[0].Traffic = []sim.Source{asks(700, 501, 30*time.Second), asks(100, 31, 35*time.Second)}
	r := run(t, s)
	context := func(prompt, steps int) energy.Joules {
		sum := energy.Joules(0)
		for i := range steps {
			blocks := (prompt + i + 255) / 256
			sum += 1e-4 * energy.Joules(256*blocks)
		}
		return sum
	}
	short, long := r.truth[0], r.truth[1]
	near(t, "short", short.Decode, 30*(0.4+0.1)+context(100, 30))
	near(t, "long", long.Decode, 500*0.9-30*0.4+context(700, 500))
	near(t, "both", r.mac.Totals().All.Decode, short.Decode+long.Decode)
}
