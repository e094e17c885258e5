package main

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/discovery"
	"github.com/sovmeter/sovmeter/collector/host"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/scope"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/store"
)

// metering is the part of the daemon that measures and books. It can be run
// again after it was stopped, with other servers: it goes on from the store, as
// after a restart of the daemon.
type metering struct {
	config config.Config
	store  *store.Store
	sink   *sink
	power  *powermetrics.Runner
	health *healthReporter
	// calibrations brings those that a user has made while the daemon runs.
	calibrations <-chan attribution.Calibration
	started      time.Time // of the daemon: a new store's metering begins here
	log          zerolog.Logger
}

func (d *daemon) metering(db *store.Store, ledger *exporter.Ledger) *metering {
	power := &powermetrics.Runner{
		Path: d.powermetrics, Interval: d.config.Interval, GiveUp: startTries, Log: d.log,
	}
	if d.config.Tasks {
		power.ExtraSamplers = []string{"tasks"}
	}
	return &metering{
		config: d.config, store: db, sink: &sink{store: db, ledger: ledger}, power: power,
		health:       &healthReporter{ledger: ledger, power: power.Stats},
		calibrations: d.calibrations, started: d.started, log: d.log,
	}
}

// run meters the given servers until ctx ends.
func (m *metering) run(ctx context.Context, servers []config.Server) (err error) {
	resume, err := m.store.Resume(ctx)
	if err != nil {
		return err
	}
	if resume.LastEnd.IsZero() {
		resume.LastEnd = m.started.UTC()
	}
	processes, err := m.processes(servers)
	if err != nil {
		return err
	}
	logs := m.logs(servers, resume)
	defer closing(logs, &err)
	meters, err := openMeters(wantedMeters(m.config), m.log)
	if err != nil {
		return err
	}
	defer closing(meters, &err)
	facts, err := host.ReadFacts(ctx)
	if err != nil {
		m.log.Warn().Err(err).Msg("this machine is not known; no calibration is used")
	}
	m.health.next(meters)
	loop := &collector.Loop{
		Collector: collector.New(collector.Config{
			Attribution: attribution.Config{AssumedBaseline: m.config.AssumedBaseline},
			Scope:       scope.Config{Meters: meters.scopes(), Model: facts.Model, OS: facts.OSVersion},
			Logs:        logs.sources(), ProcessStats: true, Logger: m.log,
		}, resume, m.sink),
		Power: m.power, Processes: processes, Readings: meters.readings, Calibrations: m.calibrations, Now: time.Now,
		Committed: m.health.report,
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return meters.run(ctx) })
	g.Go(func() error { return loop.Run(ctx) })
	return g.Wait()
}

// logs are the request logs, each going on where it was left.
func (m *metering) logs(servers []config.Server, resume attribution.Resume) serverLogs {
	var logs serverLogs
	for _, s := range servers {
		if s.Log == "" { // found by discovery, without a log
			continue
		}
		l := &serverLog{
			server: s, elsewhere: portsOfOthers(servers, s), since: resume.LastEnd, zone: time.Local, logger: m.log,
		}
		for _, c := range resume.Checkpoints {
			if c.Source == s.Log {
				l.resume = c.Data
			}
		}
		logs = append(logs, l)
	}
	return logs
}

// portsOfOthers are the ports of the servers that are metered by logs of their
// own. One that is configured without a port listens on the usual one.
func portsOfOthers(servers []config.Server, s config.Server) []int {
	var ports []int
	for _, o := range servers {
		if o.Name == s.Name || o.Log == "" {
			continue
		}
		if port := cmp.Or(o.Port, usualPort(o)); port != 0 {
			ports = append(ports, port)
		}
	}
	return ports
}

// usualPort is the default port of a server known by its executable; 0 when it
// is not.
func usualPort(s config.Server) int {
	for _, k := range discovery.Kinds() {
		if slices.ContainsFunc(s.Processes, func(p string) bool { return slices.Contains(k.Processes, filepath.Base(p)) }) {
			return k.Port
		}
	}
	return 0
}

// processes reads the use of the servers' process families.
func (m *metering) processes(servers []config.Server) (collector.ProcessSource, error) {
	meter, err := host.New(host.Options{Servers: families(servers)})
	if err != nil {
		return nil, err
	}
	return &processSource{meter: meter, log: m.log}, nil
}

// families are the servers as process stats know them.
func families(servers []config.Server) []host.Server {
	var all []host.Server
	for _, s := range servers {
		all = append(all, host.Server{Name: s.Name, Processes: s.Processes, Port: s.Port})
	}
	return all
}
