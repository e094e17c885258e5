package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"

	"github.com/rs/zerolog"
)

// health says in the log when the server stops answering and when it answers
// again, once each.
type health struct {
	log      zerolog.Logger
	upstream string

	mu   sync.Mutex
	down bool
}

// failed takes a request that got no answer, and returns why in words that hold
// nothing of what was sent or received.
func (h *health) failed(err error) string {
	reason := reasonOf(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.down {
		h.down = true
		h.log.Warn().Str("upstream", h.upstream).Str("reason", reason).
			Msg("the model server does not answer; is it running, and is --upstream its address?")
	}
	return reason
}

// reached takes an answer.
func (h *health) reached() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		h.down = false
		h.log.Info().Str("upstream", h.upstream).Msg("the model server answers again")
	}
}

// reasonOf names an error of the transport. Its own text can quote a response.
func reasonOf(err error) string {
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &dns):
		return "no such host"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "timed out"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed before an answer"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "host unreachable"
	}
	var op *net.OpError
	if errors.As(err, &op) {
		if op.Timeout() {
			return "timed out"
		}
		return "cannot connect"
	}
	return "the answer is not HTTP, or the connection broke"
}
