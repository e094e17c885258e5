package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
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
// ctx ends.
func (f *finder) watch(ctx context.Context, now []config.Server) []config.Server {
	var before []config.Server
	for {
		select {
		case <-ctx.Done():
			return now
		case <-f.tick:
		}
		found := withStopped(f.look(ctx), now)
		if ctx.Err() == nil && !same(found, now) && same(found, before) {
			return found
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

// configured is what a config would say of the servers found. Of several of one
// kind those without a known port are left out: nothing tells their processes
// apart. A log that two of them write is read once.
func configured(found []discovery.Server) []config.Server {
	kinds := map[string]int{}
	for _, s := range found {
		kinds[s.Kind.Name]++
	}
	var servers []config.Server
	for _, s := range found {
		if kinds[s.Kind.Name] > 1 && s.Port == 0 {
			continue
		}
		c := config.Server{
			Name: s.Name, Log: s.Log, Format: s.Format, Processes: s.Kind.Processes, Port: s.Port,
		}
		if slices.ContainsFunc(servers, func(o config.Server) bool { return o.Log == c.Log }) {
			c.Log = ""
		}
		if s.Home != "" && s.Kind.Manifests != "" {
			c.Manifests = filepath.Join(s.Home, s.Kind.Manifests)
		}
		servers = append(servers, c)
	}
	return servers
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
