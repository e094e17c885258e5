package systemmeter

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/icholy/digest"
)

const (
	// questionTimeout is for a whole question, sign-in and redirects included.
	questionTimeout = 2 * time.Second
	maxAnswer       = 256 << 10
	maxAnswerHeader = 64 << 10
	maxRedirects    = 3
)

// client asks one device over HTTP: one question at a time, over a connection
// that is kept, within two seconds. It takes no proxy from the environment,
// follows no redirect to another host, and dials only what newDialer lets it.
//
// No error of it holds a query, a header, or a part of the path that comes from
// the config: all of these may be secrets.
type client struct {
	base      *url.URL
	http      *http.Client
	transport *http.Transport // below what signs in
	now       func() time.Time
	// header goes with every question.
	header http.Header
}

// answer is what a device said to one question.
type answer struct {
	Body []byte
	// At is the middle of the time between question and answer. Where the device
	// had to be asked again, to sign in or at another path, the last time counts.
	At time.Time
	// RoundTrip is the time between them, without that of making a connection.
	RoundTrip time.Duration
}

// stamp says when the values of a reading were true.
func (a answer) stamp(r Reading) Reading {
	r.At, r.Lag = a.At, a.RoundTrip/2
	return r
}

func newClient(base *url.URL, allowRemote bool, now func() time.Time) *client {
	transport := &http.Transport{
		DialContext:            newDialer(allowRemote, questionTimeout).DialContext,
		TLSHandshakeTimeout:    questionTimeout,
		MaxConnsPerHost:        1, // and so one question in flight: a plug has few sockets
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        2 * time.Minute,
		MaxResponseHeaderBytes: maxAnswerHeader,
		DisableCompression:     true, // the answers are short
	}
	if base.Path == "" {
		base.Path = "/" // JoinPath would make a relative path below none
	}
	return &client{
		base:      base,
		http:      &http.Client{Transport: transport, CheckRedirect: sameHost},
		transport: transport,
		now:       now,
		header:    http.Header{"Accept": {"application/json"}, "User-Agent": {"sovmeter"}},
	}
}

// sameHost follows redirects to the same host only, and none that give up TLS:
// the question carries secrets.
func sameHost(next *http.Request, before []*http.Request) error {
	from := before[0].URL
	same := next.URL.Host == from.Host && next.URL.Scheme == from.Scheme
	upgrade := next.URL.Hostname() == from.Hostname() && from.Scheme == "http" && next.URL.Scheme == "https"
	if !same && !upgrade {
		return hint(fmt.Errorf("redirected to another host: %w", ErrStatus), "give the address where the meter itself answers")
	}
	if len(before) > maxRedirects {
		return fmt.Errorf("redirected %d times: %w", len(before), ErrStatus)
	}
	return nil
}

// basic signs in with user and password in every question.
func (c *client) basic(user string, password Secret) {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password.value)
	c.header.Set("Authorization", r.Header.Get("Authorization"))
	c.http.Transport = c.transport
}

// bearer signs in with a token.
func (c *client) bearer(token Secret) {
	c.header.Set("Authorization", "Bearer "+token.value)
}

// digest signs in as the device's challenge asks: MD5, SHA-256 or SHA-512/256.
// Called again it keeps the challenge.
func (c *client) digest(user string, password Secret) {
	c.header.Del("Authorization")
	if _, ok := c.http.Transport.(*digest.Transport); !ok {
		c.http.Transport = &digest.Transport{Username: user, Password: password.value, Transport: short{c.transport}}
	}
}

// short cuts answers off: who signs in reads a refusal to its end.
type short struct{ *http.Transport }

// RoundTrip is that of the transport.
func (s short) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.Transport.RoundTrip(r)
	if err == nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, maxAnswer+1), response.Body}
	}
	return response, err
}

// get asks for the path below the config's URL; with no elements, for the URL
// itself. A nil query leaves the URL's own.
func (c *client) get(ctx context.Context, query url.Values, elements ...string) (answer, error) {
	at := c.base
	if len(elements) > 0 {
		at = c.base.JoinPath(elements...)
	}
	if query != nil {
		with := *at
		with.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // devices may not know +
		at = &with
	}
	got, err := c.ask(ctx, at)
	if err != nil {
		return answer{}, fmt.Errorf("ask %s: %w", c.shown(elements), err)
	}
	return got, nil
}

// shown is the address without anything that may be secret.
func (c *client) shown(elements []string) string {
	at := url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Path: "/"}
	return at.JoinPath(elements...).String()
}

// close gives up the connection.
func (c *client) close() error {
	c.http.CloseIdleConnections()
	return nil
}
