package discovery

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"github.com/sovmeter/sovmeter/collector/host"
)

// Options say where to look. The zero value looks at nothing; System is needed.
type Options struct {
	System host.System
	// Stat looks at a file; nil means os.Stat.
	Stat func(path string) (fs.FileInfo, error)
}

// Find returns the servers that run now, by kind and then by start. A process
// that cannot be looked into is a server with a Problem; the error is about the
// process list itself.
func Find(ctx context.Context, o Options) ([]Server, error) {
	if o.Stat == nil {
		o.Stat = os.Stat
	}
	procs, err := o.System.Processes(ctx)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	c := candidates(procs, o.System)
	for i := range c {
		c[i].describe(ctx, o.System)
	}
	if err := c.listen(ctx, procs, o.System); err != nil {
		return nil, err
	}
	proxies := proxyLogs(ctx, procs, o.System)
	var found []Server
	for _, k := range c.withoutClients() {
		found = append(found, k.server(proxies, o.Stat))
	}
	name(found)
	return found, nil
}

// name gives each server a name of its own: the first of a kind has the kind's,
// others add their port, or their pid where none is known.
func name(servers []Server) {
	taken := map[string]bool{}
	for i := range servers {
		s := &servers[i]
		s.Name = s.Kind.Name
		switch {
		case !taken[s.Name]:
		case s.Port != 0:
			s.Name += "-" + strconv.Itoa(s.Port)
		default:
			s.Name += "-" + strconv.Itoa(s.PID)
		}
		if taken[s.Name] { // two that share a port, each on an address of its own
			s.Name = s.Kind.Name + "-" + strconv.Itoa(s.PID)
		}
		taken[s.Name] = true
	}
}

// candidate is a process that may be a server.
type candidate struct {
	host.Process
	kind      Kind
	launch    host.Launch
	err       error // why the launch is not known
	port      int
	listening bool
}

type candidateList []candidate

// candidates finds the processes with a known name that no other one's
// descendants are, by kind and then by start.
func candidates(procs []host.Process, system host.System) candidateList {
	kinds := Kinds()
	byPID := map[int]host.Process{}
	kindOf := map[int]int{}
	for _, p := range procs {
		byPID[p.PID] = p
		if p.PID <= 1 {
			continue
		}
		exe, _ := system.Executable(p.PID) // what can be read must do
		k := slices.IndexFunc(kinds, func(k Kind) bool { return host.Server{Processes: k.Processes}.Runs(p, exe) })
		if k >= 0 {
			kindOf[p.PID] = k
		}
	}
	var out candidateList
	for _, p := range procs {
		if k, ok := kindOf[p.PID]; ok && !descends(p, byPID, kindOf) {
			out = append(out, candidate{Process: p, kind: kinds[k]})
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int {
		if d := kindOf[a.PID] - kindOf[b.PID]; d != 0 {
			return d
		}
		return a.Start.Compare(b.Start)
	})
	return out
}

// descends is true for a process with an ancestor that has a known name. A
// parent that is younger than its child is a stranger with a reused pid.
func descends(p host.Process, byPID map[int]host.Process, kindOf map[int]int) bool {
	for range len(byPID) {
		parent, ok := byPID[p.Parent]
		if !ok || parent.PID == p.PID || parent.Start.After(p.Start) {
			return false
		}
		if _, known := kindOf[parent.PID]; known {
			return true
		}
		p = parent
	}
	return false
}
