package host

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Launch reads /proc/PID, which needs the same user or root.
func (s *procfs) Launch(_ context.Context, pid int, wanted []string) (Launch, error) {
	dir := "/proc/" + strconv.Itoa(pid)
	args, err := os.ReadFile(dir + "/cmdline")
	if err != nil {
		return Launch{}, fmt.Errorf("arguments of pid %d: %w", pid, err)
	}
	all := splitArgs(args)
	l := Launch{Options: optionsOf(all[:min(len(all), launchArgs)], wanted), Output: map[int]string{}}
	if info, err := os.Stat(dir); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			l.Home = homeOf(strconv.FormatUint(uint64(st.Uid), 10))
		}
	}
	for _, fd := range []int{1, 2} {
		link := fmt.Sprintf("%s/fd/%d", dir, fd)
		info, err := os.Stat(link)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		path, err := os.Readlink(link)
		if err == nil && !strings.HasSuffix(path, " (deleted)") {
			l.Output[fd] = path
		}
	}
	return l, nil
}
