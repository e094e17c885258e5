package collector

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// coveredByUse is the share of a window that process stats must cover to
// speak for the whole of it.
const coveredByUse = 0.5

// uses holds the latest spans of process use, to be laid over windows.
type uses struct {
	spans []attribution.UsageSpan // by start
}

func (u *uses) add(s attribution.UsageSpan) { u.spans = append(u.spans, s) }

// until is the end of the time that the spans cover.
func (u *uses) until() time.Time {
	if len(u.spans) == 0 {
		return time.Time{}
	}
	return u.spans[len(u.spans)-1].End
}

// forget drops the spans that end before t.
func (u *uses) forget(t time.Time) {
	n := 0
	for n < len(u.spans) && !u.spans[n].End.After(t) {
		n++
	}
	u.spans = append(u.spans[:0], u.spans[n:]...)
}

// of is the use during [start, end): of each span the part that overlaps, by
// time, scaled up to the whole window. It is nil when too little is covered.
func (u *uses) of(start, end time.Time) *attribution.Usage {
	sum := attribution.Usage{GPUKnown: true, CPUEnergyKnown: true}
	var covered time.Duration
	for _, s := range u.spans {
		part := overlap(s.Start, s.End, start, end)
		if part <= 0 {
			continue
		}
		covered += part
		addUse(&sum, s.Usage, float64(part)/float64(s.End.Sub(s.Start)))
	}
	length := end.Sub(start)
	if float64(covered) < coveredByUse*float64(length) {
		return nil
	}
	whole := attribution.Usage{GPUKnown: true, CPUEnergyKnown: true}
	addUse(&whole, sum, float64(length)/float64(covered))
	return &whole
}

// addUse adds f times u to sum.
func addUse(sum *attribution.Usage, u attribution.Usage, f float64) {
	sum.GPUKnown = sum.GPUKnown && u.GPUKnown
	sum.CPUEnergyKnown = sum.CPUEnergyKnown && u.CPUEnergyKnown
	sum.Others = plus(sum.Others, u.Others, f)
	for _, s := range u.Servers {
		i := 0
		for i < len(sum.Servers) && sum.Servers[i].Server < s.Server {
			i++
		}
		if i == len(sum.Servers) || sum.Servers[i].Server != s.Server {
			sum.Servers = append(sum.Servers, attribution.ServerUse{})
			copy(sum.Servers[i+1:], sum.Servers[i:])
			sum.Servers[i] = attribution.ServerUse{Server: s.Server}
		}
		sum.Servers[i].Use = plus(sum.Servers[i].Use, s.Use, f)
	}
}

func plus(a, b attribution.Use, f float64) attribution.Use {
	return attribution.Use{
		CPU:       a.CPU + time.Duration(f*float64(b.CPU)),
		GPU:       a.GPU + time.Duration(f*float64(b.GPU)),
		CPUEnergy: a.CPUEnergy + b.CPUEnergy*energy.Joules(f),
	}
}

func overlap(aStart, aEnd, bStart, bEnd time.Time) time.Duration {
	if bStart.After(aStart) {
		aStart = bStart
	}
	if bEnd.Before(aEnd) {
		aEnd = bEnd
	}
	return aEnd.Sub(aStart)
}

// idle reports whether server used less than share of a core and of the GPU
// during s.
func idle(s attribution.UsageSpan, server string, share float64) bool {
	limit := time.Duration(share * float64(s.End.Sub(s.Start)))
	for _, u := range s.Usage.Servers {
		if u.Server == server {
			return u.CPU < limit && u.GPU < limit
		}
	}
	return true
}
