package attribution

import (
	"cmp"
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
	// calmCores and calmGPU are how much more than in the calmest tenth of
	// the minutes other programs may use of cores and of the GPU.
	calmCores, calmGPU = 0.1, 0.01
	// assumedError is the standard error of the assumed baseline.
	assumedError energy.Watts = 1
	// quietError and driftError are the standard error of the baseline, as a
	// share of it: just after a quiet window, and more for each hour since.
	quietError, driftError = 0.02, 0.1
	// stale is the age from which a quiet window is not the best witness.
	stale = 10 * time.Minute
	// foreverAge is the age of a quiet window that never was.
	foreverAge = 1000 * time.Hour
)

// level is what the machine draws and does with no request in flight.
type level struct {
	all, cpu, gpu energy.Watts
	err           energy.Watts  // standard error of all
	quiet         energy.Watts  // all, as the quiet minutes show it
	age           time.Duration // of the youngest quiet window
	assumed       bool          // no quiet window was seen yet
	// busyCPU and busyGPU are the rails' busy time a second.
	busyCPU, busyGPU float64
	// others is what other processes use a second, as part of the above.
	others rate
	whole  [2]seen // the whole machine, by side of its power supply
}

// rate is a use a second.
type rate struct {
	cpu, gpu  float64 // seconds a second
	cpuEnergy energy.Watts
}

// beyond is the use over what the rate would have been in dt.
func (r rate) beyond(u Use, dt time.Duration) (cpu, gpu float64, cpuEnergy energy.Joules) {
	return max(u.CPU.Seconds()-r.cpu*dt.Seconds(), 0), max(u.GPU.Seconds()-r.gpu*dt.Seconds(), 0),
		max(u.CPUEnergy-r.cpuEnergy.For(dt), 0)
}

// baseline is the decayed median of the powers of quiet minutes. It changes at
// steps only: windows that begin in a step use what was known before it.
type baseline struct {
	minutes []QuietMinute // by start
	step    QuietMinute   // quiet windows of the current step
	current level
	since   time.Time // the step that current was computed for
	// observed is what minutes show; nil when that is not computed yet.
	observed *level
}

// turn makes the level that of a new step, unless it is the present one. Steps
// must not go back.
func (b *baseline) turn(step time.Time, assumed energy.Watts) bool {
	if step.Equal(b.since) {
		return false
	}
	b.fold(step)
	b.since = step
	if len(b.minutes) == 0 {
		b.current = level{all: assumed, err: assumedError, assumed: true, age: foreverAge}
		return true
	}
	if b.observed == nil {
		l := observed(b.minutes)
		b.observed = &l
	}
	b.current = *b.observed
	b.current.age = step.Sub(b.minutes[len(b.minutes)-1].Start)
	b.current.err = b.current.all * energy.Watts(quietError+driftError*b.current.age.Hours())
	return true
}

// observed is the level that minutes, of which there is one at least, show. The
// weights of their ages are those at the last of them: what goes by since makes
// all of them older alike.
func observed(minutes []QuietMinute) level {
	now := minutes[len(minutes)-1].Start
	minutes = calm(minutes)
	quiet := func(m QuietMinute) time.Duration { return m.Length }
	watched := func(m QuietMinute) time.Duration { return m.Watched }
	of := func(length func(QuietMinute) time.Duration, amount func(QuietMinute) float64) float64 {
		return median(minutes, now, baselineHalfLife, length, amount)
	}
	all := energy.Watts(of(quiet, func(m QuietMinute) float64 { return float64(m.All) }))
	return level{
		all: all, quiet: all,
		whole: [2]seen{
			sideAC: seenIn(minutes, now, func(m QuietMinute) QuietEnergy { return m.AC }),
			sideDC: seenIn(minutes, now, func(m QuietMinute) QuietEnergy { return m.DC }),
		},
		cpu:     energy.Watts(of(quiet, func(m QuietMinute) float64 { return float64(m.CPU) })),
		gpu:     energy.Watts(of(quiet, func(m QuietMinute) float64 { return float64(m.GPU) })),
		busyCPU: of(quiet, func(m QuietMinute) float64 { return m.CPUBusy.Seconds() }),
		busyGPU: of(quiet, func(m QuietMinute) float64 { return m.GPUBusy.Seconds() }),
		others: rate{
			cpu:       of(watched, func(m QuietMinute) float64 { return m.Others.CPU.Seconds() }),
			gpu:       of(watched, func(m QuietMinute) float64 { return m.Others.GPU.Seconds() }),
			cpuEnergy: energy.Watts(of(watched, func(m QuietMinute) float64 { return float64(m.Others.CPUEnergy) })),
		},
	}
}

// shown makes the level what the work of a model shows it to be, when the last
// quiet window is long ago and that is the better witness: a machine that never
// rests still has pauses within its windows.
func (b *baseline) shown(watts, err energy.Watts) {
	l := &b.current
	if l.age < stale || !(err < l.err) {
		return
	}
	if l.all > 0 {
		l.cpu *= watts / l.all
		l.gpu *= watts / l.all
	}
	l.all, l.err = watts, err
	l.assumed = l.assumed && err > watts/2
}

