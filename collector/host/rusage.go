package host

import (
	"math/bits"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// The flavors of proc_pid_rusage that we use (XNU bsd/sys/resource.h). V6 has
// CPU energy; V4 is a prefix of it for kernels that do not know V6.
const (
	rusageInfoV4 = 4
	rusageInfoV6 = 6
)

// rusageInfo is struct rusage_info_v6 of XNU's bsd/sys/resource.h (Apple's
// apple-oss-distributions/xnu, public): a uuid and 56 64-bit words. Newer
// kernels give names to words of Reserved and keep the size.
type rusageInfo struct {
	UUID       [16]byte
	UserTime   uint64 // mach ticks on Apple Silicon, not ns
	SystemTime uint64 // mach ticks
	_          [36]uint64
	_          [2]uint64 // ri_pinstructions, ri_pcycles
	Energy     uint64    // ri_energy_nj: CPU energy, nJ
	PEnergy    uint64    // ri_penergy_nj: the performance cores' part of Energy, nJ
	Reserved   [14]uint64
}

// timebase converts mach ticks to nanoseconds, as mach_timebase_info(3) gives
// it: 125/3 on Apple Silicon (24 MHz), 1/1 on Intel.
type timebase struct{ Numer, Denom uint32 }

// duration converts ticks; it saturates where the result has no room and is 0
// for an empty timebase.
func (tb timebase) duration(ticks uint64) time.Duration {
	const most = time.Duration(1<<63 - 1)
	if tb.Denom == 0 {
		return 0
	}
	hi, lo := bits.Mul64(ticks, uint64(tb.Numer))
	if hi >= uint64(tb.Denom) {
		return most
	}
	ns, _ := bits.Div64(hi, lo, uint64(tb.Denom))
	return time.Duration(min(ns, uint64(most)))
}

// fill puts the counters into p. Kernels that cannot count energy leave it 0.
func (ri *rusageInfo) fill(p *Process, tb timebase, flavor int) {
	p.CPU = tb.duration(ri.UserTime) + tb.duration(ri.SystemTime)
	p.EnergyKnown = flavor >= rusageInfoV6
	if p.EnergyKnown {
		p.CPUEnergy = energy.FromNanojoules(ri.Energy)
	}
}
