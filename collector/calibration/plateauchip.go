package calibration

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// othersAtWork is how many cores of other processes explain a plateau that is not
// steady.
const othersAtWork = 0.5

// chip is what the rails did over some time, in the mean.
type chip struct {
	cpu, gpu, ane energy.Watts
	covered       float64 // 0 to 1
	others        float64 // cores that other processes used; 0 where nobody looked
}

func (c chip) soc() energy.Watts { return c.cpu + c.gpu + c.ane }

// own is the part of a run whose windows hold nothing of the steps on both sides.
func own(r Run, windows []attribution.Window) (from, to time.Time) {
	from, to = r.Start, r.End
	for _, w := range windows {
		if w.Start.Before(r.Start) && w.End.After(from) {
			from = w.End
		}
		if w.End.After(r.End) && w.Start.Before(to) {
			to = w.Start
		}
	}
	return from, to
}

// meanOf is the mean of windows over [from, to). A window that lies in it in part
// counts for that part.
func meanOf(windows []attribution.Window, from, to time.Time) chip {
	var c chip
	var covered time.Duration
	var cpu, gpu, ane energy.Joules
	for _, w := range windows {
		inside := minTime(w.End, to).Sub(maxTime(w.Start, from))
		whole := w.End.Sub(w.Start)
		if inside <= 0 || whole <= 0 {
			continue
		}
		part := energy.Joules(float64(inside) / float64(whole))
		cpu, gpu, ane = cpu+part*known(w.CPU), gpu+part*known(w.GPU), ane+part*known(w.ANE)
		covered += inside
		if w.Usage != nil {
			c.others += float64(part) * w.Usage.Others.CPU.Seconds()
		}
	}
	if covered <= 0 {
		return chip{}
	}
	c.cpu, c.gpu, c.ane = cpu.Over(covered), gpu.Over(covered), ane.Over(covered)
	c.covered = float64(covered) / float64(to.Sub(from))
	c.others /= covered.Seconds()
	return c
}

func known(r attribution.Rail) energy.Joules {
	if !r.Known {
		return 0
	}
	return r.Energy
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// The most that two halves of a plateau may differ: watts, and a ratio.
const (
	steadyWatts energy.Watts = 1
	steadyRatio float64      = 0.08
)

// unsteady compares the halves of [from, to): first the chip's, then the meter's.
// It returns both halves' powers where they differ too much.
func unsteady(windows []attribution.Window, m meterSpan, from, to time.Time) ([2]energy.Watts, bool) {
	middle := from.Add(to.Sub(from) / 2)
	first, second := meanOf(windows, from, middle).soc(), meanOf(windows, middle, to).soc()
	if differ(first, second) {
		return [2]energy.Watts{first, second}, false
	}
	a, okA := m.meanPower(from, middle)
	b, okB := m.meanPower(middle, to)
	if okA && okB && differ(a, b) {
		return [2]energy.Watts{a, b}, false
	}
	return [2]energy.Watts{}, true
}

func differ(a, b energy.Watts) bool {
	return max(a-b, b-a) > max(steadyWatts, energy.Watts(steadyRatio)*(a+b)/2)
}
