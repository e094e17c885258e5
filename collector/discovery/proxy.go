package discovery

import (
	"context"
	"net"
	"net/url"
	"path/filepath"
	"strconv"

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
func proxyLogs(ctx context.Context, procs []host.Process, system host.System) map[int]string {
	logs := map[int]string{}
	for _, p := range procs {
		exe, _ := system.Executable(p.PID) // what can be read must do
		if !(host.Server{Processes: []string{"sovmeter"}}).Runs(p, exe) {
			continue
		}
		l, err := system.Launch(ctx, p.PID, []string{proxyCommand, "--upstream", "--log"})
		if _, isProxy := l.Options[proxyCommand]; err != nil || !isProxy {
			continue
		}
		port := proxyUpstream
		if to, given := l.Options["--upstream"]; given {
			port = portHere(to)
		}
		if log := l.Options["--log"]; port != 0 && filepath.IsAbs(log) {
			logs[port] = log
		}
	}
	return logs
}

// portHere is the port of an address on this machine, and 0 for another's.
func portHere(address string) int {
	u, err := url.Parse(address)
	if err != nil {
		return 0
	}
	ip := net.ParseIP(u.Hostname())
	if u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback() && !ip.IsUnspecified()) {
		return 0
	}
	port, _ := strconv.Atoi(u.Port())
	return port
}
