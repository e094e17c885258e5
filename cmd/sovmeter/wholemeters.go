package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/scope"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
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

// scopes are the meters as the collector knows them.
func (w *wholeMeters) scopes() []scope.Meter {
	var all []scope.Meter
	for i, c := range w.configs {
		all = append(all, scope.Meter{
			Name: c.Name, Scope: w.meters[i].Scope(), Every: c.Every, Lag: c.Lag, Accuracy: c.Accuracy, MaxWatts: c.MaxWatts,
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
