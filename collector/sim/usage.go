package sim

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// usageKept is how far back Usage can look.
const usageKept = 15 * time.Minute

// usageHistory is what the processes have used, as running totals at every
// event. Between two events use is even, so any span can be told exactly.
type usageHistory struct {
	points []usagePoint
}

// usagePoint is the totals at one time.
type usagePoint struct {
	at      time.Duration
	servers [maxServers]attribution.Use // as in Scenario.Servers
	others  attribution.Use
}

// add books one interval that began at from.
func (h *usageHistory) add(f *flow, from, d time.Duration, coreWatts energy.Watts) {
	if len(h.points) == 0 {
		h.points = append(h.points, usagePoint{at: from})
	}
	last := h.points[len(h.points)-1]
	if last.at < from { // a sleep
		last.at = from
		h.points = append(h.points, last)
	}
	h.points = append(h.points, last.after(f, d, coreWatts))
	h.trim()
}

// after is the totals d later, with nothing but f going on.
func (p usagePoint) after(f *flow, d time.Duration, coreWatts energy.Watts) usagePoint {
	p.at += d
	for i := range f.servers {
		s := &p.servers[i]
		s.CPU += busy(f.servers[i].cores, d)
		s.GPU += busy(f.servers[i].gpuBusy, d)
		s.CPUEnergy += f.servers[i].cpu.For(d)
	}
	p.others.CPU += busy(f.idle.cores, d) + busy(f.others.cores, d)
	p.others.GPU += busy(f.idle.gpuBusy, d) + busy(f.others.gpuBusy, d)
	p.others.CPUEnergy += f.others.cpu.For(d) + min(coreWatts*energy.Watts(f.idle.cores), f.idle.cpu).For(d)
	return p
}

// trim forgets what is too old, half of it at a time.
func (h *usageHistory) trim() {
	oldest := h.points[len(h.points)-1].at - usageKept
	keep := sort.Search(len(h.points), func(i int) bool { return h.points[i].at > oldest }) - 1
	if keep > len(h.points)/2 {
		h.points = append(h.points[:0], h.points[keep:]...)
	}
}

// at is the totals at any time in the history.
func (h *usageHistory) at(t time.Duration) usagePoint {
	i := sort.Search(len(h.points), func(i int) bool { return h.points[i].at >= t })
	b := h.points[i]
	if b.at == t || i == 0 {
		return b
	}
	a := h.points[i-1]
	part := float64(t-a.at) / float64(b.at-a.at)
	p := usagePoint{at: t, others: between(a.others, b.others, part)}
	for i := range p.servers {
		p.servers[i] = between(a.servers[i], b.servers[i], part)
	}
	return p
}

// between is the use a part of the way from a to b.
func between(a, b attribution.Use, part float64) attribution.Use {
	return attribution.Use{
		CPU:       a.CPU + busy(part, b.CPU-a.CPU),
		GPU:       a.GPU + busy(part, b.GPU-a.GPU),
		CPUEnergy: a.CPUEnergy + energy.Joules(part)*(b.CPUEnergy-a.CPUEnergy),
	}
}

// less is the use from o to u.
func less(u, o attribution.Use) attribution.Use {
	return attribution.Use{CPU: u.CPU - o.CPU, GPU: u.GPU - o.GPU, CPUEnergy: u.CPUEnergy - o.CPUEnergy}
}

// Usage returns what each server, sorted by name, and all other processes used
// in [from, to). It is false when the span reaches back more than 15 simulated minutes, or past
// what the Mac was advanced to.
func (m *Mac) Usage(from, to time.Time) (attribution.Usage, bool) {
	h := &m.usage
	a, b := from.Sub(m.scenario.Start), to.Sub(m.scenario.Start)
	if len(h.points) == 0 || a > b || a < h.points[0].at || b > m.reached {
		return attribution.Usage{}, false
	}
	start, end := m.usageAt(a), m.usageAt(b)
	u := attribution.Usage{
		Others:   m.scenario.Sensor.readable(less(end.others, start.others)),
		GPUKnown: m.scenario.Sensor.GPUTimes, CPUEnergyKnown: m.scenario.Sensor.CPUEnergies,
	}
	for i := range m.scenario.Servers {
		use := m.scenario.Sensor.readable(less(end.servers[i], start.servers[i]))
		u.Servers = append(u.Servers, attribution.ServerUse{Server: m.scenario.Servers[i].Name, Use: use})
	}
	slices.SortFunc(u.Servers, func(a, b attribution.ServerUse) int { return cmp.Compare(a.Server, b.Server) })
	return u, true
}

// usageAt is the totals at any time that the Mac was advanced to.
func (m *Mac) usageAt(t time.Duration) usagePoint {
	last := m.usage.points[len(m.usage.points)-1]
	if t <= last.at {
		return m.usage.at(t)
	}
	if m.wake != never || t < m.now {
		return last // asleep since then
	}
	f := m.flow()
	return last.after(&f, t-m.now, m.scenario.Chip.CoreWatts)
}

// readable clears what the machine does not let anybody read.
func (s Sensor) readable(u attribution.Use) attribution.Use {
	if !s.GPUTimes {
		u.GPU = 0
	}
	if !s.CPUEnergies {
		u.CPUEnergy = 0
	}
	return u
}
