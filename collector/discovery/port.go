package discovery

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/sovmeter/sovmeter/collector/host"
)

// describe reads how the candidate was started.
func (c *candidate) describe(ctx context.Context, system host.System) {
	wanted := slices.Concat(c.kind.PortOptions, c.kind.LogOptions)
	c.launch, c.err = system.Launch(ctx, c.PID, wanted)
	c.port = c.kind.Port
	for _, name := range c.kind.PortOptions {
		if port, ok := portOf(c.launch.Options[name]); ok {
			c.port = port
		}
	}
}

// host is where the candidate can be asked: the one address that its options
// have it listen on, or this machine's own.
func (c *candidate) host() string {
	host := "127.0.0.1"
	for _, name := range c.kind.PortOptions {
		given, _, err := net.SplitHostPort(c.launch.Options[name])
		if ip := net.ParseIP(given); err == nil && ip != nil && !ip.IsUnspecified() {
			host = given
		}
	}
	return host
}

// portOf takes the port off the end of 8080, :8080 or 127.0.0.1:8080.
func portOf(value string) (int, bool) {
	port, err := strconv.Atoi(value[strings.LastIndexByte(value, ':')+1:])
	return port, err == nil && port > 0 && port <= 65535
}

// listen finds out who listens on the candidates' ports, themselves or by a
// descendant. A port on which one does not listen is not its own.
func (c candidateList) listen(ctx context.Context, procs []host.Process, system host.System) error {
	var ports []int
	for _, k := range c {
		if !slices.Contains(ports, k.port) {
			ports = append(ports, k.port)
		}
	}
	if len(ports) == 0 {
		return nil
	}
	pids, err := system.Listeners(ctx, ports)
	if err != nil {
		return fmt.Errorf("find who listens on the usual ports: %w", err)
	}
	parents := map[int]int{}
	for _, p := range procs {
		parents[p.PID] = p.Parent
	}
	for i := range c {
		k := &c[i]
		k.listening = slices.ContainsFunc(pids[k.port], func(pid int) bool { return isOrDescends(pid, k.PID, parents) })
		if !k.listening {
			k.port = 0
		}
	}
	return nil
}

func isOrDescends(pid, from int, parents map[int]int) bool {
	for range len(parents) + 1 {
		if pid == from {
			return true
		}
		parent, ok := parents[pid]
		if !ok || parent == pid {
			return false
		}
		pid = parent
	}
	return false
}

// withoutClients leaves out processes that listen nowhere while another of
// their kind does.
func (c candidateList) withoutClients() candidateList {
	listening := map[string]bool{}
	for _, k := range c {
		listening[k.kind.Name] = listening[k.kind.Name] || k.listening
	}
	return slices.DeleteFunc(c, func(k candidate) bool { return listening[k.kind.Name] && !k.listening })
}
