package calibration

import (
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
