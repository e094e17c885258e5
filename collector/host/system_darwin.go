package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// ThisSystem returns the Mac this program runs on.
func ThisSystem() (System, error) {
	gpu, ports := ioregGPU{run: runCommand}, lsofPorts{run: runCommand}
	lib, err := openLibproc()
	if err != nil {
		return &withoutLibproc{ioregGPU: gpu, lsofPorts: ports}, nil
	}
	return &darwin{ioregGPU: gpu, lsofPorts: ports, lib: lib, flavor: rusageInfoV6}, nil
}

// withoutLibproc is the Mac through gopsutil, should libproc not open. Without
// cgo that forks ps for each process, so it costs far more than it should.
type withoutLibproc struct {
	gopsutilSystem
	ioregGPU
	lsofPorts
}

type darwin struct {
	ioregGPU
	lsofPorts
	lib    *libproc
	flavor int // of proc_pid_rusage; lowered once on a kernel without V6
}

func (s *darwin) Processes(ctx context.Context) ([]Process, error) {
	all, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil, fmt.Errorf("sysctl kern.proc.all: %w", err)
	}
	procs := make([]Process, 0, len(all))
	for i := range all {
		p := kinfoProcess(&all[i])
		switch err := s.counters(&p); {
		case errors.Is(err, unix.ESRCH):
			continue // it ended since the list was made
		case err != nil:
			p.Denied = true // EPERM: another user's, and we are not root
		}
		procs = append(procs, p)
	}
	return procs, ctx.Err()
}

func kinfoProcess(k *unix.KinfoProc) Process {
	comm, _, _ := bytes.Cut(k.Proc.P_comm[:], []byte{0})
	start := k.Proc.P_starttime
	return Process{
		PID: int(k.Proc.P_pid), Parent: int(k.Eproc.Ppid), Comm: string(comm),
		Start: time.Unix(start.Sec, int64(start.Usec)*int64(time.Microsecond)),
	}
}

func (s *darwin) counters(p *Process) error {
	var ri rusageInfo
	err := s.lib.rusage(p.PID, s.flavor, &ri)
	if errors.Is(err, unix.EINVAL) && s.flavor == rusageInfoV6 {
		s.flavor = rusageInfoV4
		err = s.lib.rusage(p.PID, s.flavor, &ri)
	}
	if err != nil {
		return err
	}
	ri.fill(p, s.lib.timebase, s.flavor)
	return nil
}

func (s *darwin) Executable(pid int) (Executable, error) {
	path, err := s.lib.path(pid)
	if err != nil {
		return Executable{}, err
	}
	exe := Executable{Path: path}
	if !isInterpreter(path) {
		return exe, nil
	}
	args, err := unix.SysctlRaw("kern.procargs2", pid)
	if err != nil {
		return exe, fmt.Errorf("arguments of pid %d: %w", pid, err)
	}
	exe.Script = scriptName(parseProcArgs(args, maxArgs))
	return exe, nil
}
