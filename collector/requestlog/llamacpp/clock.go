package llamacpp

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

const (
	// clockWindow is how long an arrival counts: the wall clock is slewed
	// against the server's monotonic one (20 ppm are 12 s in a week), so what
	// fitted days ago does not any more.
	clockWindow = 10 * time.Minute
	// clockStep is by how much a line must be later than the clock says before
	// the wall clock is taken to have been set, or the machine to have slept.
	clockStep = time.Second
	// liveSpread is how well an arrival must be known to say what time it is.
	liveSpread = 10 * time.Second
)

// clock maps stamps, which count from the start of the process, to wall time.
// A line arrives when it was stamped or later, never earlier, so the start is
// at most the smallest arrival less stamp; with one prompt reading it is
// exactly that.
type clock struct {
	Fixed int64  `cbor:"1,keyasint"` // configured process start, Unix ns; 0: none
	Now   sample `cbor:"2,keyasint"` // of the present window
	Prev  sample `cbor:"3,keyasint"` // of the window before
	// Since is the stamp at which the present window began.
	Since time.Duration `cbor:"4,keyasint"`
	// Bound is the smallest start that lines of unknown age allow, Unix ns; 0:
	// none. It is an upper bound, and may be days off.
	Bound int64 `cbor:"5,keyasint"`
	// Hint is what another process of the same log says, until a line of its own
	// does.
	Hint sample `cbor:"6,keyasint"`
}

// sample is a process start as one line shows it.
type sample struct {
	Start  int64         `cbor:"1,keyasint"` // Unix ns
	Spread time.Duration `cbor:"2,keyasint"` // how much earlier it may be
	Known  bool          `cbor:"3,keyasint"`
}

// observe learns from a line with the given stamp.
func (c *clock) observe(stamp time.Duration, l requestlog.Line) {
	if l.Arrival.IsZero() {
		return
	}
	s := sample{Start: l.Arrival.UnixNano() - int64(stamp), Spread: l.Spread, Known: true}
	if l.Spread == requestlog.SpreadUnknown || l.Spread > liveSpread {
		if c.Bound == 0 || s.Start < c.Bound {
			c.Bound = s.Start
		}
		return
	}
	best := c.best()
	if best.Known && s.Start-int64(s.Spread) > best.Start+int64(clockStep) {
		c.Now, c.Prev, c.Since = s, sample{}, stamp
		return
	}
	if stamp-c.Since >= clockWindow {
		c.Prev, c.Now, c.Since = c.Now, sample{}, stamp
	}
	if !c.Now.Known || s.Start < c.Now.Start {
		c.Now = s
	}
}

// best is the process start to use; not Known before a line with a known
// arrival was seen.
func (c *clock) best() sample {
	switch {
	case c.Fixed != 0:
		return sample{Start: c.Fixed, Known: true}
	case c.Prev.Known && (!c.Now.Known || c.Prev.Start < c.Now.Start):
		return c.Prev
	case c.Now.Known:
		return c.Now
	}
	return c.Hint
}

// Wall returns the moment in Unix ns and how much earlier it may have been, or
// how much earlier or later for dated lines. It is false when that is unknown.
func (r *run) Wall(m slots.Mark) (int64, time.Duration, bool) {
	known := m.Wall != 0 && m.Spread != requestlog.SpreadUnknown
	switch {
	case r.Shape.stamped():
		s := r.Clock.best()
		return s.Start + int64(m.Stamp), s.Spread, s.Known
	case r.Shape.dated() && known:
		return m.Wall - int64(m.Spread/2), m.Spread / 2, true
	}
	return m.Wall, m.Spread, known
}

// Latest is the best that can be said of a moment whose wall time may be
// unknown: it was not later. Zero when nothing can be said.
func (r *run) Latest(m slots.Mark) time.Time {
	if ns, _, ok := r.Wall(m); ok {
		return unix(ns)
	}
	switch {
	case !r.Shape.stamped() && m.Wall != 0:
		return unix(m.Wall)
	case r.Shape.stamped() && r.Clock.Bound != 0:
		return unix(r.Clock.Bound + int64(m.Stamp))
	}
	return time.Time{}
}

func unix(ns int64) time.Time { return time.Unix(0, ns).UTC() }
