package sim

import (
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// reading is what one document says.
type reading struct {
	elapsed          time.Duration
	end              time.Time
	cpu, gpu, ane    int64 // mJ
	gpuAgain         int64 // mJ, as the gpu sampler read it
	cpuBusy, gpuBusy time.Duration
	throttled        bool
}

// document prints readings as powermetrics does on macOS 15: one element a
// line, no indentation, energies on lines of their own, idle_ns and idle_ratio
// of the GPU twice. Everything that does not change is text made beforehand.
type document struct {
	parts []part
	cores []time.Duration // scratch: busy time of each CPU
	downs []bool          // which CPUs can be powered down
	chip  Chip
}

// part is fixed text and the value that follows it.
type part struct {
	text  string
	value value
	index int // of the CPU, the cluster or the clock step
}

// value names what follows a text.
type value int

const (
	valueNone value = iota
	valueElapsed
	valueTimestamp
	valueCPUIdleNS
	valueCPUIdleRatio
	valueCPUDownNS
	valueCPUDownRatio
	valueCPUUsedNS
	valueCPUUsedRatio
	valueClusterIdleNS
	valueClusterIdleRatio
	valueClusterUsedNS
	valueClusterUsedRatio
	valueCPUEnergy
	valueCPUPower
	valueGPUEnergy
	valueGPUPower
	valueANEEnergy
	valueANEPower
	valueCombinedPower
	valueThermal
	valueGPUHz
	valueGPUIdleNS
	valueGPUIdleRatio
	valueGPUUsedNS
	valueGPUUsedRatio
	valueGPUEnergyAgain
)

// append prints r.
func (d *document) append(b []byte, r *reading) []byte {
	d.spread(r)
	for i := range d.parts {
		p := &d.parts[i]
		b = append(b, p.text...)
		b = d.value(b, p, r)
	}
	return b
}

// spread fills one CPU after the other with the busy time.
func (d *document) spread(r *reading) {
	left := r.cpuBusy
	for i := range d.cores {
		d.cores[i] = min(left, r.elapsed)
		left -= d.cores[i]
	}
}

// value prints one value.
func (d *document) value(b []byte, p *part, r *reading) []byte {
	switch p.value {
	case valueElapsed:
		return strconv.AppendInt(b, int64(r.elapsed), 10)
	case valueTimestamp:
		return r.end.UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
	case valueCPUEnergy:
		return strconv.AppendInt(b, r.cpu, 10)
	case valueGPUEnergy:
		return strconv.AppendInt(b, r.gpu, 10)
	case valueANEEnergy:
		return strconv.AppendInt(b, r.ane, 10)
	case valueGPUEnergyAgain:
		return strconv.AppendInt(b, r.gpuAgain, 10)
	case valueCPUPower:
		return appendReal(b, milliwatts(r.cpu, r.elapsed))
	case valueGPUPower:
		return appendReal(b, milliwatts(r.gpu, r.elapsed))
	case valueANEPower:
		return appendReal(b, milliwatts(r.ane, r.elapsed))
	case valueCombinedPower:
		return appendReal(b, milliwatts(r.cpu+r.gpu+r.ane, r.elapsed))
	case valueThermal:
		if r.throttled {
			return append(b, "Moderate"...)
		}
		return append(b, "Nominal"...)
	case valueGPUHz, valueGPUIdleNS, valueGPUIdleRatio, valueGPUUsedNS, valueGPUUsedRatio:
		return d.gpuValue(b, p, r)
	}
	return d.cpuValue(b, p, r)
}

// milliwatts is the mean power of mj millijoules.
func milliwatts(mj int64, d time.Duration) float64 {
	return float64(energy.FromMillijoules(mj).Over(d)) * 1e3
}

// appendReal prints f as C's %g does.
func appendReal(b []byte, f float64) []byte { return strconv.AppendFloat(b, f, 'g', 6, 64) }

// appendNS and appendRatio print a time, whole and as a ratio of another.
func appendNS(b []byte, t time.Duration) []byte { return strconv.AppendInt(b, int64(t), 10) }

func appendRatio(b []byte, t, of time.Duration) []byte {
	switch t {
	case 0:
		return append(b, '0')
	case of:
		return append(b, '1')
	}
	return appendReal(b, float64(t)/float64(of))
}

// gpuValue prints a value of the GPU. It is at its highest clock when busy for
// more than half of the time, and at its lowest otherwise.
func (d *document) gpuValue(b []byte, p *part, r *reading) []byte {
	used := min(r.gpuBusy, r.elapsed)
	step := 0
	if used > r.elapsed/2 {
		step = len(d.chip.GPUMHz) - 1
	}
	switch p.value {
	case valueGPUHz:
		return strconv.AppendInt(b, int64(d.chip.GPUMHz[step]), 10)
	case valueGPUIdleNS:
		return appendNS(b, r.elapsed-used)
	case valueGPUIdleRatio:
		return appendRatio(b, r.elapsed-used, r.elapsed)
	}
	if p.index != step {
		return append(b, '0')
	}
	if p.value == valueGPUUsedNS {
		return appendNS(b, used)
	}
	return appendRatio(b, used, r.elapsed)
}

// cpuValue prints a value of a CPU, or of a cluster, which is busy while its
// busiest CPU is. A CPU that was not used at all was powered down for most of
// the time, where the chip can do that.
func (d *document) cpuValue(b []byte, p *part, r *reading) []byte {
	switch p.value {
	case valueCPUUsedNS:
		return appendNS(b, d.cores[p.index])
	case valueCPUUsedRatio:
		return appendRatio(b, d.cores[p.index], r.elapsed)
	case valueCPUIdleNS:
		return appendNS(b, r.elapsed-d.cores[p.index]-d.down(p.index, r))
	case valueCPUIdleRatio:
		return appendRatio(b, r.elapsed-d.cores[p.index]-d.down(p.index, r), r.elapsed)
	case valueCPUDownNS:
		return appendNS(b, d.down(p.index, r))
	case valueCPUDownRatio:
		return appendRatio(b, d.down(p.index, r), r.elapsed)
	case valueClusterUsedNS:
		return appendNS(b, d.cores[p.index])
	case valueClusterUsedRatio:
		return appendRatio(b, d.cores[p.index], r.elapsed)
	case valueClusterIdleNS:
		return appendNS(b, r.elapsed-d.cores[p.index])
	case valueClusterIdleRatio:
		return appendRatio(b, r.elapsed-d.cores[p.index], r.elapsed)
	}
	return b
}

// down is how long CPU i was powered down.
func (d *document) down(i int, r *reading) time.Duration {
	if d.cores[i] > 0 || !d.downs[i] {
		return 0
	}
	return r.elapsed * 4 / 5
}
