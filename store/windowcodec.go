package store

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// The flags of a window row. Each rail has two: known, and busy known.
const (
	windowCPU = 1 << (2 * iota)
	windowGPU
	windowANE
	windowIsSum // Energy is CPU + GPU + ANE and not written
)

const (
	windowUsage = 1 << (7 + iota)
	windowGPUKnown
	windowCPUEnergyKnown
	windowError // Error is written
)

// encodeWindow writes everything but the end, which is the key. The energy of
// a rail that is not known means nothing and is left out.
func encodeWindow(w attribution.Window, n *names) []byte {
	e := newEncoder(64)
	flags := railFlags(w.CPU, windowCPU) | railFlags(w.GPU, windowGPU) | railFlags(w.ANE, windowANE)
	if w.Energy == sumOfRails(w) {
		flags |= windowIsSum
	}
	if w.Error != 0 {
		flags |= windowError
	}
	if w.Usage != nil {
		flags |= usageFlags(*w.Usage)
	}
	e.uint16(flags)
	e.uvarint(uint64(w.End.Sub(w.Start)))
	e.name(n, string(w.Scope))
	e.rail(w.CPU)
	e.rail(w.GPU)
	e.rail(w.ANE)
	if flags&windowIsSum == 0 {
		e.joules(w.Energy)
	}
	if flags&windowError != 0 {
		e.joules(w.Error)
	}
	if w.Usage != nil {
		e.usage(*w.Usage, n)
	}
	return e.b
}

func railFlags(r attribution.Rail, known uint16) uint16 {
	var flags uint16
	if r.Known {
		flags |= known
	}
	if r.BusyKnown {
		flags |= known << 1
	}
	return flags
}

func usageFlags(u attribution.Usage) uint16 {
	flags := uint16(windowUsage)
	if u.GPUKnown {
		flags |= windowGPUKnown
	}
	if u.CPUEnergyKnown {
		flags |= windowCPUEnergyKnown
	}
	return flags
}

func sumOfRails(w attribution.Window) energy.Joules {
	var sum energy.Joules
	for _, r := range []attribution.Rail{w.CPU, w.GPU, w.ANE} {
		if r.Known {
			sum += r.Energy
		}
	}
	return sum
}

func (e *encoder) rail(r attribution.Rail) {
	if r.Known {
		e.joules(r.Energy)
	}
	if r.BusyKnown {
		e.varint(int64(r.Busy))
	}
}

func (e *encoder) usage(u attribution.Usage, n *names) {
	e.use(u.Others)
	e.uvarint(uint64(len(u.Servers)))
	for _, s := range u.Servers {
		e.name(n, s.Server)
		e.use(s.Use)
	}
}

func (e *encoder) use(u attribution.Use) {
	e.varint(int64(u.CPU))
	e.varint(int64(u.GPU))
	e.joules(u.CPUEnergy)
}

// decodeWindow reads the row of a window that ends at end.
func decodeWindow(end time.Time, value []byte, n *names) (attribution.Window, error) {
	d := newDecoder(value)
	flags := d.uint16()
	length := d.uvarint()
	if length == 0 || length > uint64(maxWindow) {
		d.fail(errNumber)
	}
	w := attribution.Window{Start: end.Add(-time.Duration(length)), End: end}
	w.Scope = attribution.Scope(d.name(n))
	w.CPU = d.rail(flags, windowCPU)
	w.GPU = d.rail(flags, windowGPU)
	w.ANE = d.rail(flags, windowANE)
	w.Energy = sumOfRails(w)
	if flags&windowIsSum == 0 {
		w.Energy = d.joules()
	}
	if flags&windowError != 0 {
		w.Error = d.joules()
	}
	if flags&windowUsage != 0 {
		w.Usage = d.usage(flags, n)
	}
	if err := d.done(); err != nil {
		return attribution.Window{}, err
	}
	return w, nil
}

func (d *decoder) rail(flags, known uint16) attribution.Rail {
	var r attribution.Rail
	if flags&known != 0 {
		r.Known, r.Energy = true, d.joules()
	}
	if flags&(known<<1) != 0 {
		r.BusyKnown, r.Busy = true, time.Duration(d.varint())
	}
	return r
}

func (d *decoder) usage(flags uint16, n *names) *attribution.Usage {
	u := &attribution.Usage{
		Others:         d.use(),
		GPUKnown:       flags&windowGPUKnown != 0,
		CPUEnergyKnown: flags&windowCPUEnergyKnown != 0,
	}
	for range d.count() {
		u.Servers = append(u.Servers, attribution.ServerUse{Server: d.name(n), Use: d.use()})
	}
	return u
}

func (d *decoder) use() attribution.Use {
	return attribution.Use{CPU: time.Duration(d.varint()), GPU: time.Duration(d.varint()), CPUEnergy: d.joules()}
}
