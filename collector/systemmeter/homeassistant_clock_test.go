package systemmeter

import (
	"math/rand/v2"
	"testing"
	"time"
)

// However the answers fall, the true difference stays within the bounds, and
// they get as narrow as the ways to the server and back.
func TestServerClock(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		ahead := time.Duration(random.Int64N(int64(2*time.Minute))) - time.Minute
		now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
		var c serverClock
		for range 300 {
			now = now.Add(time.Duration(random.Int64N(int64(6 * time.Second))))
			begun := now
			answered := begun.Add(time.Duration(random.Int64N(int64(10 * time.Millisecond))))
			now = answered.Add(time.Duration(random.Int64N(int64(10 * time.Millisecond))))
			c.learn(answered.Add(ahead).Truncate(time.Second), begun, now)
			if ahead < c.lo || ahead > c.hi {
				t.Fatalf("seed %d: %v is not within %v and %v", seed, ahead, c.lo, c.hi)
			}
		}
		if wide := c.hi - c.lo; wide > 150*time.Millisecond {
			t.Errorf("seed %d: %v wide after 300 answers", seed, wide)
		}
		if got := c.ours(now.Add(ahead).Add(-10*time.Second), now); got.Sub(now.Add(-10*time.Second)).Abs() > 100*time.Millisecond {
			t.Errorf("seed %d: dated %v off", seed, got.Sub(now.Add(-10*time.Second)))
		}
		// The server's clock is set.
		ahead += time.Hour
		c.learn(now.Add(ahead).Truncate(time.Second), now, now)
		if ahead < c.lo || ahead > c.hi {
			t.Errorf("seed %d: after a jump %v is not within %v and %v", seed, ahead, c.lo, c.hi)
		}
	}
}

func TestServerClockUnknown(t *testing.T) {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	var c serverClock
	if got := c.ours(now.Add(-time.Second), now); !got.Equal(now.Add(-time.Second)) {
		t.Errorf("got %v, want the time as it is", got)
	}
	if got := c.ours(now.Add(time.Second), now); !got.Equal(now) {
		t.Errorf("got %v, want no time to come", got)
	}
}

func FuzzHAState(f *testing.F) {
	f.Add([]byte(`{"entity_id":"sensor.x","state":"47.1","attributes":{"unit_of_measurement":"W"},"last_updated":"2026-01-05T10:00:00.123456+00:00","last_reported":"2026-01-05T10:00:01.123456+00:00"}`))
	f.Add([]byte(`{"state":"1e999","attributes":{"unit_of_measurement":"kWh"},"last_updated":"2026-01-05T10:00:00Z"}`))
	f.Add([]byte(`{"message":"Entity not found."}`))
	e := &haEntity{key: "energy", id: "sensor.x", scale: 1, of: energyScale}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := parseHAState(body)
		if err != nil {
			return
		}
		if v, err := e.value(s); err == nil && !finite(v) && finite(v/1e15) {
			t.Errorf("value %v of %q", v, s.State)
		}
		if step := e.step(s); step < 0 || !finite(float64(step)) {
			t.Errorf("step %v of %q", step, s.State)
		}
	})
}
