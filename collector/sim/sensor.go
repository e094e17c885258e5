package sim

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// sensorStart is how long powermetrics takes from its start to its first
// window.
const sensorStart = 300 * time.Millisecond

// sensor is powermetrics: it sums what the chip draws over windows and prints
// one document for each.
type sensor struct {
	cfg      Sensor
	rng      *rand.Rand
	w        io.Writer
	before   func(time.Duration)
	document *document
	start    time.Time
	downs    timetable
	downFor  []time.Duration
	died     func(time.Duration)
	printed  int // documents of this process
	err      error

	begin, at time.Duration // of the window; while dark, at is when powermetrics dies or prints again
	on        bool
	zero      bool // the window's document says 0 mJ for the CPU
	zeros     *rand.Rand
	registers registers
	length    time.Duration // of the scenario; 0: endless
	dying     time.Duration // how long powermetrics will be gone; 0 when it is not about to die
	window    window
	cpu       counter
	gpu       counter
	ane       counter
	gpuAgain  counter // the gpu sampler's own read of the same rail
	buf       []byte
}

// window is what the chip did since the window began.
type window struct {
	rails     Rails
	parts     Parts
	wall      WallParts
	awake     time.Duration
	cpuBusy   time.Duration // summed over cores
	gpuBusy   time.Duration
	gpuWatts  energy.Watts // at its end
	throttled bool
}

// counter is a running total that is read in whole millijoules: what a window
// leaves over stays for the next.
type counter struct {
	total energy.Joules
	read  int64
}

// take reads what has been added since the last read.
func (c *counter) take() int64 {
	n := max(millijoules(c.total)-c.read, 0)
	c.read += n
	return n
}

// newSensor returns the sensor of s; its first window begins at the start.
func newSensor(s *Scenario, w io.Writer, before, died func(time.Duration)) *sensor {
	n := &sensor{
		cfg: s.Sensor, rng: stream(s.Seed, concernSensor), w: w, before: before, died: died,
		document: newDocument(s.Chip, s.Start.Add(-uptime)), start: s.Start,
		length: s.Length, zeros: stream(s.Seed, concernZeros), registers: newRegisters(&s.Sensor),
	}
	for _, o := range s.Outages {
		if o.Kind == SensorDown {
			n.downs = append(n.downs, due{at: o.At, every: o.Every})
			n.downFor = append(n.downFor, o.For)
		}
	}
	return n
}

// dark is true while no window is open.
func (n *sensor) dark() bool { return !n.on }

// blind is true while what is drawn will be in no document that can be used.
func (n *sensor) blind() bool { return !n.on || n.zero }

// add books one interval of constant power to the open window, in which the
// whole machine took so much.
func (n *sensor) add(f *flow, d time.Duration, throttled bool, wall WallParts) {
	all := f.idle.plus(f.others).plus(f.server.load)
	n.registers.add(all, d)
	if !n.on {
		return
	}
	w := &n.window
	w.rails.add(all, d)
	w.parts.add(f, d)
	w.wall = w.wall.plus(wall)
	w.awake += d
	w.cpuBusy += busy(f.idle.cores, d) + busy(f.others.cores, d) + busy(f.server.cores, d)
	w.gpuBusy += busy(f.idle.gpuBusy, d) + busy(f.others.gpuBusy, d) + busy(f.server.gpuBusy, d)
	w.gpuWatts = all.gpu
	w.throttled = w.throttled || throttled
}

// busy is how long a ratio of d is.
func busy(ratio float64, d time.Duration) time.Duration {
	return time.Duration(math.Round(ratio * float64(d)))
}

// fire ends the open window, if any, and begins the next one or goes dark.
func (n *sensor) fire(now time.Duration) {
	if n.on {
		n.print(now)
	}
	n.window, n.zero = window{}, false
	if n.dying > 0 {
		n.died(now)
		n.at, n.dying, n.printed = now+n.dying+sensorStart, 0, 0
		return
	}
	stretch := n.cfg.MinStretch + n.rng.Float64()*(n.cfg.MaxStretch-n.cfg.MinStretch)
	n.begin, n.at, n.on = now, now+time.Duration(stretch*float64(n.cfg.Interval)), true
	if i, down := n.downs.next(); down < n.at && !n.over(down) {
		n.downs.done(i)
		n.on, n.at, n.dying = false, max(down, now), n.downFor[i]
		return
	}
	n.registers.open()
	n.zero = n.cfg.Zeros > 0 && n.zeros.Float64() < n.cfg.Zeros
}

// over tells whether a time lies after the scenario's length. Then powermetrics
// stays up: with outages that come faster than a machine that mostly sleeps gets
// through them, the last documents would never be written.
func (n *sensor) over(at time.Duration) bool { return n.length > 0 && at > n.length }

// shift delays the end of the window by a sleep of d.
func (n *sensor) shift(d time.Duration) {
	n.at += d
	n.registers.shift(d)
}

// shown is what the chip's counters gained in the window.
func (n *sensor) shown() Rails { return n.registers.gained(n.window.rails) }

// print writes the document of the window that ends now.
func (n *sensor) print(now time.Duration) {
	w := &n.window
	skew := time.Duration(n.rng.Float64() * float64(3*time.Millisecond))
	shown := n.shown()
	seen := Rails{CPU: n.noisy(shown.CPU), GPU: n.noisy(shown.GPU), ANE: n.noisy(shown.ANE)}
	r := reading{
		elapsed: w.awake, end: n.start.Add(now),
		cpuBusy: w.cpuBusy, gpuBusy: w.gpuBusy, throttled: w.throttled,
	}
	if n.zero {
		r.gpu, r.ane = millijoules(seen.GPU), millijoules(seen.ANE)
		r.gpuAgain = r.gpu
	} else {
		n.read(&r, seen, skew)
	}
	n.buf = n.buf[:0]
	if n.printed > 0 {
		n.buf = append(n.buf, 0)
	}
	n.buf = n.document.append(n.buf, &r)
	n.printed++
	n.before(now)
	if n.err != nil {
		return
	}
	if _, err := n.w.Write(n.buf); err != nil {
		n.err = fmt.Errorf("write powermetrics document %d: %w", n.printed, err)
	}
}

// read fills in the energies of a window.
func (n *sensor) read(r *reading, seen Rails, skew time.Duration) {
	n.cpu.total += seen.CPU
	n.gpu.total += seen.GPU
	n.ane.total += seen.ANE
	n.gpuAgain.total = n.gpu.total + n.window.gpuWatts.For(skew)
	r.cpu, r.gpu, r.ane, r.gpuAgain = n.cpu.take(), n.gpu.take(), n.ane.take(), n.gpuAgain.take()
}

// millijoules is j in whole millijoules, the rest cut off.
func millijoules(j energy.Joules) int64 { return int64(math.Floor(float64(j) * 1e3)) }

// noisy is what the sensor takes j for.
func (n *sensor) noisy(j energy.Joules) energy.Joules {
	if n.cfg.Noise == 0 {
		return j
	}
	return j * energy.Joules(max(1+n.cfg.Noise*n.rng.NormFloat64(), 0))
}

// measured is the sum of all documents so far that can be used.
func (n *sensor) measured() energy.Joules {
	return energy.FromMillijoules(n.cpu.read + n.gpu.read + n.ane.read)
}
