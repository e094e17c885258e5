package calibration

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Block is a stretch of time over which both the SoC and the whole machine were
// measured: the mean powers of its rails, and of the machine.
type Block struct {
	Start, End    time.Time // UTC
	CPU, GPU, ANE energy.Watts
	Whole         energy.Watts
}

// SoC is the power of the chip.
func (b Block) SoC() energy.Watts { return b.CPU + b.GPU + b.ANE }

// length is how long the block is, in seconds.
func (b Block) length() float64 { return b.End.Sub(b.Start).Seconds() }

// usable reports whether the block can be true: it has a length, its numbers are
// numbers, and a machine that draws them can exist. A whole below the chip's is
// let through: that is how a wrong meter shows.
func (b Block) usable(o Options) bool {
	for _, w := range []energy.Watts{b.CPU, b.GPU, b.ANE, b.Whole} {
		if math.IsNaN(float64(w)) || w < 0 || w > o.MaxWatts {
			return false
		}
	}
	return b.End.After(b.Start) && b.Whole > 0 && b.Whole <= o.MaxBase+(MaxSlope+1)*b.SoC()
}
