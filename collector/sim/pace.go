package sim

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// surroundings is what the rest of the machine does while steps are planned.
type surroundings struct {
	others   load // idle, other programs, and servers that load a model
	pressure pressure
	horizon  time.Duration // when something changes that steps must not run past
}

// pressure is what changes the pace of a server within a step.
type pressure struct {
	working int          // other servers that have requests in their slots
	loading load         // of those that load a model
	max     energy.Watts // of the package
}

// shortest is the shortest time that a segment is cut to: below it the power
// of what is left could not be told.
const shortest = time.Microsecond

// pace is how long one step takes, in seconds. Servers that work at the same
// time get the same share of the GPU's time and of the package's watts. A step
// costs the same energy at any pace.
func (a surroundings) pace(step stepCost) (sec float64, throttled bool) {
	shares := float64(1 + a.pressure.working)
	sec = step.alone.Seconds() / max(1-a.others.gpuBusy, 0.05) * shares
	spare := float64(max(a.pressure.max-a.others.watts(), a.pressure.max/10)) / shares
	if needed := float64(step.energy()); needed > spare*sec {
		return needed / spare, true
	}
	return sec, false
}

// repace ends the segment with the step under way, the rest of which goes on
// at the pace that the new surroundings leave.
func (s *server) repace(now time.Duration, around surroundings) {
	g := &s.seg
	g.pressure = around.pressure
	left := (g.end - now).Seconds() / g.sec
	whole := math.Floor(left)
	if (left-whole)*g.sec < shortest.Seconds() {
		whole-- // between two steps: the next one is under way, if there is one
	}
	if whole < 0 {
		return
	}
	prefill, decode := g.drawn(now)
	g.dark.repace(now, prefill+decode)
	g.steps -= int(whole)
	sec, throttled := around.pace(g.step)
	length := max(time.Duration(math.Round((left-whole)*sec*1e9)), 1)
	n := energy.Joules(g.steps)
	g.work = s.stepWork(g.step.prefill*n-prefill, g.step.decode*n-decode, length, g.step.alone.Seconds()/sec)
	toldCancel := g.cancelAt == never
	g.end, g.sec, g.throttled = now+length, sec, g.throttled || throttled
	s.at = g.end
	s.outlook()
	if toldCancel && whole == 0 {
		g.cancelAt = never // or nobody gives up in its last step
	}
	g.cancelAt = max(g.cancelAt, now)
}

// drawn is what of the segment's energy has been drawn until now.
func (g *segment) drawn(now time.Duration) (prefill, decode energy.Joules) {
	n := energy.Joules(g.steps)
	prefill = g.step.prefill*n - g.work.prefill.For(g.end-now)
	decode = g.step.decode*n - g.work.decode.For(g.end-now)
	return prefill, decode
}