// add counts a quiet window. It is used from the next step on.
func (b *baseline) add(w Window) {
	b.fold(w.Start.Truncate(baselineStep))
	if b.step.Length == 0 {
		b.step.Start = w.Start.Truncate(baselineStep)
	}
	q := QuietMinute{Length: w.End.Sub(w.Start), All: w.SoC(), CPU: w.CPU.known(), GPU: w.GPU.known()}
	if w.CPU.BusyKnown {
		q.CPUBusy = w.CPU.Busy
	}
	if w.GPU.BusyKnown {
		q.GPUBusy = w.GPU.Busy
	}
	if w.Usage != nil {
		q.Others, q.Watched = w.Usage.Others, q.Length
	}
	if whole := (QuietEnergy{q.Length, w.Energy}); w.Scope.Whole() && sideOf(w.Scope) == sideDC {
		q.DC = whole
	} else if w.Scope.Whole() {
		q.AC = whole
	}
	b.step.add(q)
}

// add sums up; the start stays.
func (q *QuietMinute) add(o QuietMinute) {
	q.Length += o.Length
	q.All += o.All
	q.AC.add(o.AC)
	q.DC.add(o.DC)
	q.CPU += o.CPU
	q.GPU += o.GPU
	q.CPUBusy += o.CPUBusy
	q.GPUBusy += o.GPUBusy
	q.Others.CPU += o.Others.CPU
	q.Others.GPU += o.Others.GPU
	q.Others.CPUEnergy += o.Others.CPUEnergy
	q.Watched += o.Watched
}

func (q *QuietEnergy) add(o QuietEnergy) {
	q.Length += o.Length
	q.Energy += o.Energy
}

// fold moves the quiet windows of an earlier step into their minute.
func (b *baseline) fold(now time.Time) {
	if b.step.Length == 0 || !b.step.Start.Before(now) {
		return
	}
	b.observed = nil
	minute := b.step.Start.Truncate(time.Minute)
	if n := len(b.minutes); n == 0 || b.minutes[n-1].Start.Before(minute) {
		b.minutes = append(b.minutes, QuietMinute{Start: minute})
	}
	b.minutes[len(b.minutes)-1].add(b.step)
	b.step = QuietMinute{}
	if extra := len(b.minutes) - baselineMinutes; extra > 0 {
		b.minutes = slices.Delete(b.minutes, 0, extra)
	}
}

// calm are the minutes in which other programs did no more than they do in the
// calmest tenth of them: what a video call draws while nobody asks for
// anything is not what the machine always draws. Without process stats all are.
func calm(minutes []QuietMinute) []QuietMinute {
	cpu := func(m QuietMinute) float64 { return m.Others.CPU.Seconds() / m.Watched.Seconds() }
	gpu := func(m QuietMinute) float64 { return m.Others.GPU.Seconds() / m.Watched.Seconds() }
	watched := slices.DeleteFunc(slices.Clone(minutes), func(m QuietMinute) bool { return m.Watched <= 0 })
	if len(watched) == 0 {
		return minutes
	}
	mostCPU, mostGPU := tenth(watched, cpu)+calmCores, tenth(watched, gpu)+calmGPU
	return slices.DeleteFunc(watched, func(m QuietMinute) bool { return cpu(m) > mostCPU || gpu(m) > mostGPU })
}

// tenth is the value that a tenth of the minutes do not exceed.
func tenth(minutes []QuietMinute, of func(QuietMinute) float64) float64 {
	values := make([]float64, len(minutes))
	for i, m := range minutes {
		values[i] = of(m)
	}
	slices.Sort(values)
	return values[(len(values)-1)/10]
}

// median is the weighted median of what the minutes have a second; a minute
// weighs its length, halved for each half-life of its age. It is 0 when no
// minute has any length.
func median(minutes []QuietMinute, now time.Time, halfLife time.Duration, length func(QuietMinute) time.Duration, amount func(QuietMinute) float64) float64 {
	type point struct{ value, weight float64 }
	points := make([]point, 0, len(minutes))
	var total float64
	for _, m := range minutes {
		d := length(m).Seconds()
		if d <= 0 {
			continue
		}
		weight := d * halved(now.Sub(m.Start), halfLife)
		points = append(points, point{amount(m) / d, weight})
		total += weight
	}
	if len(points) == 0 {
		return 0
	}
	slices.SortFunc(points, func(x, y point) int { return cmp.Compare(x.value, y.value) })
	var sum float64
	for _, p := range points {
		sum += p.weight
		if sum >= total/2 {
			return p.value
		}
	}
	return points[len(points)-1].value
}

// halved is the weight of something of the given age.
func halved(age, halfLife time.Duration) float64 {
	return math.Exp2(-float64(age) / float64(halfLife))
}
