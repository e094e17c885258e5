package attribution

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// claims splits a window's active energy between processes: what each server
// drew, what the others drew, and what no process's time explains.
type claims struct {
	servers     []serverClaim // sorted by server
	others      energy.Joules
	unexplained energy.Joules
	assumed     bool // a real part, the GPU's, was given to the busy servers for want of GPU times
}

// total is what all servers drew.
func (c claims) total() energy.Joules {
	var sum energy.Joules
	for _, s := range c.servers {
		sum += s.energy
	}
	return sum
}

type serverClaim struct {
	server string
	energy energy.Joules
}

// party is a server with what it has to do in a window.
type party struct {
	server string
	company
	division
	// expected is what its requests' work is known to take, in joules; 0 when
	// that is not known.
	expected float64
	// rivals is what other servers drew.
	rivals energy.Joules
}

// claim splits active by the shares of processes in the CPU and the GPU rail,
// each weighted by the rail's energy above its baseline. parties are the
// servers of the window's usage, others what a second of GPU time is known to
// take other processes.
func claim(w Window, active energy.Joules, base level, parties []party, others GPUPower) claims {
	n := len(w.Usage.Servers)
	weights := make([]float64, n+2) // servers, others, unexplained
	dt := w.End.Sub(w.Start)
	cpu, gpu, ane := above(w.CPU, base.cpu, dt), above(w.GPU, base.gpu, dt), above(w.ANE, 0, dt)
	if cpu+gpu+ane <= 0 { // all of it lies within the rails' own baselines
		cpu, gpu = above(w.CPU, 0, dt), above(w.GPU, 0, dt)
	}
	addRail(weights, cpu, cpuTimes(w, cpu, base))
	gpuTimes, assumed := gpuTimes(w, base, parties)
	if !assumed {
		gpuTimes.byPower(parties, weights, others, float64(gpu), dt)
	}
	addRail(weights, gpu, gpuTimes)
	weights[n+1] += float64(ane) // nothing says which process used it
	parts := split(active, weights)
	if parts == nil {
		return claims{unexplained: active}
	}
	c := claims{others: parts[n], unexplained: parts[n+1], assumed: assumed && gpu > estimatedLimit*(cpu+gpu+ane)}
	for i, s := range w.Usage.Servers {
		c.servers = append(c.servers, serverClaim{s.Server, parts[i]})
	}
	return c
}

// above is the energy of a rail over its baseline power; 0 for a rail that was
// not reported.
func above(r Rail, base energy.Watts, dt time.Duration) energy.Joules {
	if !r.Known {
		return 0
	}
	return max(r.Energy-base.For(dt), 0)
}

// times is the use of one rail by each server and by the others, in any unit,
// and the whole that it is a part of. What of the whole no process accounts
// for is unexplained.
type times struct {
	servers []float64
	others  float64
	whole   float64
}

func addRail(weights []float64, rail energy.Joules, t times) {
	n := len(weights) - 2
	sum := t.others
	for _, s := range t.servers {
		sum += s
	}
	whole := max(sum, t.whole)
	if whole <= 0 {
		weights[n+1] += float64(rail)
		return
	}
	for i, s := range t.servers {
		weights[i] += float64(rail) * s / whole
	}
	weights[n] += float64(rail) * t.others / whole
	weights[n+1] += float64(rail) * (whole - sum) / whole
}

// cpuTimes measures CPU use by energy where the kernel counts it for every
// process, else by time against the cores' own busy time. Only what lies above
// the baseline counts, as in the energy that is split by it: active is the
// rail's energy above its baseline, and what other processes always use is
// part of the baseline already.
func cpuTimes(w Window, active energy.Joules, base level) times {
	u, dt := w.Usage, w.End.Sub(w.Start)
	t := times{servers: make([]float64, len(u.Servers))}
	cpu, _, cpuEnergy := base.others.beyond(u.Others, dt)
	if u.CPUEnergyKnown {
		for i, s := range u.Servers {
			t.servers[i] = float64(s.CPUEnergy)
		}
		t.others, t.whole = float64(cpuEnergy), float64(active)
		return t
	}
	for i, s := range u.Servers {
		t.servers[i] = s.CPU.Seconds()
	}
	t.others = cpu
	if w.CPU.BusyKnown {
		t.whole = w.CPU.Busy.Seconds() - base.busyCPU*dt.Seconds()
	}
	return t
}

// gpuTimes measures GPU use by time against the GPU's own busy time, above the
// baseline too. Where the GPU times cannot be read, the GPU is taken to work
// for the servers that have a request in flight; it reports that assumption.
func gpuTimes(w Window, base level, parties []party) (t times, assumed bool) {
	u, dt := w.Usage, w.End.Sub(w.Start)
	t.servers = make([]float64, len(u.Servers))
	if !u.GPUKnown {
		for i := range u.Servers {
			if len(parties[i].requests) > 0 {
				t.servers[i] = 1
				assumed = true
			}
		}
		return t, assumed
	}
	for i, s := range u.Servers {
		t.servers[i] = s.GPU.Seconds()
	}
	_, t.others, _ = base.others.beyond(u.Others, dt)
	if w.GPU.BusyKnown {
		t.whole = w.GPU.Busy.Seconds() - base.busyGPU*dt.Seconds()
	}
	return t, false
}
