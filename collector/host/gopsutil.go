package host

import (
	"context"
	"fmt"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// gopsutilSystem reads processes through gopsutil, on systems without a reader
// of their own here. It is slower by a factor and has no GPU or energy.
type gopsutilSystem struct{ noGPU }

func (gopsutilSystem) Processes(ctx context.Context) ([]Process, error) {
	all, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return nil, err
	}
	procs := make([]Process, 0, len(all))
	for _, g := range all {
		p, ok := gopsutilProcess(ctx, g)
		if ok {
			procs = append(procs, p)
		}
	}
	return procs, ctx.Err()
}

// gopsutilProcess is false for a process that ended or that shows nothing.
func gopsutilProcess(ctx context.Context, g *process.Process) (Process, bool) {
	started, err := g.CreateTimeWithContext(ctx)
	if err != nil {
		return Process{}, false
	}
	p := Process{PID: int(g.Pid), Start: time.UnixMilli(started)}
	if parent, err := g.PpidWithContext(ctx); err == nil {
		p.Parent = int(parent)
	}
	if name, err := g.NameWithContext(ctx); err == nil {
		p.Comm = name
	}
	times, err := g.TimesWithContext(ctx)
	if err != nil {
		p.Denied = true
		return p, true
	}
	p.CPU = time.Duration((times.User + times.System) * float64(time.Second))
	return p, true
}

// Launch reads the arguments; the rest is not known through gopsutil.
func (gopsutilSystem) Launch(_ context.Context, pid int, wanted []string) (Launch, error) {
	g, err := process.NewProcess(int32(pid))
	if err != nil {
		return Launch{}, fmt.Errorf("pid %d: %w", pid, err)
	}
	args, err := g.CmdlineSlice()
	if err != nil {
		return Launch{}, fmt.Errorf("arguments of pid %d: %w", pid, err)
	}
	return Launch{Options: optionsOf(args[:min(len(args), launchArgs)], wanted)}, nil
}

func (gopsutilSystem) Executable(pid int) (Executable, error) {
	g, err := process.NewProcess(int32(pid))
	if err != nil {
		return Executable{}, fmt.Errorf("pid %d: %w", pid, err)
	}
	path, err := g.Exe()
	if err != nil {
		return Executable{}, fmt.Errorf("executable of pid %d: %w", pid, err)
	}
	exe := Executable{Path: path}
	if !isInterpreter(path) {
		return exe, nil
	}
	args, err := g.CmdlineSlice()
	if err != nil {
		return exe, fmt.Errorf("arguments of pid %d: %w", pid, err)
	}
	exe.Script = scriptName(args)
	return exe, nil
}
