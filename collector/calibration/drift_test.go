package calibration_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sovmeter/sovmeter/collector/calibration"
)

func TestTheLineFollowsALastingChange(t *testing.T) {
	var l calibration.Learner
	r := rand.New(rand.NewPCG(1, 1))
	n := feed(&l, 0, 20, straight{6, 1.25, 1.9}, r)
	old, _ := l.Calibration(identity)
	if d, ok := calibration.FindDrift(old, &l); !ok || d.Significant || math.Abs(d.Ratio-1) > 0.01 {
		t.Errorf("drift of what has not changed: %+v, %v", d, ok)
	}
	n = feed(&l, n, 3, straight{7, 1.25, 1.9}, r)
	d, ok := calibration.FindDrift(old, &l)
	if !ok || !d.Significant || d.Ratio < 1.09 || d.Ratio > 1.17 || d.Blocks < 1000 {
		t.Errorf("one watt more at rest is a drift of %+v, %v", d, ok)
	}
	if again, ok := calibration.FindDrift(trueLine(straight{7, 1.25, 1.9}), &l); !ok || again.Significant || math.Abs(again.Ratio-1) > d.Ratio-1 {
		t.Errorf("against the line that is true now: %+v, %v", again, ok)
	}
	feed(&l, n, 45, straight{7, 1.25, 1.9}, r)
	if now, ok := l.Calibration(identity); !ok || math.Abs(float64(now.Base)-7) > 0.15 {
		t.Errorf("six weeks later the base is %g W, %v", now.Base, ok)
	}
}

// TestWanderingIsNoDrift: rooms and fans move what a machine draws for some minutes,
// and in an afternoon of that there is no drift to tell.
func TestWanderingIsNoDrift(t *testing.T) {
	told := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 6))
		var l calibration.Learner
		wander := 0.0
		for i := range 300 {
			wander += -wander/10 + 0.09*math.Sqrt(0.19)*r.NormFloat64()
			p := 15 * r.Float64()
			l.Add(block(i, p/5, p, 0, (6+1.2*p/5+1.8*p)*(1+wander)))
		}
		if d, ok := calibration.FindDrift(trueLine(straight{6, 1.2, 1.8}), &l); !ok || d.Significant {
			told++
		}
	}
	t.Logf("%d of 200", told)
	if told > 14 {
		t.Errorf("a drift is told in %d of 200 worlds that have none", told)
	}
}

func TestDriftNeedsAnHour(t *testing.T) {
	var l calibration.Learner
	for i := range 100 {
		l.Add(block(i, 0.1, 0.02, 0, 9))
	}
	if d, ok := calibration.FindDrift(trueLine(straight{6, 1.2, 1.8}), &l); ok {
		t.Errorf("fifty minutes are enough: %+v", d)
	}
	for i := range 100 {
		l.Add(block(100+i, 0.1, 0.02, 0, 9))
	}
	if d, ok := calibration.FindDrift(trueLine(straight{6, 1.2, 1.8}), &l); !ok || !d.Significant || math.Abs(d.Ratio-9/6.156) > 0.01 {
		t.Errorf("got %+v, %v", d, ok)
	}
}
