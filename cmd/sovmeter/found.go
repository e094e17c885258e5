package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/discovery"
)

// configured is what a config would say of the servers found. Those that nothing
// tells apart are one, if their logs do not differ, and left out otherwise. A
// log that two of them write is read once.
func configured(found []discovery.Server) []config.Server {
	var servers []config.Server
	for _, s := range found {
		c := config.Server{
			Name: s.Name, Log: s.Log, Format: s.Format, Processes: s.Kind.Processes, Port: s.Port,
		}
		if slices.ContainsFunc(found, func(o discovery.Server) bool { return hides(o, s) }) ||
			slices.ContainsFunc(servers, func(o config.Server) bool { return sameProcesses(o, c) }) {
			continue
		}
		if slices.ContainsFunc(servers, func(o config.Server) bool { return sameLog(o.Log, c.Log) }) {
			c.Log = ""
		}
		if s.Home != "" && s.Kind.Manifests != "" {
			c.Manifests = filepath.Join(s.Home, s.Kind.Manifests)
		}
		servers = append(servers, c)
	}
	return servers
}

// hides says that s has no port to tell its processes from those of o, and o a
// port or a log of its own.
func hides(o, s discovery.Server) bool {
	return s.Port == 0 && s.PID != o.PID && s.Kind.Name == o.Kind.Name &&
		(o.Port != 0 || o.Log != "" && o.Log != s.Log)
}

// sameProcesses says that nothing tells the processes of a from those of b: two
// can share a port, each on an address of its own.
func sameProcesses(a, b config.Server) bool {
	return a.Port == b.Port && (a.Port != 0 || slices.Equal(a.Processes, b.Processes))
}

// sameLog says that two paths lead to one log, as /tmp/a and /private/tmp/a do.
func sameLog(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// named gives servers that were metered before the names that they had then:
// discovery names those of a kind by which of them started first.
func named(found, before []config.Server) []config.Server {
	out := slices.Clone(found)
	taken := map[string]bool{}
	known := make([]bool, len(out))
	for i, s := range out {
		j := slices.IndexFunc(before, func(b config.Server) bool {
			return slices.Equal(b.Processes, s.Processes) && b.Port == s.Port && s.Port != 0
		})
		if j >= 0 {
			out[i].Name, known[i] = before[j].Name, true
			taken[before[j].Name] = true
		}
	}
	for i, s := range out {
		if !known[i] && taken[s.Name] {
			out[i].Name += "-" + strconv.Itoa(s.Port)
		}
	}
	return out
}

// withStopped adds to found those of before that have stopped since: their logs
// may not be read to the end. One whose place another has taken is left out. The
// result is sorted by name.
func withStopped(found, before []config.Server) []config.Server {
	out := slices.Clone(found)
	for _, b := range before {
		taken := slices.ContainsFunc(found, func(f config.Server) bool {
			return f.Name == b.Name || f.Log == b.Log || f.Port == b.Port && b.Port != 0 ||
				slices.Equal(f.Processes, b.Processes) && (f.Port == 0 || b.Port == 0)
		})
		if !taken {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b config.Server) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func same(a, b []config.Server) bool {
	return slices.EqualFunc(a, b, func(a, b config.Server) bool {
		return a.Name == b.Name && a.Log == b.Log && a.Format == b.Format && a.Port == b.Port
	})
}
