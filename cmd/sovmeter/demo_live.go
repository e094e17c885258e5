package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/sim"
	"github.com/sovmeter/sovmeter/exporter"
)

// serveLive meters the day before now, and goes on at real speed.
func (d *demo) serveLive(ctx context.Context) error {
	money, err := d.economy()
	if err != nil {
		return err
	}
	ledger := exporter.NewLedger(exporter.Options{Tariff: asTariff(money.tariff), Build: build(), Started: time.Now()})
	server, err := exporter.NewServer(exporter.ServerConfig{Address: d.listen, Log: newLogger(d.env.stderr)}, ledger)
	if err != nil {
		return &usageError{err}
	}
	address, err := server.Listen(ctx)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return server.Run(ctx) })
	g.Go(func() (err error) {
		defer func() {
			if errors.Is(err, context.Canceled) {
				err = nil // being told to stop is how serving ends
			}
		}()
		s := d.scenario()
		s.Start = time.Now().UTC().Truncate(time.Second).Add(-s.Length)
		defer func() { err = errors.Join(err, d.closeMeters()) }()
		day, err := d.meterDay(ctx, s, ledger)
		if err != nil {
			return err
		}
		defer closing(day, &err)
		if err := d.print(day); err != nil {
			return err
		}
		fmt.Fprintf(d.env.stderr, "sovmeter: going on at real speed; metrics on http://%s/metrics, interrupt to stop\n", address)
		return d.goOn(ctx, day, ledger)
	})
	return g.Wait()
}

// goOn meters an endless simulation in real time, by the collector that
// metered the day.
func (d *demo) goOn(ctx context.Context, day *meteredDay, ledger *exporter.Ledger) (err error) {
	s := sim.Live()
	if d.machine != "" {
		s = d.machineDay()
		s.Length = 0
	}
	if d.meter != "" && d.machine == "" {
		s.Wall = miniWall()
	}
	s.Seed, s.Start = d.seed, time.Now().UTC()
	mac, err := startSimulated(s, day.recording.folder)
	if err != nil {
		return err
	}
	defer closing(mac, &err)
	loop := &collector.Loop{
		Collector: day.recording.collector, Power: mac, Processes: mac, Now: time.Now,
		Committed: (&healthReporter{ledger: ledger}).report,
	}
	if d.meters == nil {
		return loop.Run(ctx)
	}
	d.meters.measure(mac)
	readings := make(chan collector.Reading, 16)
	d.read = func(ctx context.Context, r collector.Reading) {
		select {
		case readings <- r:
		case <-ctx.Done():
		}
	}
	loop.Readings = readings
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.meters.run(ctx) })
	g.Go(func() error { return loop.Run(ctx) })
	return g.Wait()
}
