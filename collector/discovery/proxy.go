package discovery

import (
	"path/filepath"
	"strings"

	"github.com/sovmeter/sovmeter/collector/host"
)

// proxyFormat is the format of the log that the metering proxy writes.
const proxyFormat = "jsonl"

const (
	// proxyCommand is the word among sovmeter's arguments that makes it a proxy;
	// options follow it, so it can be asked for as if it were one.
	proxyCommand = "proxy"
	// proxyUpstream is the port of the proxy's default upstream, Ollama's.
	proxyUpstream = 11434
)

// proxyLogs finds the metering proxies that run: which log is written about the
// server on which port.
func proxyLogs(procs []host.Process, system host.System) map[int]string {
	logs := map[int]string{}
	for _, p := range procs {
		exe, _ := system.Executable(p.PID) // what can be read must do
		if !(host.Server{Processes: []string{"sovmeter"}}).Runs(p, exe) {
			continue
		}
		l, err := system.Launch(p.PID, []string{proxyCommand, "--upstream", "--log"})
		if _, isProxy := l.Options[proxyCommand]; err != nil || !isProxy {
			continue
		}
		port := proxyUpstream
		if to, given := l.Options["--upstream"]; given {
			port, _ = portOf(strings.TrimSuffix(to, "/"))
		}
		if log := l.Options["--log"]; filepath.IsAbs(log) {
			logs[port] = log
		}
	}
	return logs
}
