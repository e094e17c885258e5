package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ThisSystem returns the machine this program runs on, read through /proc.
// Reading /proc directly costs two system calls and one short read a process;
// gopsutil opens four files for the same.
func ThisSystem() (System, error) {
	var up unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &up); err != nil {
		return nil, fmt.Errorf("read the time since boot: %w", err)
	}
	return &procfs{boot: time.Now().Add(-time.Duration(up.Nano()))}, nil
}

type procfs struct {
	noGPU
	boot time.Time // fixed, so that a process keeps its start when the clock is set
	buf  [1024]byte
}

func (s *procfs) Processes(ctx context.Context) ([]Process, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close() //nolint:errcheck // only read
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("read /proc: %w", err)
	}
	procs := make([]Process, 0, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue // not a process
		}
		p, err := s.process(pid)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("pid %d: %w", pid, err)
		}
		procs = append(procs, p)
	}
	return procs, ctx.Err()
}

func (s *procfs) process(pid int) (Process, error) {
	line, err := s.read("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return Process{}, err
	}
	st, err := parseStat(line)
	if err != nil {
		return Process{}, err
	}
	p := Process{PID: pid, Parent: st.parent, Start: s.boot.Add(st.start), Comm: st.comm, CPU: st.cpu}
	if exact, ok := cpuClock(pid); ok {
		p.CPU = exact
	}
	return p, nil
}

// read is os.ReadFile without its allocations and its poller. The file is one
// line of at most some 400 bytes.
func (s *procfs) read(path string) ([]byte, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, goneOr(err)
	}
	defer unix.Close(fd) //nolint:errcheck // only read
	n, err := unix.Read(fd, s.buf[:])
	if err != nil {
		return nil, goneOr(err)
	}
	return s.buf[:n], nil
}

func goneOr(err error) error {
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
		return errGone
	}
	return err
}

// cpuClock reads a process's CPU clock, which counts nanoseconds over all its
// threads. The clock's id is made from the pid as clock_getcpuclockid(3) does.
func cpuClock(pid int) (time.Duration, bool) {
	const processClock = 2 // CPUCLOCK_SCHED, whole process
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|processClock), &ts); err != nil {
		return 0, false // such as a process that just ended: its ticks must do
	}
	return time.Duration(ts.Nano()), true
}

// Executable reads the target of /proc/PID/exe, which needs the same user or
// root; the kernel marks an executable that was replaced since.
func (s *procfs) Executable(pid int) (Executable, error) {
	dir := "/proc/" + strconv.Itoa(pid)
	path, err := os.Readlink(dir + "/exe")
	if err != nil {
		return Executable{}, err
	}
	exe := Executable{Path: strings.TrimSuffix(path, " (deleted)")}
	if !isInterpreter(exe.Path) {
		return exe, nil
	}
	args, err := os.ReadFile(dir + "/cmdline")
	if err != nil {
		return exe, fmt.Errorf("arguments of pid %d: %w", pid, err)
	}
	exe.Script = scriptName(splitArgs(args))
	return exe, nil
}

func splitArgs(b []byte) []string {
	var args []string
	for arg := range bytes.SplitSeq(bytes.TrimSuffix(b, []byte{0}), []byte{0}) {
		args = append(args, string(arg))
	}
	return args
}
