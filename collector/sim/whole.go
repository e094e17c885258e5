package sim

import (
	"sort"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// whole is the whole machine: the chip and what Scenario.Wall puts behind it. It
// follows the chip and changes nothing on it. Its copy goes its own way.
type whole struct {
	cfg   *Wall
	chip  energy.Watts // Chip.MaxWatts
	rates rates
	board energy.Watts // Wall.Board as it drifts
	// What the fan draws for the idle machine, and what on top of that.
	idleFan, workFan energy.Watts
	battery          battery
	total            WallState // its totals
}

// demand is what the chip and the board ask of the rest for an interval. The
// fan draws more and more, or less and less, until it draws what is asked.
type demand struct {
	idle, idleFan energy.Watts // of the idle machine, or of the sleeping one
	work, workFan energy.Watts // on top
	asleep        bool
}

// drawn is what the machine took for itself in an interval: what it would have
// taken idle, or asleep, and what on top.
type drawn struct{ baseline, above energy.Joules }

// newWhole is the machine at the start, when it has been idle for long.
func newWhole(s *Scenario, idle load) whole {
	w := whole{cfg: &s.Wall, chip: s.Chip.MaxWatts, battery: newBattery(&s.Wall.Battery)}
	if s.Wall.Fan.Watts > 0 && s.Wall.Fan.Delay > 0 {
		w.rates.fan = 1 / s.Wall.Fan.Delay.Seconds()
	}
	w.rates.taper = w.battery.taperRate()
	w.drift(0)
	w.idleFan = w.fanFor(idle.watts())
	return w
}

// drift sets what the board draws from now on.
func (w *whole) drift(now time.Duration) { w.board = w.cfg.Board * energy.Watts(w.cfg.Drift.at(now)) }

// fanFor is what the fan draws in the end for a power of the chip.
func (w *whole) fanFor(chip energy.Watts) energy.Watts { return w.cfg.Fan.Watts * (chip / w.chip) }

// boardFor is what the board draws for what the chip does.
func (w *whole) boardFor(l load) energy.Watts {
	return l.cpu*slope(w.cfg.CPU) + l.gpu*slope(w.cfg.GPU) + l.ane*slope(w.cfg.ANE)
}

// slope is a slope of Wall's as it is meant.
func slope(s float64) energy.Watts {
	if s == 0 {
		return 1
	}
	return energy.Watts(s)
}

// awake is the demand of a machine that does f.
func (w *whole) awake(f *flow) demand {
	work := f.others.plus(f.server.load)
	return demand{
		idle: w.board + w.boardFor(f.idle), idleFan: w.fanFor(f.idle.watts()),
		work: w.boardFor(work), workFan: w.fanFor(work.watts()),
	}
}

// asleep is the demand of a machine that sleeps. Its fan stands still.
func (w *whole) asleep() demand { return demand{idle: w.cfg.Asleep, asleep: true} }

// add books an interval of one demand that begins at from.
func (w *whole) add(m demand, from, d time.Duration) drawn {
	var sum drawn
	for d > 0 {
		w.battery.look(from)
		n, part := w.stint(m, min(d, w.battery.edge-from))
		sum.baseline += part.baseline
		sum.above += part.above
		from += n
		d -= n
	}
	return sum
}

// stint books the beginning of an interval, d or less, over which each power is
// one course. It returns how long that is; 0 when all it did was to plug in.
func (w *whole) stint(m demand, d time.Duration) (time.Duration, drawn) {
	idle, work := w.courses(m)
	charging, even := w.battery.charging()
	d = min(d, even)
	empty := !w.battery.plugged && !w.lasts(idle.plus(work), d)
	if empty {
		d = w.until(idle.plus(work), d)
	}
	over := w.rates.over(d)
	part := w.book(&over, idle, work, charging)
	w.settle(m, &over)
	if empty {
		w.battery.plugged = true // until the absence is over
	}
	return d, part
}

// courses is what the board draws from now on: idle, and what on top.
func (w *whole) courses(m demand) (idle, work course) {
	if m.asleep {
		return course{base: m.idle}, course{}
	}
	idle, work = course{base: m.idle + m.idleFan}, course{base: m.work + m.workFan}
	if w.rates.fan > 0 {
		idle.fan, work.fan = w.idleFan-m.idleFan, w.workFan-m.workFan
	}
	return idle, work
}

// settle is the fan at the end.
func (w *whole) settle(m demand, over *while) {
	left := energy.Watts(over.left())
	if w.rates.fan == 0 {
		left = 0
	}
	w.idleFan = m.idleFan + (w.idleFan-m.idleFan)*left
	w.workFan = m.workFan + (w.workFan-m.workFan)*left
}

// book adds the courses to the totals.
func (w *whole) book(over *while, idle, work, charging course) drawn {
	t, b := &w.total, &w.battery
	part := drawn{baseline: over.energy(idle), above: over.energy(work)}
	t.BoardTotal += part.baseline + part.above
	if !b.plugged {
		t.DrainedTotal += part.baseline + part.above
		t.WallTotal += part.baseline + part.above
		b.held -= part.baseline + part.above
		return part
	}
	charged := over.energy(charging)
	out := idle.plus(charging)
	plug := w.cfg.Supply.over(over, out)
	part = drawn{baseline: plug - charged, above: w.cfg.Supply.above(over, out, work)}
	t.PlugTotal += plug + part.above
	t.ChargedTotal += charged
	t.WallTotal += part.baseline + part.above
	b.held += charged * chargeEfficiency
	return part
}

// lasts is true when the battery can give a course for d.
func (w *whole) lasts(c course, d time.Duration) bool {
	over := w.rates.over(d)
	return over.energy(c) <= w.battery.spare()
}

// until is for how long it can, when that is less than d.
func (w *whole) until(c course, d time.Duration) time.Duration {
	return time.Duration(sort.Search(int(d), func(n int) bool { return !w.lasts(c, time.Duration(n)+1) }))
}
