package host

import (
	"context"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// Launch reads the arguments from sysctl kern.procargs2 and the output files
// from lsof(8), which both need the same user or root.
func (s *darwin) Launch(ctx context.Context, pid int, wanted []string) (Launch, error) {
	args, err := unix.SysctlRaw("kern.procargs2", pid)
	if err != nil {
		return Launch{}, fmt.Errorf("arguments of pid %d: %w", pid, err)
	}
	l := Launch{Options: optionsOf(parseProcArgs(args, launchArgs), wanted)}
	if k, err := unix.SysctlKinfoProc("kern.proc.pid", pid); err == nil {
		l.Home = homeOf(strconv.FormatUint(uint64(k.Eproc.Ucred.Uid), 10))
	}
	l.Output = s.outputs(ctx, pid)
	return l, nil
}
