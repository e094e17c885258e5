package systemmeter

import (
	"math"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

func TestIntegral(t *testing.T) {
	type step struct {
		wall, running time.Duration // since the step before
		power         energy.Watts
		want          energy.Joules
	}
	const half = 500 * time.Millisecond
	for _, tt := range []struct {
		name  string
		pause time.Duration
		steps []step
	}{
		{"trapezoids", time.Second, []step{{0, 0, 10, 0}, {half, half, 20, 7.5}, {half, half, 20, 17.5}, {2 * time.Second, 2 * time.Second, 10, 47.5}}},
		{"sleep: the running clock stands still", time.Second, []step{{0, 0, 10, 0}, {half, half, 10, 5}, {time.Hour, half, 50, 0}, {half, half, 50, 25}}},
		{"a short sleep adds no energy and breaks nothing", time.Second, []step{{0, 0, 10, 0}, {2 * time.Second, half, 10, 5}}},
		{"a long pause awake", time.Second, []step{{0, 0, 10, 0}, {half, half, 10, 5}, {2001 * time.Millisecond, 2001 * time.Millisecond, 10, 0}, {half, half, 10, 5}}},
		{"a long pause, asked for", 20 * time.Second, []step{{0, 0, 10, 0}, {10 * time.Second, 10 * time.Second, 10, 100}}},
		{"the clock is set back", time.Second, []step{{0, 0, 10, 0}, {-time.Hour, half, 10, 5}}},
		{"the clock is set forwards", time.Second, []step{{0, 0, 10, 0}, {half, half, 10, 5}, {time.Hour, half, 10, 0}}},
		{"time that runs backwards", time.Second, []step{{0, 0, 10, 0}, {half, half, 10, 5}, {-half, -half, 10, 0}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := instant{wall: time.Date(2026, 3, 29, 0, 59, 59, 0, time.UTC)}
			sum := integral{pause: tt.pause}
			for i, s := range tt.steps {
				at = instant{at.wall.Add(s.wall), at.running + s.running}
				if got := sum.add(at, s.power); math.Abs(float64(got-s.want)) > 1e-9 {
					t.Fatalf("step %d: %v J, want %v", i, got, s.want)
				}
			}
		})
	}
}

// The times of time.Now hold both clocks; of others the wall clock must do.
func TestInstantOf(t *testing.T) {
	origin := time.Now()
	got := instantOf(origin, origin.Add(3*time.Second))
	if got.running != 3*time.Second || got.wall.Location() != time.UTC || got.wall != got.wall.Round(0) {
		t.Errorf("instant %+v", got)
	}
	bare := origin.Round(0)
	if got := instantOf(bare, bare.Add(time.Minute)); got.running != time.Minute {
		t.Errorf("running %v without a monotonic clock", got.running)
	}
}
