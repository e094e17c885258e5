package collector

import (
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// idleGPU is the share of the GPU, 0 to 1, up to which a server's work is
// taken not to be on the GPU.
const idleGPU = 0.02

// rates is what rails do a second: seconds a second, and watts.
type rates struct{ cpu, gpu, energy float64 }

// activity is how much a window's rails did in a part of it, in seconds and
// joules.
type activity struct{ cpu, gpu, energy float64 }

func activityOf(w attribution.Window, part float64) activity {
	a := activity{cpu: part * w.CPU.Busy.Seconds(), gpu: part * w.GPU.Busy.Seconds()}
	if w.CPU.Known {
		a.energy = part * float64(w.CPU.Energy)
	}
	return a
}

// above is what lies over the floor in d.
func (a activity) above(floor rates, d time.Duration) activity {
	s := d.Seconds()
	return activity{max(a.cpu-floor.cpu*s, 0), max(a.gpu-floor.gpu*s, 0), max(a.energy-floor.energy*s, 0)}
}

func (a activity) plus(b activity) activity {
	return activity{a.cpu + b.cpu, a.gpu + b.gpu, a.energy + b.energy}
}

func (a activity) less(b activity) activity {
	return activity{max(a.cpu-b.cpu, 0), max(a.gpu-b.gpu, 0), max(a.energy-b.energy, 0)}
}

func (a activity) times(part float64) activity {
	return activity{a.cpu * part, a.gpu * part, a.energy * part}
}

// working is the share of a time in which a server had requests or loads under
// way; false when its log cannot tell yet.
type working func(server string, from, to time.Time) (share float64, ok bool)

// layout says how the use that was measured over a span is laid over the
// windows in it. A window tells how busy its rails were, not with whom:
//
//   - What the machine does all the time, the floor, goes on evenly. It is
//     part of the use of the others, and no more than that: on a machine that
//     is never idle the least activity is that of the servers.
//   - A server works while its log has requests or loads under way, and when
//     the GPU does, on the CPU too. One that does not use the GPU works when
//     the CPU does.
//   - The others' remaining use lies where the rails did more than the servers
//     explain.
//
// Where the windows do not tell, use is even in time.
type layout struct {
	span    attribution.UsageSpan
	working working
	floor   rates
	even    activity // the part of the others' use that goes on all the time
	servers []served // as in the span's usage
	rest    activity // of all windows, above the floor and the servers
}

// served is what tells where a server's use lies.
type served struct {
	attribution.ServerUse
	gpuBound bool     // it works when the GPU does
	told     bool     // its log tells when it works
	excess   activity // of all windows, above the floor, while it works
}

// layOut prepares the layout of s over windows, which are all that it touches.
func layOut(s attribution.UsageSpan, windows []attribution.Window, floor rates, working working) *layout {
	length := s.End.Sub(s.Start)
	others := s.Usage.Others
	l := &layout{span: s, working: working}
	l.even = activity{
		cpu:    min(floor.cpu*length.Seconds(), others.CPU.Seconds()),
		gpu:    min(floor.gpu*length.Seconds(), others.GPU.Seconds()),
		energy: min(floor.energy*length.Seconds(), float64(others.CPUEnergy)),
	}
	l.floor = rates{l.even.cpu / length.Seconds(), l.even.gpu / length.Seconds(), l.even.energy / length.Seconds()}
	for _, u := range s.Usage.Servers {
		l.servers = append(l.servers, l.serve(u, windows))
	}
	for _, w := range windows {
		l.rest = l.rest.plus(l.leftOver(w))
	}
	return l
}

// serve finds where the use of a server lies.
func (l *layout) serve(u attribution.ServerUse, windows []attribution.Window) served {
	s := served{ServerUse: u, told: true}
	sum := func() {
		s.excess = activity{}
		for _, w := range windows {
			s.excess = s.excess.plus(l.excess(w, s))
		}
	}
	if sum(); s.excess.gpu <= 0 && s.excess.cpu <= 0 {
		s.told = false // it works although its log does not say so
		sum()
	}
	s.gpuBound = l.span.Usage.GPUKnown && s.excess.gpu > 0 && u.GPU.Seconds() > idleGPU*l.span.End.Sub(l.span.Start).Seconds()
	return s
}

// excess is what w's rails did in the span above the floor while s worked.
func (l *layout) excess(w attribution.Window, s served) activity {
	a, d := l.in(w)
	above := a.above(l.floor, d)
	if !s.told || l.working == nil {
		return above
	}
	share, ok := l.working(s.Server, latest(w.Start, l.span.Start), earliest(w.End, l.span.End))
	if !ok {
		return above
	}
	if most := share * d.Seconds(); above.gpu > most { // the GPU did more than it can have
		return above.times(most / above.gpu)
	}
	return above.times(math.Ceil(share))
}

// in is what w's rails did in the part of it that lies in the span, and how
// long that part is.
func (l *layout) in(w attribution.Window) (activity, time.Duration) {
	part := partOf(w, l.span.Start, l.span.End)
	return activityOf(w, part), time.Duration(part * float64(w.End.Sub(w.Start)))
}

// leftOver is what w's rails did in the span above the floor and the servers.
func (l *layout) leftOver(w attribution.Window) activity {
	a, d := l.in(w)
	left := a.above(l.floor, d)
	for _, s := range l.servers {
		f := l.part(w, s)
		left = left.less(activity{f.cpu * s.CPU.Seconds(), f.gpu * s.GPU.Seconds(), f.cpuEnergy * float64(s.CPUEnergy)})
	}
	return left
}

// evenly is the share of the span that d is.
func (l *layout) evenly(d time.Duration) float64 {
	return float64(d) / float64(l.span.End.Sub(l.span.Start))
}

// part is which part of a server's use falls into w.
func (l *layout) part(w attribution.Window, s served) factors {
	_, d := l.in(w)
	x, even := l.excess(w, s), l.evenly(d)
	f := factors{
		cpu: share(x.cpu, s.excess.cpu, even), gpu: share(x.gpu, s.excess.gpu, even),
		cpuEnergy: share(x.energy, s.excess.energy, even),
	}
	if s.gpuBound {
		f.cpu, f.cpuEnergy = f.gpu, f.gpu
	}
	return f
}

// use is what of the span's use falls into w.
func (l *layout) use(w attribution.Window) attribution.Usage {
	_, d := l.in(w)
	u := attribution.Usage{GPUKnown: l.span.Usage.GPUKnown, CPUEnergyKnown: l.span.Usage.CPUEnergyKnown}
	for _, s := range l.servers {
		u.Servers = append(u.Servers, attribution.ServerUse{Server: s.Server, Use: scaled(s.Use, l.part(w, s))})
	}
	even, left, others := l.evenly(d), l.leftOver(w), l.span.Usage.Others
	u.Others = attribution.Use{
		CPU:       seconds(even*l.even.cpu + share(left.cpu, l.rest.cpu, even)*(others.CPU.Seconds()-l.even.cpu)),
		GPU:       seconds(even*l.even.gpu + share(left.gpu, l.rest.gpu, even)*(others.GPU.Seconds()-l.even.gpu)),
		CPUEnergy: energy.Joules(even*l.even.energy + share(left.energy, l.rest.energy, even)*(float64(others.CPUEnergy)-l.even.energy)),
	}
	return u
}

// share is part/whole, or what time alone says when there is no whole.
func share(part, whole, even float64) float64 {
	if whole <= 0 {
		return even
	}
	return part / whole
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// factors says which part of a use to take, for each thing that is used.
type factors struct{ cpu, gpu, cpuEnergy float64 }

func scaled(u attribution.Use, f factors) attribution.Use {
	return attribution.Use{
		CPU:       time.Duration(f.cpu * float64(u.CPU)),
		GPU:       time.Duration(f.gpu * float64(u.GPU)),
		CPUEnergy: u.CPUEnergy * energy.Joules(f.cpuEnergy),
	}
}
