package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

const (
	readHeaderTimeout = 30 * time.Second
	// idleClient is longer than clients keep connections they do not use: a
	// request sent while the proxy closes one would be lost.
	idleClient = 10 * time.Minute
	// cancelGrace is how long cancelled requests may take to tell their clients.
	cancelGrace = time.Second
)

// listener is the open port with the context of all requests.
type listener struct {
	net.Listener
	requests context.Context
	cancel   context.CancelFunc
}

// Open opens the log, for a proxy that is used as a handler.
func (p *Proxy) Open() error { return p.journal.open() }

// Listen opens the port and the log, so that what is wrong with them shows at
// once, and returns the address.
func (p *Proxy) Listen(ctx context.Context) (net.Addr, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", p.config.Listen)
	if err != nil {
		return nil, listenError(p.config.Listen, err)
	}
	if isSelf(ctx, p.upstream, l.Addr()) {
		self := &HintError{fmt.Errorf("upstream %s: %w", p.upstream.Host, ErrSelf), "let --upstream be the model server's address, and --listen another one"}
		return nil, errors.Join(self, l.Close())
	}
	if err := p.Open(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if p.config.Remote == nil {
		p.remote = isRemote(ctx, p.upstream)
	}
	if p.remote {
		p.config.Logger.Info().Str("upstream", p.upstream.Host).Msg("the server is another machine: its requests take no energy here")
	}
	if a, err := netip.ParseAddrPort(l.Addr().String()); err == nil && !a.Addr().Unmap().IsLoopback() {
		p.config.Logger.Warn().Stringer("listen", l.Addr()).Msg("other machines can reach the model server through this address")
	}
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.listen = &listener{l, requests, cancel}
	p.server = &http.Server{
		Handler: p, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleClient, ErrorLog: silent(),
		DisableGeneralOptionsHandler: true, // OPTIONS * is the server's to answer too
		BaseContext:                  func(net.Listener) context.Context { return requests },
	}
	return l.Addr(), nil
}

// Run serves until ctx ends, and returns when every request is in the log. It
// needs Listen before it.
func (p *Proxy) Run(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- p.server.Serve(p.listen) }()
	p.config.Logger.Info().Stringer("listen", p.listen.Addr()).Str("upstream", p.upstream.String()).Str("log", p.config.Log).Msg("proxying")
	var err error
	select {
	case <-ctx.Done():
		err = p.drain()
		_ = <-served // that it was shut down
	case err = <-served:
		p.listen.cancel()
		err = errors.Join(err, p.server.Close())
	}
	err = errors.Join(err, p.Close())
	s := p.Stats()
	p.config.Logger.Info().Int64("ok", s.OK).Int64("cancelled", s.Cancelled).Int64("errors", s.Errors).
		Int64("estimated", s.Estimated).Int64("lost", s.Lost+s.Waiting).Msg("stopped")
	if err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	return nil
}

// drain lets the requests in flight finish for a while, and cancels them then.
func (p *Proxy) drain() error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(p.listen.requests), p.config.Drain)
	defer stop()
	if n := p.Stats().InFlight; n > 0 {
		p.config.Logger.Info().Int64("requests", n).Dur("at_most_ms", p.config.Drain).Msg("stopping: waiting for requests in flight")
	}
	err := p.server.Shutdown(ctx)
	p.listen.cancel()
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	ended := make(chan struct{})
	go func() { p.flight.Wait(); close(ended) }()
	grace := time.NewTimer(cancelGrace)
	defer grace.Stop()
	select {
	case <-ended:
	case <-grace.C: // a client that reads nothing
	}
	return p.server.Close()
}

func listenError(address string, err error) error {
	advice := "check that the address is host:port with a port of 0 to 65535"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		advice = "another program has the port: choose another one with --listen"
	case errors.Is(err, syscall.EACCES):
		advice = "choose a port above 1023"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		advice = "this machine does not have that address; choose 127.0.0.1 or one that ifconfig shows"
	}
	return &HintError{fmt.Errorf("listen on %s: %w", address, err), advice}
}
