package sim

import (
	"math"
	"time"
)

// at is the ratio of the idle watts at a time.
func (d *IdleDrift) at(t time.Duration) float64 {
	ratio := 1.0
	if d.Period > 0 {
		ratio += d.Amplitude * math.Sin(2*math.Pi*t.Seconds()/d.Period.Seconds())
	}
	step := 1.0
	for _, s := range d.Steps {
		if s.At <= t {
			step = s.Ratio
		}
	}
	return ratio * step
}
