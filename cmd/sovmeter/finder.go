package main

import (
	"context"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/discovery"
	"github.com/sovmeter/sovmeter/collector/host"
)

// findEvery is how often a daemon without configured servers looks for new ones.
const findEvery = time.Minute

// findServers finds the servers that run on this machine.
func findServers(ctx context.Context) ([]discovery.Server, error) {
	system, err := host.ThisSystem()
	if err != nil {
		return nil, err
	}
	return discovery.Find(ctx, discovery.Options{System: system})
}

// finder meters the servers that run, where the config names none.
type finder struct {
	log  zerolog.Logger
	find func(context.Context) ([]discovery.Server, error)
	tick <-chan time.Time // when to look again; nil: every minute
}

// meter runs run with the servers that are found, and again when others have
// been found twice in a row: one that is just starting does not listen yet.
func (f *finder) meter(ctx context.Context, run func(context.Context, []config.Server) error) error {
	if f.tick == nil {
		every := time.NewTicker(findEvery)
		defer every.Stop()
		f.tick = every.C
	}
	servers := withStopped(f.look(ctx), nil)
	for {
		f.announce(servers)
		round, end := context.WithCancel(ctx)
		var next []config.Server
		g, _ := errgroup.WithContext(ctx)
		g.Go(func() error { defer end(); return run(round, servers) })
		g.Go(func() error { defer end(); next = f.watch(round, servers); return nil })
		if err := g.Wait(); err != nil || ctx.Err() != nil {
			return err
		}
		servers = next
	}
}

// watch returns the servers to meter once there are others than now, or when
// ctx ends. Those that did not run at all in between are not among them.
func (f *finder) watch(ctx context.Context, now []config.Server) []config.Server {
	var before []config.Server
	ran := map[string]bool{}
	for {
		select {
		case <-ctx.Done():
			return now
		case <-f.tick:
		}
		running := named(f.look(ctx), now)
		for _, s := range running {
			ran[s.Name] = true
		}
		found := withStopped(running, now)
		if ctx.Err() == nil && !same(found, now) && same(found, before) {
			return slices.DeleteFunc(found, func(s config.Server) bool { return !ran[s.Name] })
		}
		before = found
	}
}

// look finds the servers that run now; none when that is not known.
func (f *finder) look(ctx context.Context) []config.Server {
	found, err := f.find(ctx)
	if err != nil && ctx.Err() == nil {
		f.log.Warn().Err(err).Msg("cannot look for model servers")
	}
	return configured(found)
}

func (f *finder) announce(servers []config.Server) {
	if len(servers) == 0 {
		f.log.Info().Msg("no model server runs; energy is metered, and requests once one is found")
	}
	for _, s := range servers {
		e := f.log.Info().Str("server", s.Name).Int("port", s.Port)
		if s.Log == "" {
			e.Msg("metering a server of which no log was found: its requests are not seen (sovmeter doctor says what to do)")
			continue
		}
		e.Str("log", s.Log).Str("format", s.Format).Msg("metering a server that was found")
	}
}
