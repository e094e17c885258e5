package host

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// DefaultPortInterval is how often at most the listener of a port is looked up.
const DefaultPortInterval = time.Minute

// Options configure a Meter.
type Options struct {
	Servers []Server
	// System is the machine to read; nil means this one.
	System System
	// PortInterval is the shortest time between two port lookups; 0 means
	// DefaultPortInterval.
	PortInterval time.Duration
}

// New returns a Meter for the configured servers. It reports every problem
// with them at once.
func New(o Options) (*Meter, error) {
	if err := checkServers(o.Servers); err != nil {
		return nil, fmt.Errorf("process stats: %w", err)
	}
	system := o.System
	if system == nil {
		var err error
		if system, err = ThisSystem(); err != nil {
			return nil, fmt.Errorf("process stats: %w", err)
		}
	}
	servers := slices.Clone(o.Servers)
	slices.SortFunc(servers, func(a, b Server) int { return strings.Compare(a.Name, b.Name) })
	every := o.PortInterval
	if every <= 0 {
		every = DefaultPortInterval
	}
	return &Meter{
		system:   system,
		families: families{servers: servers, live: map[identity]*kin{}},
		ports:    portFinder{every: every},
	}, nil
}
