package llamaswap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	timeout = 2 * time.Second // of one look, its answer read
	every   = 2 * time.Second // between the starts of two looks
	maxBody = 8 << 20         // bytes of an answer
	maxList = 1 << 16         // entries of an answer; as many of real length are twice maxBody
)

// fetch asks once for the list of entries.
func (a *Activity) fetch(ctx context.Context) ([]entry, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url, http.NoBody)
	if err != nil {
		return nil, a.error(ErrURL, "")
	}
	req.Header.Set("Accept", "application/json")
	if a.opt.Token != "" {
		req.Header.Set("Authorization", "Bearer "+a.opt.Token)
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, a.failed(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, a.refused(resp.StatusCode)
	}
	body := &limited{r: resp.Body, left: maxBody}
	list, err := decode(body)
	switch {
	case body.over, errors.Is(err, ErrTooLarge):
		return nil, a.error(ErrTooLarge, "lower metricsMaxInMemory in llama-swap's config")
	case body.err != nil:
		return nil, a.failed(ctx, body.err)
	case err != nil:
		return nil, a.error(ErrResponse, "is this the address of a llama-swap?")
	}
	return list, nil
}

// failed is the error for an answer that did not come. The client's own error
// repeats the URL.
func (a *Activity) failed(ctx context.Context, err error) error {
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, ErrAddress):
		return a.error(err, "name a server on this machine, or allow public addresses")
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return a.error(context.DeadlineExceeded, "no whole answer within "+timeout.String())
	case errors.Is(err, syscall.ECONNREFUSED):
		return a.error(err, "is llama-swap running, and is this its address?")
	}
	return a.error(err, "")
}

func (a *Activity) refused(status int) error {
	err, hint := fmt.Errorf("%w: status %d", ErrStatus, status), ""
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		hint = "set the token to one of the apiKeys in llama-swap's config"
	case http.StatusNotFound:
		hint = "is this a llama-swap, and one of August 2025 or later?"
	}
	return a.error(err, hint)
}

func (a *Activity) error(err error, hint string) error {
	return &ActivityError{URL: a.url, Err: err, Hint: hint}
}

// decode reads a list of entries, one at a time. An entry with a value of a wrong
// kind is marked as bad; null is an empty list.
func decode(r io.Reader) ([]entry, error) {
	d := json.NewDecoder(r)
	open, err := d.Token()
	if err != nil || open != json.Delim('[') {
		if err == nil && open == nil {
			return nil, nil
		}
		return nil, ErrResponse
	}
	var list []entry
	for d.More() {
		var e entry
		err := d.Decode(&e)
		if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
			e.bad = true
		} else if err != nil {
			return nil, ErrResponse
		}
		e.settle()
		if list = append(list, e); len(list) > maxList {
			return nil, ErrTooLarge
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, ErrResponse
	}
	return list, nil
}

// limited reads no more than so many bytes, and remembers why it stopped.
type limited struct {
	r    io.Reader
	left int
	over bool
	err  error
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		l.over = true
		return 0, ErrTooLarge
	}
	if len(p) > l.left {
		p = p[:l.left]
	}
	n, err := l.r.Read(p)
	l.left -= n
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}

// newTransport returns a transport that goes straight to the server, and only
// to an address that is allowed, whatever its name resolves to.
func newTransport(public bool) *http.Transport {
	dialer := &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		if public || private(address) {
			return nil
		}
		return ErrAddress
	}}
	return &http.Transport{
		DialContext: dialer.DialContext, MaxIdleConns: 1, IdleConnTimeout: time.Minute,
		MaxResponseHeaderBytes: 64 << 10, TLSHandshakeTimeout: timeout,
	}
}

// private is true for addresses on this machine and on private networks.
func private(address string) bool {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return false
	}
	addr := ap.Addr().Unmap()
	return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast()
}
