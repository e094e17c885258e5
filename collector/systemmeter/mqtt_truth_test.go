package systemmeter

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// An hour of a machine that changes its power at random, behind a broker that
// restarts now and then: each value that is handed on was true at the time it
// is dated to, and the counter tells all that was drawn.
func TestMQTTTellsTheTruth(t *testing.T) {
	for _, tc := range []struct {
		kind fake.MQTTKind
		step energy.Joules
	}{
		{fake.MQTTShelly1, 120 * 60}, // by the minute
		{fake.MQTTShelly2, 3.6},
		{fake.MQTTTasmota, 3600},
		{fake.MQTTZigbee, 36e3},
		{fake.MQTTJSON, 3.6},
	} {
		t.Run(string(tc.kind), func(t *testing.T) {
			for seed := range uint64(3) {
				synctest.Test(t, func(t *testing.T) { oneHour(t, tc.kind, tc.step, seed) })
			}
		})
	}
}

func oneHour(t *testing.T, kind fake.MQTTKind, step energy.Joules, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 7))
	b := newMQTTBench(t, kind, nil)
	defer b.close()
	drawn := map[time.Time]energy.Joules{} // in all, by the time of a message
	power := map[time.Time]energy.Watts{}
	var first, last Reading
	counted := 0
	poller := NewPoller(b.meter, mqttConfig(kind), PollerOptions{Hand: func(_ context.Context, r Reading) {
		if !r.At.After(last.At) {
			t.Errorf("seed %d: %v after %v", seed, r.At, last.At)
		}
		last.At = r.At
		if r.HasPower {
			was, ok := power[r.At]
			if r.HasEnergy && !ok { // the power may be of up to a second before
				was, ok = power[r.At.Truncate(time.Second)], true
			}
			if !ok || math.Abs(float64(r.Power-was)) > 0.51 {
				t.Errorf("seed %d: %v W as of %v, where it was %v", seed, r.Power, r.At, was)
			}
		}
		if !r.HasEnergy {
			return
		}
		if counted++; counted == 1 {
			first = r
		}
		if off := (r.Energy - first.Energy) - (drawn[r.At] - drawn[first.At]); math.Abs(float64(off)) > float64(step) {
			t.Errorf("seed %d: counter is %v off as of %v", seed, off, r.At)
		}
	}})
	for range 3600 {
		if random.IntN(900) == 0 {
			b.must(b.broker.Stop())
		}
		if random.IntN(60) == 0 {
			b.must(b.broker.Start())
			b.must(b.device.Online(true))
		}
		now := time.Now().UTC()
		drawn[now], power[now] = b.joules, b.watts
		switch {
		case now.Second()%10 == 0:
			b.publish()
		case random.IntN(3) == 0:
			b.must(b.device.PublishChange())
			synctest.Wait()
		}
		pass(300 * time.Millisecond)
		_, _ = poller.Poll(t.Context())
		b.joules += b.watts.For(300 * time.Millisecond)
		pass(700*time.Millisecond - time.Since(now.Add(300*time.Millisecond)))
		b.joules += b.watts.For(700 * time.Millisecond)
		if random.IntN(4) == 0 {
			b.watts = energy.Watts(5 + random.IntN(110))
		}
	}
	if counted < 100 {
		t.Errorf("seed %d: %d counters in an hour", seed, counted)
	}
}
