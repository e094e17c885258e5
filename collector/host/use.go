package host

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// reading is what a process's counters showed at the last poll.
type reading struct {
	known       bool // false: not read yet, or denied
	cpu         time.Duration
	energy      energy.Joules
	energyKnown bool
}

// startSlack covers what passes between the stamp of a poll and the reading of
// its process list, and the coarseness of start times.
const startSlack = time.Second

// busyWithoutEnergy is so much CPU time that an energy of exactly zero means
// the kernel does not count it (Intel, virtual machines, macOS 27 betas).
const busyWithoutEnergy = 10 * time.Millisecond

// tally sums deltas by owner.
type tally struct {
	servers     []attribution.Use
	others      attribution.Use
	energyKnown bool
}

func newTally(servers int) *tally {
	return &tally{servers: make([]attribution.Use, servers), energyKnown: true}
}

func (t *tally) of(owner int) *attribution.Use {
	if owner < 0 {
		return &t.others
	}
	return &t.servers[owner]
}

// addCPU books what every process used since the last poll, and remembers the
// counters for the next.
func (t *tally) addCPU(f *families, since time.Time) error {
	var denied *kin
	for _, k := range f.list {
		if k.Denied {
			k.previous = reading{}
			if k.owner >= 0 && (denied == nil || k.PID < denied.PID) {
				denied = k
			}
			continue
		}
		t.addProcess(k, since)
		k.previous = reading{known: true, cpu: k.CPU, energy: k.CPUEnergy, energyKnown: k.EnergyKnown}
	}
	t.checkEnergy()
	if denied == nil {
		return nil
	}
	return &ServerError{
		Server: f.servers[denied.owner].Name,
		Doing:  fmt.Sprintf("read the CPU time of pid %d", denied.PID),
		Err:    errDenied,
		Advice: "run sovmeter as root, or as the user that runs the server",
	}
}

func (t *tally) addProcess(k *kin, since time.Time) {
	before := k.previous
	if !before.known {
		if k.reads > 1 || k.Start.Before(since.Add(-startSlack)) {
			return // it ran before, unread: how much of it is new is unknown
		}
		before = reading{known: true, energyKnown: k.EnergyKnown}
	}
	use := t.of(k.owner)
	use.CPU += max(0, k.CPU-before.cpu)
	if !before.energyKnown || !k.EnergyKnown {
		t.energyKnown = false
		return
	}
	use.CPUEnergy += max(0, k.CPUEnergy-before.energy)
}

// checkEnergy drops CPU energies that contradict the CPU times.
func (t *tally) checkEnergy() {
	all := append([]attribution.Use{t.others}, t.servers...)
	for _, u := range all {
		if u.CPU >= busyWithoutEnergy && u.CPUEnergy == 0 {
			t.energyKnown = false
		}
	}
	if t.energyKnown {
		return
	}
	t.others.CPUEnergy = 0
	for i := range t.servers {
		t.servers[i].CPUEnergy = 0
	}
}

// usage names the rows; every configured server has one.
func (t *tally) usage(servers []Server, gpuKnown bool) attribution.Usage {
	u := attribution.Usage{
		Servers: make([]attribution.ServerUse, len(servers)),
		Others:  t.others, GPUKnown: gpuKnown, CPUEnergyKnown: t.energyKnown,
	}
	for i, s := range servers {
		u.Servers[i] = attribution.ServerUse{Server: s.Name, Use: t.servers[i]}
	}
	return u
}
