package systemmeter

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// longestPause is how long two samples of a power may be apart to say what was
// drawn between them.
const longestPause = 2 * time.Second

// instant is a time by two clocks.
type instant struct {
	wall time.Time // UTC
	// running is from any origin and stands still while the Mac sleeps, as Go's
	// monotonic clock does on darwin (mach_absolute_time).
	running time.Duration
}

// instantOf reads both clocks out of times that hold them, as those of time.Now do.
func instantOf(origin, at time.Time) instant {
	return instant{wall: at.Round(0).UTC(), running: at.Sub(origin)}
}

// since returns the running time from an earlier instant, and whether the Mac
// slept or its clock was set forwards between the two.
func (i instant) since(earlier instant) (running time.Duration, slept bool) {
	running = i.running - earlier.running
	return running, i.wall.Sub(earlier.wall)-running > longestPause
}

// integral makes a counter of energy of samples of power: a trapezoid between
// each two. After a sleep or a long pause it begins anew at 0: nobody knows what
// was drawn meanwhile, and a reader sees by the decrease that something is
// missing. The zero integral is ready.
type integral struct {
	pause time.Duration // the longest between two samples
	last  instant
	power energy.Watts // of the last sample
	total energy.Joules
	begun bool
}

// add counts a sample in and returns the counter.
func (s *integral) add(at instant, power energy.Watts) energy.Joules {
	running, slept := at.since(s.last)
	switch {
	case !s.begun:
	case slept || running < 0 || running > max(s.pause, longestPause):
		s.total = 0
	default:
		s.total += ((s.power + power) / 2).For(running)
	}
	s.begun, s.last, s.power = true, at, power
	return s.total
}
