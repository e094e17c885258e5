package collector

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/scope"
)

// Status is what a Collector can say about itself between commits.
type Status struct {
	OpenEnergy      energy.Joules // measured, not booked yet
	OpenTime        time.Duration
	InFlight        int
	Baseline        energy.Watts
	BaselineAssumed bool
	Lines           attribution.LineCounts // since the start
	LogErrors       map[string]string      // what is wrong with a log now, by its name
	Servers         map[string]string      // the configured server of each log, by the log's name
	ClockOffsets    map[string]ClockOffset // by the log's name
	Rejected        int64                  // windows that lay in time already booked
	Unplaced        int64                  // requests of which the log does not tell when they were
	Scope           scope.Status           // of the meters, and the line that stands in for them
	LastSample      time.Time              // the end of the newest window; zero before the first
}

// Status says how the collector stands now.
func (c *Collector) Status() Status {
	s := c.status
	s.OpenEnergy, s.OpenTime = c.engine.Open()
	for _, w := range c.held {
		s.OpenEnergy += w.Energy
		s.OpenTime += w.End.Sub(w.Start)
	}
	waiting, d := c.scoper.Waiting()
	s.OpenEnergy += waiting
	s.OpenTime += d
	s.Scope = c.scoper.Status()
	s.Baseline, s.BaselineAssumed = c.engine.Baseline()
	s.LogErrors = map[string]string{}
	s.Servers = map[string]string{}
	s.ClockOffsets = map[string]ClockOffset{}
	for _, l := range c.logs {
		s.Servers[l.Source.Name()] = l.Server
		s.ClockOffsets[l.Source.Name()] = l.clock.ClockOffset
		if l.failing != "" {
			s.LogErrors[l.Source.Name()] = l.failing
		}
	}
	return s
}
