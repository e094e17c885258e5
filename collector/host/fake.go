package host

import (
	"context"
	"path"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Fake is a System whose every process is under the caller's control, for
// tests and simulations. It is not safe for concurrent use.
type Fake struct {
	// NoGPU makes GPU times unreadable, NoEnergy CPU energies.
	NoGPU, NoEnergy bool
	// ListenErr is returned by every port lookup while it is set.
	ListenErr error
	// Refuse makes so many calls of Executable fail, with what is there of the
	// path and without the script.
	Refuse int
	// Resolved and Lookups count the calls of Executable and Listeners.
	Resolved, Lookups int

	procs     []Process // in order of start, as a process list is
	exes      map[int]Executable
	launches  map[int]Launch
	listening map[int][]int // port to pids
	gpu       []GPUClient
}

// NewFake returns a machine that runs only its first process, pid 1.
func NewFake(boot time.Time) *Fake {
	f := &Fake{exes: map[int]Executable{}, launches: map[int]Launch{}, listening: map[int][]int{}}
	f.Spawn(1, 0, boot, Executable{Path: "/sbin/launchd"})
	return f
}

// Spawn starts a process. Its short name is the base name of its executable,
// cut as XNU cuts it.
func (f *Fake) Spawn(pid, parent int, at time.Time, exe Executable) {
	f.procs = append(f.procs, Process{PID: pid, Parent: parent, Start: at, EnergyKnown: true})
	f.Exec(pid, exe)
}

// Exec makes a process run another executable.
func (f *Fake) Exec(pid int, exe Executable) {
	f.exes[pid] = exe
	f.process(pid, func(p *Process) { p.Comm = shortName(exe.Path) })
}

// Burn adds CPU time and energy to a process.
func (f *Fake) Burn(pid int, cpu time.Duration, e energy.Joules) {
	f.process(pid, func(p *Process) { p.CPU += cpu; p.CPUEnergy += e })
}

// Deny makes the counters of a process unreadable, or readable again.
func (f *Fake) Deny(pid int, denied bool) {
	f.process(pid, func(p *Process) { p.Denied = denied })
}

// BurnGPU adds GPU time to a client of a process and opens it if need be.
func (f *Fake) BurnGPU(pid int, client uint64, d time.Duration) {
	for i := range f.gpu {
		if f.gpu[i].PID == pid && f.gpu[i].ID == client {
			f.gpu[i].Time += d
			return
		}
	}
	f.gpu = append(f.gpu, GPUClient{ID: client, PID: pid, Time: d})
}

// CloseGPU closes a GPU client; its time is gone with it.
func (f *Fake) CloseGPU(client uint64) {
	f.gpu = slices.DeleteFunc(f.gpu, func(c GPUClient) bool { return c.ID == client })
}

// Listen makes a process listen on a port.
func (f *Fake) Listen(port, pid int) { f.listening[port] = append(f.listening[port], pid) }

// Exit ends a process. Its children become orphans of pid 1.
func (f *Fake) Exit(pid int) {
	f.procs = slices.DeleteFunc(f.procs, func(p Process) bool { return p.PID == pid })
	f.gpu = slices.DeleteFunc(f.gpu, func(c GPUClient) bool { return c.PID == pid })
	delete(f.exes, pid)
	delete(f.launches, pid)
	for port, pids := range f.listening {
		f.listening[port] = slices.DeleteFunc(pids, func(p int) bool { return p == pid })
	}
	for i := range f.procs {
		if f.procs[i].Parent == pid {
			f.procs[i].Parent = 1
		}
	}
}

func (f *Fake) process(pid int, change func(*Process)) {
	for i := range f.procs {
		if f.procs[i].PID == pid {
			change(&f.procs[i])
		}
	}
}

// Processes lists the processes.
func (f *Fake) Processes(ctx context.Context) ([]Process, error) {
	procs := slices.Clone(f.procs)
	for i := range procs {
		p := &procs[i]
		if f.NoEnergy {
			p.CPUEnergy, p.EnergyKnown = 0, false
		}
		if p.Denied {
			p.CPU, p.CPUEnergy, p.EnergyKnown = 0, 0, false
		}
	}
	return procs, ctx.Err()
}

// Executable says what a process runs.
func (f *Fake) Executable(pid int) (Executable, error) {
	f.Resolved++
	exe, ok := f.exes[pid]
	if !ok {
		return Executable{}, errGone
	}
	if f.Refuse > 0 {
		f.Refuse--
		return Executable{Path: exe.Path}, errDenied
	}
	return exe, nil
}

// Launched says how a process was started, for Launch.
func (f *Fake) Launched(pid int, l Launch) { f.launches[pid] = l }

// Launch says how a process was started, of its options only those wanted.
func (f *Fake) Launch(_ context.Context, pid int, wanted []string) (Launch, error) {
	if _, ok := f.exes[pid]; !ok {
		return Launch{}, errGone
	}
	l := f.launches[pid]
	all := l.Options
	l.Options = map[string]string{}
	for _, name := range wanted {
		if value, ok := all[name]; ok {
			l.Options[name] = value
		}
	}
	return l, nil
}

// Listeners says who listens on the ports.
func (f *Fake) Listeners(_ context.Context, ports []int) (map[int][]int, error) {
	f.Lookups++
	if f.ListenErr != nil {
		return nil, f.ListenErr
	}
	found := map[int][]int{}
	for _, port := range ports {
		found[port] = slices.Clone(f.listening[port])
	}
	return found, nil
}

// GPUClients lists the open GPU clients.
func (f *Fake) GPUClients(context.Context) ([]GPUClient, error) {
	if f.NoGPU {
		return nil, ErrNoGPU
	}
	return slices.Clone(f.gpu), nil
}

// shortName cuts a name as XNU does (MAXCOMLEN).
func shortName(executable string) string {
	const maxComLen = 16
	name := path.Base(executable)
	return name[:min(len(name), maxComLen)]
}
