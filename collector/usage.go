package collector

import (
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// coveredByUse is the share of a window that process stats must cover to
// speak for the whole of it.
const coveredByUse = 0.5

// uses lays spans of process use over windows. Spans are several windows long,
// so a span's use is spread over its windows as its rails were busy in them:
// a server that worked in one second of five used no GPU in the other four.
type uses struct {
	spans []*usedSpan // by start
}

// usedSpan is a span with what its rails did in all of its windows together.
type usedSpan struct {
	attribution.UsageSpan
	cpuBusy, gpuBusy float64 // seconds
	cpuEnergy        energy.Joules
	// known is true once all of the span's windows were there to be summed.
	known bool
}

func (u *uses) add(s attribution.UsageSpan) { u.spans = append(u.spans, &usedSpan{UsageSpan: s}) }

// settle sums up the rails of the spans that end by t, whose windows are all
// among held.
func (u *uses) settle(t time.Time, held []attribution.Window) {
	for _, s := range u.spans {
		if s.known || s.End.After(t) {
			continue
		}
		s.known = true
		for _, w := range held {
			part := partOf(w, s.Start, s.End)
			s.cpuBusy += part * w.CPU.Busy.Seconds()
			s.gpuBusy += part * w.GPU.Busy.Seconds()
			s.cpuEnergy += energy.Joules(part) * w.CPU.Energy
		}
	}
}

// forget drops the spans that end by t.
func (u *uses) forget(t time.Time) {
	u.spans = slices.DeleteFunc(u.spans, func(s *usedSpan) bool { return !s.End.After(t) })
}

// of is the use during w: of each span the part that falls in w, scaled up to
// the whole window. It is nil when the spans cover too little of it.
func (u *uses) of(w attribution.Window) *attribution.Usage {
	sum := attribution.Usage{GPUKnown: true, CPUEnergyKnown: true}
	var covered float64
	for _, s := range u.spans {
		part := partOf(w, s.Start, s.End)
		if part <= 0 {
			continue
		}
		covered += part
		addUse(&sum, s.Usage, s.shareOf(w, part))
	}
	if covered < coveredByUse {
		return nil
	}
	whole := attribution.Usage{GPUKnown: true, CPUEnergyKnown: true}
	addUse(&whole, sum, factors{1 / covered, 1 / covered, 1 / covered})
	return &whole
}

// factors says which part of a use to take, for each thing that is used.
type factors struct{ cpu, gpu, cpuEnergy float64 }

// shareOf is which part of the span's use falls in part of the window w.
func (s *usedSpan) shareOf(w attribution.Window, part float64) factors {
	byTime := part * float64(w.End.Sub(w.Start)) / float64(s.End.Sub(s.Start))
	f := factors{byTime, byTime, byTime}
	if !s.known {
		return f
	}
	if w.CPU.BusyKnown && s.cpuBusy > 0 {
		f.cpu = part * w.CPU.Busy.Seconds() / s.cpuBusy
	}
	if w.GPU.BusyKnown && s.gpuBusy > 0 {
		f.gpu = part * w.GPU.Busy.Seconds() / s.gpuBusy
	}
	if w.CPU.Known && s.cpuEnergy > 0 {
		f.cpuEnergy = part * float64(w.CPU.Energy/s.cpuEnergy)
	}
	return f
}

// partOf is the share of w that lies in [start, end).
func partOf(w attribution.Window, start, end time.Time) float64 {
	if w.Start.After(start) {
		start = w.Start
	}
	if w.End.Before(end) {
		end = w.End
	}
	return max(float64(end.Sub(start))/float64(w.End.Sub(w.Start)), 0)
}

// addUse adds the given part of u to sum.
func addUse(sum *attribution.Usage, u attribution.Usage, f factors) {
	sum.GPUKnown = sum.GPUKnown && u.GPUKnown
	sum.CPUEnergyKnown = sum.CPUEnergyKnown && u.CPUEnergyKnown
	sum.Others = plus(sum.Others, u.Others, f)
	for _, s := range u.Servers {
		i, ok := slices.BinarySearchFunc(sum.Servers, s.Server, func(x attribution.ServerUse, name string) int {
			return strings.Compare(x.Server, name)
		})
		if !ok {
			sum.Servers = slices.Insert(sum.Servers, i, attribution.ServerUse{Server: s.Server})
		}
		sum.Servers[i].Use = plus(sum.Servers[i].Use, s.Use, f)
	}
}

func plus(a, b attribution.Use, f factors) attribution.Use {
	return attribution.Use{
		CPU:       a.CPU + time.Duration(f.cpu*float64(b.CPU)),
		GPU:       a.GPU + time.Duration(f.gpu*float64(b.GPU)),
		CPUEnergy: a.CPUEnergy + b.CPUEnergy*energy.Joules(f.cpuEnergy),
	}
}

// idle reports whether server used less than share of a core and of the GPU
// during s; false for a server that nobody looked at.
func idle(s attribution.UsageSpan, server string, share float64) bool {
	i := slices.IndexFunc(s.Usage.Servers, func(u attribution.ServerUse) bool { return u.Server == server })
	return i >= 0 && s.Usage.Servers[i].Idle(s.End.Sub(s.Start), share)
}
