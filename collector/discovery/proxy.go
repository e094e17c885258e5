package discovery

import (
	"path/filepath"

	"github.com/sovmeter/sovmeter/collector/host"
)

// proxyFormat is the format of the log that the metering proxy writes.
const proxyFormat = "jsonl"

// proxyLogs finds the metering proxies that run: which log is written about the
// server on which port.
func proxyLogs(procs []host.Process, system host.System) map[int]string {
	logs := map[int]string{}
	for _, p := range procs {
		exe, _ := system.Executable(p.PID) // what can be read must do
		if !(host.Server{Processes: []string{"sovmeter"}}).Runs(p, exe) {
			continue
		}
		l, err := system.Launch(p.PID, []string{"--upstream", "--log"})
		if err != nil {
			continue
		}
		port, ok := portOf(trimSlash(l.Options["--upstream"]))
		if log := l.Options["--log"]; ok && filepath.IsAbs(log) {
			logs[port] = log
		}
	}
	return logs
}

// trimSlash takes the path off an address that has none but a slash.
func trimSlash(address string) string {
	if n := len(address); n > 0 && address[n-1] == '/' {
		return address[:n-1]
	}
	return address
}
