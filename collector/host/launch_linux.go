package host

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Launch reads /proc/PID, which needs the same user or root.
func (s *procfs) Launch(pid int, wanted []string) (Launch, error) {
	dir := "/proc/" + strconv.Itoa(pid)
	args, err := os.ReadFile(dir + "/cmdline")
	if err != nil {
		return Launch{}, fmt.Errorf("arguments of pid %d: %w", pid, err)
	}
	all := splitArgs(args)
	l := Launch{Options: optionsOf(all[:min(len(all), launchArgs)], wanted)}
	if info, err := os.Stat(dir); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			l.Home = homeOf(strconv.FormatUint(uint64(st.Uid), 10))
		}
	}
	for _, fd := range []string{"/fd/1", "/fd/2"} {
		info, err := os.Stat(dir + fd)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		path, err := os.Readlink(dir + fd)
		if err == nil && !strings.HasSuffix(path, " (deleted)") && !slices.Contains(l.Output, path) {
			l.Output = append(l.Output, path)
		}
	}
	return l, nil
}
