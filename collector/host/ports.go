package host

import (
	"context"
	"fmt"
	"time"
)

// portFinder looks up who listens on the ports of servers whose family is not
// known from names, and not more often than every so often.
type portFinder struct {
	every time.Duration
	last  time.Time // of the last lookup; zero before the first
	err   error     // of the last lookup
}

// find claims the listeners of all servers that need it.
func (p *portFinder) find(ctx context.Context, system System, f *families, now time.Time) {
	ports := map[int]int{} // port to server
	for i, s := range f.servers {
		if s.Port != 0 && f.needsPort(i) {
			ports[s.Port] = i
		}
	}
	if len(ports) == 0 || !p.due(now) {
		return
	}
	p.last = now
	wanted := make([]int, 0, len(ports))
	for port := range ports {
		wanted = append(wanted, port)
	}
	var found map[int][]int
	found, p.err = system.Listeners(ctx, wanted)
	for port, pids := range found {
		if server, ok := ports[port]; ok {
			f.claim(server, pids)
		}
	}
}

// due is also true after the clock was set back.
func (p *portFinder) due(now time.Time) bool {
	return p.last.IsZero() || now.Before(p.last) || now.Sub(p.last) >= p.every
}

// needsPort is true when no listener is known and names do not point at
// exactly one head.
func (f *families) needsPort(server int) bool {
	heads := 0
	for _, k := range f.list {
		if k.owner != server || !k.head {
			continue
		}
		if k.listens {
			return false
		}
		heads++
	}
	return heads != 1
}

// unfindable returns an error when a lookup failed that a server without any
// process depends on: it may be running all the same.
func (p *portFinder) unfindable(f *families) error {
	if p.err == nil {
		return nil
	}
	for i, s := range f.servers {
		if s.Port == 0 || f.running(i) {
			continue
		}
		return &ServerError{
			Server: s.Name, Doing: fmt.Sprintf("find the process that listens on port %d", s.Port), Err: p.err,
			Advice: "name the server's executable in the configuration",
		}
	}
	return nil
}

func (f *families) running(server int) bool {
	for _, k := range f.list {
		if k.owner == server {
			return true
		}
	}
	return false
}
