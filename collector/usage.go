package collector

import (
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

const (
	// coveredByUse is the share of a window that process stats must cover to
	// speak for the whole of it.
	coveredByUse = 0.5
	// floorTime is over how long the rails' least activity is taken for what
	// the machine does all the time.
	floorTime = time.Minute
	// floorParts is how many parts of floorTime are remembered.
	floorParts = 6
)

// uses lays spans of process use over windows; layout has the rule.
type uses struct {
	spans  []*usedSpan // by start
	floors []floorPart // the rails' least activity lately
	until  time.Time   // the windows that floors has seen
}

// usedSpan is a span and, once all of its windows were there, its layout.
type usedSpan struct {
	attribution.UsageSpan
	layout *layout
}

// floorPart is the rails' least activity in a part of floorTime.
type floorPart struct {
	start time.Time
	least rates
}

func (u *uses) add(s attribution.UsageSpan) { u.spans = append(u.spans, &usedSpan{UsageSpan: s}) }

// settle lays out the spans that end by t, whose windows are all among held.
func (u *uses) settle(t time.Time, held []attribution.Window, working working) {
	for _, s := range u.spans {
		if s.layout != nil || s.End.After(t) {
			continue
		}
		first, _ := slices.BinarySearchFunc(held, s.Start, func(w attribution.Window, at time.Time) int {
			if w.End.After(at) {
				return 1
			}
			return -1
		})
		last := first
		for last < len(held) && held[last].Start.Before(s.End) {
			u.observe(held[last])
			last++
		}
		s.layout = layOut(s.UsageSpan, held[first:last], u.floor(s.End), working)
	}
}

// observe keeps the least that the rails did.
func (u *uses) observe(w attribution.Window) {
	if !w.End.After(u.until) {
		return
	}
	u.until = w.End
	d := w.End.Sub(w.Start).Seconds()
	a := activityOf(w, 1)
	r := rates{a.cpu / d, a.gpu / d, a.energy / d}
	start := w.Start.Truncate(floorTime / floorParts)
	if n := len(u.floors); n > 0 && u.floors[n-1].start.Equal(start) {
		u.floors[n-1].least = u.floors[n-1].least.least(r)
		return
	}
	u.floors = append(u.floors, floorPart{start, r})
	if extra := len(u.floors) - floorParts - 1; extra > 0 {
		u.floors = slices.Delete(u.floors, 0, extra)
	}
}

// floor is the least that the rails did in the floorTime before t.
func (u *uses) floor(t time.Time) rates {
	var low rates
	first := true
	for _, f := range u.floors {
		switch {
		case f.start.Before(t.Add(-floorTime)):
		case first:
			low, first = f.least, false
		default:
			low = low.least(f.least)
		}
	}
	return low
}

func (r rates) least(o rates) rates {
	return rates{min(r.cpu, o.cpu), min(r.gpu, o.gpu), min(r.energy, o.energy)}
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
		l := s.layout
		if l == nil { // some of its windows are still to come
			l = layOut(s.UsageSpan, nil, rates{}, nil)
		}
		addUse(&sum, l.use(w))
	}
	if covered < coveredByUse {
		return nil
	}
	sum.Others = scaled(sum.Others, factors{1 / covered, 1 / covered, 1 / covered})
	for i := range sum.Servers {
		sum.Servers[i].Use = scaled(sum.Servers[i].Use, factors{1 / covered, 1 / covered, 1 / covered})
	}
	return &sum
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

// addUse adds u to sum.
func addUse(sum *attribution.Usage, u attribution.Usage) {
	sum.GPUKnown = sum.GPUKnown && u.GPUKnown
	sum.CPUEnergyKnown = sum.CPUEnergyKnown && u.CPUEnergyKnown
	sum.Others = plus(sum.Others, u.Others)
	for _, s := range u.Servers {
		i, ok := slices.BinarySearchFunc(sum.Servers, s.Server, func(x attribution.ServerUse, name string) int {
			return strings.Compare(x.Server, name)
		})
		if !ok {
			sum.Servers = slices.Insert(sum.Servers, i, attribution.ServerUse{Server: s.Server})
		}
		sum.Servers[i].Use = plus(sum.Servers[i].Use, s.Use)
	}
}

func plus(a, b attribution.Use) attribution.Use {
	return attribution.Use{CPU: a.CPU + b.CPU, GPU: a.GPU + b.GPU, CPUEnergy: a.CPUEnergy + b.CPUEnergy}
}

// idle reports whether server used less than share of a core and of the GPU
// during s; false for a server that nobody looked at.
func idle(s attribution.UsageSpan, server string, share float64) bool {
	i := slices.IndexFunc(s.Usage.Servers, func(u attribution.ServerUse) bool { return u.Server == server })
	return i >= 0 && s.Usage.Servers[i].Idle(s.End.Sub(s.Start), share)
}
