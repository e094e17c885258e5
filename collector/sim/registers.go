package sim

import "time"

// registers are the chip's energy counters as software finds them: updated all
// the time, or all at once every so often.
type registers struct {
	every   time.Duration // 0: all the time
	liveGPU bool
	at      time.Duration // of the next update
	drawn   Rails         // since the start
	updated Rails         // drawn, as of the last update
	opened  Rails         // updated, as the open window began
}

// newRegisters returns the counters that s reads, before the first update.
func newRegisters(s *Sensor) registers {
	r := registers{every: s.Counters, liveGPU: s.LiveGPU, at: never}
	if r.every > 0 {
		r.at = r.every
	}
	return r
}

// add adds what a load draws for d.
func (r *registers) add(l load, d time.Duration) {
	if r.every > 0 {
		r.drawn.add(l, d)
	}
}

// update makes the update that is due.
func (r *registers) update() {
	r.updated = r.drawn
	r.at += r.every
}

// open notes where a window begins.
func (r *registers) open() { r.opened = r.updated }

// gained is what a reader finds that the counters gained in the window, in
// which so much was drawn.
func (r *registers) gained(drawn Rails) Rails {
	if r.every == 0 {
		return drawn
	}
	g := r.updated.minus(r.opened)
	if r.liveGPU {
		g.GPU = drawn.GPU
	}
	return g
}

// shift delays the next update by a sleep of d.
func (r *registers) shift(d time.Duration) {
	if r.at != never {
		r.at += d
	}
}
