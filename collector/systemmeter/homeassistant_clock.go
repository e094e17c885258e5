package systemmeter

import "time"

// clockDrift is how fast two clocks may part, in parts of the time.
const clockDrift = 200e-6

// serverClock is how far a server's clock is ahead of ours, from the Date of its
// answers. That is in whole seconds, cut off, and somewhere between question and
// answer: each answer bounds the difference, and many narrow it down. The zero
// serverClock knows nothing and takes the clocks to be the same.
type serverClock struct {
	known  bool
	lo, hi time.Duration // the difference lies between
	seen   time.Time     // of the latest answer, by our clock
}

// learn takes the Date of an answer in.
func (c *serverClock) learn(date, begun, ended time.Time) {
	lo, hi := date.Sub(ended), date.Add(time.Second).Sub(begun)
	if c.known {
		drift := time.Duration(clockDrift * float64(max(0, ended.Sub(c.seen))))
		if l, h := max(lo, c.lo-drift), min(hi, c.hi+drift); l <= h {
			lo, hi = l, h // else one of the clocks was set
		}
	}
	c.known, c.lo, c.hi, c.seen = true, lo, hi, ended
}

// ours is a time of the server's clock by ours, and not after now.
func (c *serverClock) ours(t, now time.Time) time.Time {
	if c.known {
		t = t.Add(-(c.lo + (c.hi-c.lo)/2))
	}
	if t.After(now) {
		return now
	}
	return t
}
