package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/exporter/api"
	"github.com/sovmeter/sovmeter/launchd"
	"github.com/sovmeter/sovmeter/store"
)

// startTries is after how many starts without a sample the daemon gives up on
// powermetrics: the reason will not go away by itself, and launchd starts the
// daemon again anyway.
const startTries = 4

// housekeeping is how often the store is pruned and copied, and firstCopy is
// after how long it first is: not before there is something to copy.
const (
	housekeeping = time.Hour
	firstCopy    = time.Minute
)

func newRun(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Meter this machine until stopped (the daemon)",
		Long: `Run samples powermetrics and the processes, follows the request logs of the
config, books every joule and serves /metrics. It needs root, because
powermetrics does. "sovmeter service install" has launchd run it.`,
		Example: `  sudo sovmeter run --config /usr/local/etc/sovmeter/sovmeter.yaml`,
	}
	path := configFlag(c)
	power := c.Flags().String("powermetrics", powermetrics.DefaultPath, "another powermetrics, for tests")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := config.Load(*path, configFormats())
		if err != nil {
			return err
		}
		if err := cfg.ReadSecrets(); err != nil {
			return err
		}
		d := daemon{
			config: cfg, powermetrics: *power, log: newLogger(e.stderr), started: time.Now(),
			calibrations: make(chan attribution.Calibration, 1),
		}
		return launchd.RunUnderService(cmd.Context(), d.run)
	}
	return c
}

// newLogger writes lines for people to a terminal and JSON elsewhere.
func newLogger(w io.Writer) zerolog.Logger {
	if f, ok := w.(*os.File); ok && isTerminal(f) {
		w = zerolog.ConsoleWriter{Out: f, TimeFormat: time.DateTime}
	}
	return zerolog.New(w).Level(zerolog.InfoLevel).With().Timestamp().Logger()
}

// interruptible runs do until it returns or the user interrupts it.
func interruptible(ctx context.Context, do func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return do(ctx)
}

// daemon wires the live parts together and owns their lifetime.
type daemon struct {
	config       config.Config
	powermetrics string
	log          zerolog.Logger
	started      time.Time
	calibrations chan attribution.Calibration // that were stored while it runs
}

func (d *daemon) run(ctx context.Context) (err error) {
	db, err := store.Open(d.config.Store, store.Options{
		CreateFolder: true, Retention: store.Retention{Requests: d.config.KeepRequests},
	})
	if err != nil {
		return err
	}
	defer closing(db, &err)
	s, err := d.serve(ctx, db)
	if err != nil {
		return err
	}
	d.log.Info().Str("version", version()).Str("config", d.config.Path).Str("store", d.config.Store).
		Stringer("metrics", s.address).Msg("metering")
	m := d.metering(db, s.ledger)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if len(d.config.Servers) > 0 {
			return m.run(ctx, d.config.Servers)
		}
		return (&finder{log: d.log, find: findServers}).meter(ctx, m.run)
	})
	g.Go(func() error { return s.metrics.Run(ctx) })
	g.Go(func() error { return s.api.Run(ctx) })
	g.Go(func() error { return d.keepHouse(ctx, db) })
	if s.tariff != nil {
		g.Go(func() error { return s.tariff.run(ctx) })
	}
	err = g.Wait()
	d.log.Info().Msg("stopped")
	return err
}

// served is what the daemon answers with.
type served struct {
	tariff  *liveTariff // nil: what energy costs is not known
	ledger  *exporter.Ledger
	metrics *exporter.Server
	api     *api.Server
	address fmt.Stringer
}

// serve opens the ports before anything is metered, so that a port in use
// shows at once.
func (d *daemon) serve(ctx context.Context, db *store.Store) (*served, error) {
	s := &served{tariff: newLiveTariff(ctx, d.config, db, d.log)}
	options := exporter.Options{Build: build(), Started: d.started}
	if s.tariff != nil {
		options.Tariff = s.tariff
	}
	s.ledger = exporter.NewLedger(options)
	var err error
	s.metrics, err = exporter.NewServer(exporter.ServerConfig{
		Address: d.config.Listen, WebConfigFile: d.config.WebConfig, Hosts: d.config.AllowedHosts,
		StaleAfter: max(exporter.DefaultStaleAfter, 10*d.config.Interval), Log: d.log,
	}, s.ledger)
	if err != nil {
		return nil, err
	}
	if s.address, err = s.metrics.Listen(ctx); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(d.config.Socket), 0o750); err != nil {
		return nil, errors.Join(fmt.Errorf("socket: %w", err), s.metrics.Close())
	}
	s.api = api.NewServer(d.config.Socket, db, d.log, api.WithCalibrations(db, d.calibrated))
	if err := s.api.Listen(ctx); err != nil {
		return nil, errors.Join(err, s.metrics.Close())
	}
	return s, nil
}

// calibrated has the meter go by a calibration that was just stored. A meter that
// is too busy takes it up when it starts the next time.
func (d *daemon) calibrated(c attribution.Calibration) {
	select {
	case d.calibrations <- c:
	default:
	}
}

// keepHouse removes what is too old and keeps a copy that can be read while
// the daemon holds the store.
func (d *daemon) keepHouse(ctx context.Context, db *store.Store) error {
	tick := time.NewTimer(firstCopy)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			tick.Reset(housekeeping)
		}
		for more := true; more; {
			pruned, err := db.Prune(ctx, time.Now())
			if err != nil && ctx.Err() == nil {
				d.log.Error().Err(err).Msg("cannot remove old records")
			}
			more = err == nil && pruned.More
		}
		if err := db.Snapshot(ctx, snapshotPath(db.Path())); err != nil && ctx.Err() == nil {
			d.log.Error().Err(err).Msg("cannot write the snapshot")
		}
	}
}
