package powermetrics

import (
	"bytes"
	"time"
)

// document parses one property list into a Sample.
type document struct {
	cursor
	s     *Sample
	names *names
	// The energies that the processor block and the gpu block print for the
	// same rail.
	processorGPU, ownGPU number
	gpuIdle              Ratio
	cpuInvalid           bool // a cluster or CPU is marked invalid
	invalid              bool
}

// parse fills s from b. On a defect s holds what was read before it.
func parse(b []byte, s *Sample, n *names) Defect {
	s.reset()
	d := document{cursor: cursor{b: b}, s: s, names: n}
	d.root()
	if d.defect == "" && s.Elapsed <= 0 {
		d.defect = DefectElapsed
	}
	if d.defect == "" {
		d.finish()
	}
	return d.defect
}

func (d *document) root() {
	n := bytes.Index(d.b, []byte("<plist"))
	if n < 0 {
		d.fail(DefectMalformed)
		return
	}
	d.i = n
	if n = bytes.IndexByte(d.b[d.i:], '>'); n < 0 {
		d.fail(DefectMalformed)
		return
	}
	d.i += n + 1
	if d.open() != elementDict {
		d.fail(DefectMalformed)
		return
	}
	d.top()
	if d.space(); !d.has("</plist>") {
		d.fail(DefectMalformed)
	}
}

func (d *document) top() {
	for {
		key, ok := d.key()
		if !ok {
			return
		}
		switch string(key) {
		case "is_delta":
			d.s.IsDelta = !d.isFalse()
		case "elapsed_ns":
			d.s.Elapsed, _ = d.number().nanoseconds()
		case "hw_model":
			d.s.HWModel = d.name()
		case "kern_osversion":
			d.s.OSBuild = d.name()
		case "kern_boottime":
			if n := d.number(); n.isWhole && n.whole > 0 {
				d.s.BootTime = time.Unix(n.whole, 0).UTC()
			}
		case "timestamp":
			d.s.Timestamp = d.date()
		case "thermal_pressure":
			d.s.Thermal = d.name()
		case "invalid":
			d.invalid = d.isTrue() || d.invalid
		case "processor":
			d.processor()
		case "gpu":
			d.gpu()
		case "coalitions":
			d.coalitions()
		case "tasks":
			d.s.Tasks = d.s.Tasks[:0]
			d.s.HasTasks = true
			d.tasks(-1)
		case "all_tasks":
			d.s.HasTasks = true
			d.skip()
		default:
			d.skip()
		}
	}
}

// finish derives what needs the whole document.
func (d *document) finish() {
	s := d.s
	rail := d.processorGPU.rail()
	if !rail.Known {
		rail = d.ownGPU.rail()
	}
	s.GPU.Energy, s.GPU.Known = rail.Energy, rail.Known
	if d.gpuIdle.Known {
		s.GPU.Busy, s.GPU.BusyKnown = busy(s.Elapsed, d.gpuIdle, Ratio{}), true
	}
	sum, all := s.cpuBusy()
	if all && !d.cpuInvalid {
		s.CPU.Busy, s.CPU.BusyKnown = sum, true
	}
	s.Flaw = s.judge(sum, d.invalid)
}

// name reads a string that repeats from document to document.
func (d *document) name() string {
	e := d.open()
	if e != elementString {
		d.discard(e)
		return ""
	}
	return d.names.get(d.text(e))
}

func (d *document) date() time.Time {
	e := d.open()
	if e != elementDate {
		d.discard(e)
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, string(bytes.TrimSpace(d.text(e))))
	if err != nil { // the timestamp is only a check: without it we go by arrival
		return time.Time{}
	}
	return t.UTC()
}

func (d *document) isTrue() bool {
	e := d.open()
	d.discard(e)
	return e == elementTrue
}

func (d *document) isFalse() bool {
	e := d.open()
	d.discard(e)
	return e == elementFalse
}
