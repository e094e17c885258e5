package collector

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/align"
	"github.com/sovmeter/sovmeter/collector/attribution"
)

// align compares booked windows with what the logs say of their time, once the
// logs are read far enough beyond it. With several logs, a window tells of the
// clock of one only where the servers of the others rest.
func (c *Collector) align(bookings []attribution.Booking) {
	for _, b := range bookings {
		w := b.Window
		w.Usage = nil
		c.unaligned = append(c.unaligned, w)
	}
	told, n := c.told(), 0
	for ; n < len(c.unaligned); n++ {
		w := c.unaligned[n]
		if w.End.Add(clockReach).After(told) {
			if c.measured.Sub(w.End) < c.config.MaxOpen {
				break
			}
			continue // the server is never idle, and its log speaks at the end
		}
		for i, l := range c.logs {
			if c.alone(i, w) {
				l.clock.add(w)
			}
			l.clock.step(w)
			c.noteOffset(l)
		}
		c.aligned = w.End
	}
	c.unaligned = append(c.unaligned[:0], c.unaligned[n:]...)
	for _, l := range c.logs {
		l.clock.forget(latest(c.aligned, c.measured.Add(-2*c.config.MaxOpen)).Add(-clockReach))
	}
}

// told is the time up to which every log has told of all that touches it.
func (c *Collector) told() time.Time {
	told := c.measured.Add(c.config.MaxOpen) // no log holds it back
	for _, l := range c.logs {
		t := l.clock.told
		if t.IsZero() {
			t = l.idle
		}
		told = earliest(told, t)
	}
	return told
}

// alone reports whether around w nothing but requests of log i was at work.
func (c *Collector) alone(i int, w attribution.Window) bool {
	for j, l := range c.logs {
		if i == j && l.clock.loadsAround(w) || i != j && l.clock.worksAround(w) {
			return false
		}
	}
	return true
}

// noteOffset logs once that a log's clock is far off, and once that it cannot
// be made out.
func (c *Collector) noteOffset(l *logState) {
	k := l.clock
	if k.Applied.Abs() > clockFar && !k.warned.far {
		k.warned.far = true
		c.config.Logger.Warn().Str("log", l.Source.Name()).Dur("ahead", k.Applied).Dur("standard_error", k.StdErr).
			Msg("the clock of this log is more than a second off; its times are corrected")
	}
	if k.failed >= clockLost && !k.warned.lost {
		k.warned.lost = true
		c.config.Logger.Warn().Str("log", l.Source.Name()).Dur("looked_for_up_to", align.DefaultRange).
			Msg("power does not rise and fall with this log's requests; are its times right, and is the server on this machine?")
	}
}
