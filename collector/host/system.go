package host

import (
	"context"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// System is what a Meter reads of a machine. ThisSystem returns the real one.
type System interface {
	// Processes lists every process that can be seen with its counters.
	Processes(ctx context.Context) ([]Process, error)
	// Executable says what a process runs. The Meter asks once for each
	// process that appears or executes another program, and a few times more
	// on an error. What can be read is returned beside an error.
	Executable(pid int) (Executable, error)
	// Listeners returns the pids that listen on each of the TCP ports. It is
	// slow and called rarely.
	Listeners(ctx context.Context, ports []int) (map[int][]int, error)
	// Launch says how a process was started: the values of the wanted options
	// among its arguments, its user's home and its output files. It is slow on
	// a Mac, where it forks, and not for the sampling loop.
	Launch(ctx context.Context, pid int, wanted []string) (Launch, error)
	// GPUClients lists the GPU time of every open GPU client; it returns
	// ErrNoGPU where there is no such thing.
	GPUClients(ctx context.Context) ([]GPUClient, error)
}

// Process is one process at one moment.
type Process struct {
	PID, Parent int
	Start       time.Time // with PID it identifies the process
	// Comm is the kernel's short name, which may be cut at 15 or 16 bytes.
	Comm string
	// CPU is user and system time since Start, over all threads, without
	// children.
	CPU time.Duration
	// CPUEnergy is the CPU energy since Start; meaningless unless EnergyKnown.
	CPUEnergy   energy.Joules
	EnergyKnown bool
	// Denied is true when the counters may not be read; they are zero then.
	Denied bool
}

// Executable is what a process runs.
type Executable struct {
	Path   string // of the executable; empty when it cannot be read
	Script string // name of the script or module an interpreter runs, or empty
}

// GPUClient is the GPU time of one connection of a process to the GPU.
type GPUClient struct {
	ID   uint64 // unique while the machine is up; 0 when the system gives none
	PID  int
	Time time.Duration // GPU time since the client was opened
}

// identity tells a process from a later one with the same pid.
type identity struct {
	pid   int
	start int64 // ns since 1970
}

func (p Process) identity() identity { return identity{p.PID, p.Start.UnixNano()} }
