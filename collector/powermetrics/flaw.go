package powermetrics

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Flaw says why a decoded sample cannot be used. The set is closed so that it
// can be a label.
type Flaw string

// The flaws of a sample.
const (
	FlawSummary     Flaw = "summary"         // is_delta false: the whole run once more
	FlawInvalid     Flaw = "invalid"         // powermetrics marked it invalid
	FlawNoRail      Flaw = "no_rail"         // no rail's energy is known
	FlawImplausible Flaw = "implausible"     // a rail's energy is negative or beyond any Apple chip
	FlawCPUZero     Flaw = "cpu_energy_zero" // CPUs were busy, their energy is 0 (macOS 27 betas)
	FlawGPUZero     Flaw = "gpu_energy_zero" // the GPU was busy, its energy is 0
)

// Thresholds of the flaws. A core at its lowest clock draws some 50 mW and a
// GPU at its lowest clock some 150 mW (MacBookPro18,3), so past these times a
// rail reading of 0 mJ contradicts its residency. Below them it does not: GPU
// windows of 140 ms with 5 ms of work do read 0 mJ.
const (
	zeroBusyShare  = 0.1 // of the sample's length
	zeroCPUBusyMin = 20 * time.Millisecond
	zeroGPUBusyMin = 50 * time.Millisecond
	// maxRailPower is far above any SoC rail (an Ultra's peak near 200 W); only
	// a wrapped counter reads more.
	maxRailPower = energy.Watts(5000)
)

// busy is (1 - idle - down) of elapsed, within [0, elapsed].
func busy(elapsed time.Duration, idle, down Ratio) time.Duration {
	share := 1 - idle.Value
	if down.Known {
		share -= down.Value
	}
	share = min(max(share, 0), 1)
	return time.Duration(math.Round(share * float64(elapsed)))
}

// cpuBusy sums the busy time of the CPUs whose ratios are known. all is false
// when there is none, or one that is unknown.
func (s *Sample) cpuBusy() (sum time.Duration, all bool) {
	known, unknown := 0, 0
	for i := range s.Clusters {
		for _, c := range s.Clusters[i].CPUs {
			if !c.Idle.Known {
				unknown++
				continue
			}
			known++
			sum += busy(s.Elapsed, c.Idle, c.Down)
		}
	}
	return sum, known > 0 && unknown == 0
}

// judge returns the first flaw that applies; cpuBusy is the busy time of the
// CPUs that are known.
func (s *Sample) judge(cpuBusy time.Duration, invalid bool) Flaw {
	switch {
	case !s.IsDelta:
		return FlawSummary
	case invalid:
		return FlawInvalid
	case !s.CPU.Known && !s.GPU.Known && !s.ANE.Known:
		return FlawNoRail
	case s.implausible(s.CPU), s.implausible(s.GPU), s.implausible(s.ANE):
		return FlawImplausible
	case s.zero(s.CPU, cpuBusy, zeroCPUBusyMin):
		return FlawCPUZero
	case s.GPU.BusyKnown && s.zero(s.GPU, s.GPU.Busy, zeroGPUBusyMin):
		return FlawGPUZero
	}
	return ""
}

func (s *Sample) implausible(r attribution.Rail) bool {
	return r.Known && (r.Energy < 0 || r.Energy > maxRailPower.For(s.Elapsed))
}

func (s *Sample) zero(r attribution.Rail, busy, least time.Duration) bool {
	return r.Known && r.Energy == 0 && busy > zeroLimit(s.Elapsed, least)
}

// zeroLimit is how long a rail may be busy and take 0 mJ.
func zeroLimit(elapsed, least time.Duration) time.Duration {
	return max(least, time.Duration(zeroBusyShare*float64(elapsed)))
}

// gpuZero reports whether the GPU was busy and reads 0, also in a sample whose
// first flaw is that the CPUs do.
func (s *Sample) gpuZero() bool {
	return s.Flaw == FlawGPUZero || s.Flaw == FlawCPUZero && s.GPU.BusyKnown && s.zero(s.GPU, s.GPU.Busy, zeroGPUBusyMin)
}

// hint says what is known about a flaw.
func (f Flaw) hint() string {
	switch f {
	case FlawCPUZero:
		return "the CPUs are busy and their energy reads 0: known on betas of macOS 27; updating macOS may help"
	case FlawGPUZero:
		return "the GPU is busy and its energy reads 0"
	case FlawNoRail:
		return "powermetrics reports no power rail: is this Apple Silicon, and were the cpu_power and gpu_power samplers refused?"
	case FlawInvalid:
		return "powermetrics marks the values invalid itself"
	case FlawImplausible:
		return "an energy is negative or beyond any Apple chip"
	}
	return ""
}
