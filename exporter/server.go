package exporter

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"github.com/rs/zerolog"
)

// ServerConfig says where and for whom a Server serves. The zero value is a
// server on DefaultAddress without TLS.
type ServerConfig struct {
	// Address is host:port; empty: DefaultAddress. Port 0 takes a free one.
	Address string
	// WebConfigFile is an exporter-toolkit web configuration (TLS, basic
	// auth); empty: plain HTTP.
	WebConfigFile string
	// AllowRemote permits an address beyond the loopback interface without
	// a WebConfigFile.
	AllowRemote bool
	// Hosts are further names that the Host header may carry.
	Hosts []string
	// StaleAfter is how old the last sample and the last commit may be before
	// /healthz says so; 0: DefaultStaleAfter.
	StaleAfter time.Duration
	Log        zerolog.Logger
	Now        func() time.Time // nil: time.Now
}

// Limits of the server: its answers are small and its clients near.
const (
	readTimeout     = 10 * time.Second
	writeTimeout    = 30 * time.Second
	idleTimeout     = 2 * time.Minute
	maxHeaderBytes  = 16 << 10
	shutdownTimeout = 5 * time.Second
)

// Server serves a ledger at /metrics, its health at /healthz and a page with
// links at /.
type Server struct {
	config  ServerConfig
	ledger  *Ledger
	handler http.Handler

	mu       sync.Mutex
	listener net.Listener // nil until Listen
}

// NewServer checks the configuration and returns a server that does not listen
// yet.
func NewServer(c ServerConfig, l *Ledger) (*Server, error) {
	if c.Address == "" {
		c.Address = DefaultAddress
	}
	if c.StaleAfter <= 0 {
		c.StaleAfter = DefaultStaleAfter
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if err := checkAddress(c); err != nil {
		return nil, err
	}
	if err := web.Validate(c.WebConfigFile); err != nil {
		return nil, &HintError{
			Err:    fmt.Errorf("web configuration file %s: %w", c.WebConfigFile, err),
			Advice: "its format is described at https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md",
		}
	}
	s := &Server{config: c, ledger: l}
	handler, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.handler = handler
	return s, nil
}

// Listen opens the port and returns its address, so that a port in use shows
// before anything else is started. Run does it when it was not done; whoever
// listens must call Run or Close.
func (s *Server) Listen(ctx context.Context) (net.Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		l, err := listen(ctx, s.config.Address)
		if err != nil {
			return nil, err
		}
		s.listener = l
	}
	return s.listener.Addr(), nil
}

// Close closes a listener that Run has not taken.
func (s *Server) Close() error {
	if l := s.take(); l != nil {
		return l.Close()
	}
	return nil
}

// take hands over the listener.
func (s *Server) take() net.Listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.listener
	s.listener = nil
	return l
}

// Run serves until ctx ends, lets requests in progress finish, and returns nil.
func (s *Server) Run(ctx context.Context) error {
	if _, err := s.Listen(ctx); err != nil {
		return err
	}
	l := s.take()
	if l == nil {
		return fmt.Errorf("serve metrics: %w", net.ErrClosed)
	}
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          stdlog.New(s.config.Log, "", 0),
	}
	served := make(chan error, 1)
	go func() { served <- s.serve(l, server) }()
	select {
	case err := <-served:
		return errors.Join(fmt.Errorf("serve metrics on %s: %w", l.Addr(), err), server.Close())
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		// A client that does not read must not keep the daemon alive.
		s.config.Log.Warn().Err(err).Msg("metrics clients cut off")
		_ = server.Close()
	}
	// Shutdown before Serve has taken the listener leaves it open.
	_ = l.Close()
	_ = <-served
	return nil
}

func (s *Server) serve(l net.Listener, server *http.Server) error {
	logger := slog.New(zerolog.NewSlogHandler(s.config.Log))
	return web.Serve(l, server, &web.FlagConfig{WebConfigFile: &s.config.WebConfigFile}, logger)
}
