package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/store"
)

// Limits of the server.
const (
	readTimeout     = 10 * time.Second
	writeTimeout    = time.Minute // a year of slots takes seconds
	maxHeaderBytes  = 16 << 10
	shutdownTimeout = 5 * time.Second
)

// Server answers the interface on a unix socket.
type Server struct {
	path    string
	source  store.Source
	log     zerolog.Logger
	options []Option

	mu     sync.Mutex
	socket *socket // nil until Listen
}

// NewServer returns a server for the socket at path. It does not listen yet.
// Without WithCalibrations it takes none.
func NewServer(path string, source store.Source, log zerolog.Logger, options ...Option) *Server {
	return &Server{path: path, source: source, log: log, options: options}
}

// Listen makes the socket, so that a second daemon shows before anything else
// is started. Run does it when it was not done; whoever listens must call Run
// or Close.
func (s *Server) Listen(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket != nil {
		return nil
	}
	opened, err := openSocket(ctx, s.path)
	if err != nil {
		return err
	}
	s.socket = opened
	return nil
}

// Close removes a socket that Run has not taken.
func (s *Server) Close() error {
	if l := s.take(); l != nil {
		return l.Close()
	}
	return nil
}

func (s *Server) take() *socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.socket
	s.socket = nil
	return l
}

// Run serves until ctx ends, lets answers in progress finish, removes the
// socket, and returns nil.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(ctx); err != nil {
		return err
	}
	l := s.take()
	if l == nil {
		return fmt.Errorf("serve %s: %w", s.path, net.ErrClosed)
	}
	server := &http.Server{
		Handler:           Handler(s.source, s.options...),
		ReadHeaderTimeout: readTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return errors.Join(fmt.Errorf("serve %s: %w", s.path, err), server.Close())
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		// A client that does not read must not keep the daemon alive.
		s.log.Warn().Err(err).Msg("clients of the socket cut off")
		_ = server.Close()
	}
	// Shutdown before Serve has taken the socket leaves it open.
	_ = l.Close()
	_ = <-served
	return nil
}
