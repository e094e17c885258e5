package attribution

import (
	"math"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

const (
	// baselineStep is how often the baseline is computed anew. Steps lie on
	// UTC marks, so that the baseline of a window does not depend on how the
	// quiet windows before it were cut.
	baselineStep = 10 * time.Second
	// baselineHalfLife is the age at which a quiet minute counts half.
	baselineHalfLife = time.Hour
	// baselineMinutes bounds how many quiet minutes are kept.
	baselineMinutes = 120
)

// level is the machine's power with no request in flight.
type level struct {
	all, cpu, gpu energy.Watts
	assumed       bool // no quiet window was seen yet
}

// baseline is the decayed median of the powers of quiet minutes. It changes at
// steps only: windows that begin in a step use what was known before it.
type baseline struct {
	minutes []QuietMinute // by start
	step    QuietMinute   // quiet windows of the current step
	current level
	since   time.Time // the step that current was computed for
}

// at returns the level for a window that begins at t. Times must not go back.
func (b *baseline) at(t time.Time, assumed energy.Watts) level {
	step := t.Truncate(baselineStep)
	if step.Equal(b.since) {
		return b.current
	}
	b.fold(step)
	b.since = step
	if len(b.minutes) == 0 {
		b.current = level{all: assumed, assumed: true}
		return b.current
	}
	b.current = level{
		all: b.median(step, func(m QuietMinute) energy.Joules { return m.All }),
		cpu: b.median(step, func(m QuietMinute) energy.Joules { return m.CPU }),
		gpu: b.median(step, func(m QuietMinute) energy.Joules { return m.GPU }),
	}
	return b.current
}

// add counts a quiet window. It is used from the next step on.
func (b *baseline) add(w Window) {
	b.fold(w.Start.Truncate(baselineStep))
	if b.step.Length == 0 {
		b.step.Start = w.Start.Truncate(baselineStep)
	}
	b.step.Length += w.End.Sub(w.Start)
	b.step.All += w.Energy
	b.step.CPU += w.CPU.known()
	b.step.GPU += w.GPU.known()
}

// fold moves the quiet windows of an earlier step into their minute.
func (b *baseline) fold(now time.Time) {
	if b.step.Length == 0 || !b.step.Start.Before(now) {
		return
	}
	minute := b.step.Start.Truncate(time.Minute)
	if n := len(b.minutes); n == 0 || b.minutes[n-1].Start.Before(minute) {
		b.minutes = append(b.minutes, QuietMinute{Start: minute})
	}
	m := &b.minutes[len(b.minutes)-1]
	m.Length += b.step.Length
	m.All += b.step.All
	m.CPU += b.step.CPU
	m.GPU += b.step.GPU
	b.step = QuietMinute{}
	if extra := len(b.minutes) - baselineMinutes; extra > 0 {
		b.minutes = slices.Delete(b.minutes, 0, extra)
	}
}

// median is the weighted median of the minutes' mean powers; a minute weighs
// its quiet time, halved for each half-life of its age.
func (b *baseline) median(now time.Time, of func(QuietMinute) energy.Joules) energy.Watts {
	type point struct {
		power  energy.Watts
		weight float64
	}
	points := make([]point, 0, len(b.minutes))
	var total float64
	for _, m := range b.minutes {
		weight := m.Length.Seconds() * halved(now.Sub(m.Start))
		points = append(points, point{of(m).Over(m.Length), weight})
		total += weight
	}
	slices.SortFunc(points, func(x, y point) int {
		switch {
		case x.power < y.power:
			return -1
		case x.power > y.power:
			return 1
		}
		return 0
	})
	var sum float64
	for _, p := range points {
		sum += p.weight
		if sum >= total/2 {
			return p.power
		}
	}
	return points[len(points)-1].power
}

// halved is the weight of something of the given age.
func halved(age time.Duration) float64 {
	return math.Exp2(-float64(age) / float64(baselineHalfLife))
}
