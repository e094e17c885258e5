package llamaswap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

const (
	timeout = 2 * time.Second // of one look, its answer read
	every   = 2 * time.Second // between the starts of two looks
	maxBody = 8 << 20         // bytes of an answer
	maxList = 1 << 16         // entries of an answer; as many of real length are twice maxBody

	pageSize = 500 // entries of a page; llama-swap gives no more than 999
	maxPages = 16  // of one look: what was missed for longer is counted as dropped
)

// fetch asks once for the entries after a mark, and may bring older ones too. A
// llama-swap either gives its entries by pages or has one list; what answered
// the last time is asked first.
func (a *Activity) fetch(ctx context.Context, m mark, whole bool) result {
	r := a.read(ctx, m, whole)
	if errors.Is(r.err, errMissing) {
		if other := a.read(ctx, m, !whole); !errors.Is(other.err, errMissing) {
			return other
		}
	}
	return r
}

func (a *Activity) read(ctx context.Context, m mark, whole bool) result {
	r := result{whole: whole}
	if whole {
		r.list, r.err = a.get(ctx, a.url)
		return r
	}
	for n := 1; n <= maxPages; n++ { // the newest first
		page, err := a.get(ctx, a.url+pagesPath+"?limit="+strconv.Itoa(pageSize)+"&page="+strconv.Itoa(n))
		if err != nil {
			return result{err: err}
		}
		if r.list = append(r.list, page...); len(r.list) > maxList {
			return result{err: a.error(ErrTooLarge, "")}
		}
		if len(page) < pageSize || m.reached(r.list, a.opt.Since) {
			break
		}
	}
	return r
}

// get asks for one list of entries.
func (a *Activity) get(ctx context.Context, from string) ([]entry, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
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
		hint = "put into the token_file one of the apiKeys in llama-swap's config"
	case http.StatusNotFound:
		err = errMissing
		hint = "is this a llama-swap, and one of August 2025 or later?"
	}
	return a.error(err, hint)
}

func (a *Activity) error(err error, hint string) error {
	return &ActivityError{URL: a.url, Err: err, Hint: hint}
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
