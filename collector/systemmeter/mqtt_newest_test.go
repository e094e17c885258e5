package systemmeter

import (
	"testing"
	"time"
)

func TestNewest(t *testing.T) {
	start := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	after := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	type step struct {
		power, energy float64 // when it was true, in seconds; below 0: none comes
		now           float64
		want          Reading // without values: they are the seconds
		none          bool
	}
	at := func(s float64, power, energy bool) Reading {
		return Reading{At: after(s), HasPower: power, HasEnergy: energy}
	}
	for _, tc := range []struct {
		name  string
		steps []step
	}{
		{"nothing", []step{{-1, -1, 0, Reading{}, true}}},
		{"together", []step{{1, 1, 2, at(1, true, true), false}, {-1, -1, 3, at(1, true, true), false}}},
		{"nearly together", []step{{1, 1.8, 2, at(1.8, true, true), false}}},
		{"counter first", []step{{9, 1, 10, at(1, false, true), false}, {-1, -1, 11, at(9, true, false), false}}},
		{"power first", []step{{1, 9, 10, at(1, true, false), false}, {-1, -1, 11, at(9, false, true), false}}},
		{"power moves on", []step{{1, 1, 2, at(1, true, true), false}, {6, 1, 7, at(6, true, false), false}, {11, 1, 12, at(11, true, false), false}, {16, 16, 17, at(16, true, true), false}}},
		{"old counter", []step{{50, 1, 62, at(50, true, false), false}}},
		{"both old", []step{{1, 1, 62, Reading{}, true}}},
		{"grows old", []step{{1, 1, 2, at(1, true, true), false}, {-1, -1, 61, at(1, true, true), false}, {-1, -1, 61.5, Reading{}, true}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var n newest
			for i, s := range tc.steps {
				if s.power >= 0 {
					n.power.set(s.power, after(s.power), after(s.power))
				}
				if s.energy >= 0 {
					n.energy.set(s.energy, after(s.energy), after(s.energy))
				}
				got, ok := n.next(after(s.now), time.Minute)
				if ok == s.none {
					t.Fatalf("step %d: %v, want %v", i, ok, !s.none)
				}
				if !got.At.Equal(s.want.At) || got.HasPower != s.want.HasPower || got.HasEnergy != s.want.HasEnergy {
					t.Errorf("step %d: %+v, want %+v", i, got, s.want)
				}
				if ok && got.Lag != after(s.now).Sub(got.At) {
					t.Errorf("step %d: lag %v, want %v", i, got.Lag, after(s.now).Sub(got.At))
				}
			}
		})
	}
}

// The same report, dated a little differently, is no news.
func TestNewestSameReport(t *testing.T) {
	start := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	var n newest
	n.power.set(5, start.Add(time.Millisecond), start)
	first, _ := n.next(start.Add(time.Second), time.Minute)
	n.power.set(5, start.Add(3*time.Millisecond), start)
	again, _ := n.next(start.Add(2*time.Second), time.Minute)
	if n.waiting() || !again.At.Equal(first.At) {
		t.Errorf("asked again: %+v, want %+v", again, first)
	}
}

func TestPrintedStep(t *testing.T) {
	for text, want := range map[string]float64{"12": 1, "12.5": 0.1, " 12.50 ": 0.01, "0.001": 0.001, "1e3": 0, "1.23456789": 0, "-3.2": 0.1} {
		if got := printedStep(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
