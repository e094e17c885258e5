package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/scope"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/exporter"
)

// wholeMeters are the open meters of the whole machine, the most trusted first.
type wholeMeters struct {
	configs  []systemmeter.Config
	meters   []systemmeter.Meter
	pollers  []*systemmeter.Poller
	readings chan collector.Reading
}

// wantedMeters are the configured meters, and on a Mac those that it has built
// in.
func wantedMeters(cfg config.Config) []systemmeter.Config {
	all := append([]systemmeter.Config{}, cfg.Meters...)
	if !cfg.BuiltInMeters || runtime.GOOS != "darwin" {
		return all
	}
	for _, kind := range []systemmeter.Kind{systemmeter.KindSMC, systemmeter.KindBattery} {
		named := false
		for _, m := range cfg.Meters {
			named = named || m.Kind == kind
		}
		if !named {
			all = append(all, systemmeter.Config{Name: string(kind), Kind: kind})
		}
	}
	return all
}

// openMeters opens the meters; it asks none of them yet.
func openMeters(configs []systemmeter.Config, log zerolog.Logger) (*wholeMeters, error) {
	w := &wholeMeters{readings: make(chan collector.Reading, 64)}
	for _, c := range configs {
		c = c.WithDefaults()
		m, err := systemmeter.Open(c, systemmeter.Options{})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("meter %s: %w", c.Name, err), w.Close())
		}
		w.configs = append(w.configs, c)
		w.meters = append(w.meters, m)
		w.pollers = append(w.pollers, systemmeter.NewPoller(m, c, systemmeter.PollerOptions{Hand: w.hand(c.Name), Log: log}))
	}
	return w, nil
}

func (w *wholeMeters) hand(name string) func(context.Context, systemmeter.Reading) {
	return func(ctx context.Context, r systemmeter.Reading) {
		select {
		case w.readings <- collector.Reading{Meter: name, MeterReading: r}:
		case <-ctx.Done():
		}
	}
}

// scopes are the meters as the collector knows them. The configured lag is in
// their readings already.
func (w *wholeMeters) scopes() []scope.Meter {
	var all []scope.Meter
	for i, c := range w.configs {
		all = append(all, scope.Meter{
			Name: c.Name, Scope: w.meters[i].Scope(), Every: c.Every, Accuracy: c.Accuracy, MaxWatts: c.MaxWatts,
		})
	}
	return all
}

// run asks the meters until ctx ends.
func (w *wholeMeters) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, p := range w.pollers {
		g.Go(func() error { return p.Run(ctx) })
	}
	return g.Wait()
}

// Close gives up the connections.
func (w *wholeMeters) Close() error {
	var errs []error
	for _, m := range w.meters {
		errs = append(errs, m.Close())
	}
	return firstError(errs...)
}

// upFor is how long after its last reading a meter still counts as there.
func upFor(c systemmeter.Config) time.Duration { return max(3*c.Every, c.MaxAge) }

// health is how the meters are doing.
func (w *wholeMeters) health(now time.Time) []exporter.MeterHealth {
	var all []exporter.MeterHealth
	for i, p := range w.pollers {
		s := p.Status()
		h := exporter.MeterHealth{Name: s.Name, Kind: string(s.Kind), Scope: s.Scope, Error: s.Error, Readings: map[string]int64{}}
		for result, n := range s.Counts {
			h.Readings[string(result)] = n
		}
		if s.HasLast {
			h.At, h.Watts, h.WattsKnown = s.Last.At, s.Last.Power, s.Last.HasPower
			h.Lag, h.LagKnown = s.Last.Lag, true
			h.Up = now.Sub(s.Last.At) <= upFor(w.configs[i])
		}
		all = append(all, h)
	}
	return all
}

// calibrationHealth is the line that stands in for a meter; nil: none does.
func calibrationHealth(s scope.Status) *exporter.CalibrationHealth {
	if s.Calibration == nil {
		return nil
	}
	h := &exporter.CalibrationHealth{Calibration: *s.Calibration}
	if s.Drift != nil {
		h.DriftRatio, h.DriftKnown = s.Drift.Ratio, true
	}
	return h
}
