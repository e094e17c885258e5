package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// DefaultTimeout is how long a client waits for one answer.
const DefaultTimeout = 30 * time.Second

// Bounds of what a client reads.
const (
	maxAnswer = 1 << 20 // of an answer that is not a range
	maxRange  = 1 << 30 // three busy years are 30 MB
)

// Client asks a daemon over its socket. It is a store.Source.
type Client struct {
	path    string
	timeout time.Duration
	http    http.Client
}

// NewClient returns a client for the socket at path. It does not connect
// before it is asked.
func NewClient(path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}
	return &Client{
		path:    path,
		timeout: DefaultTimeout,
		http:    http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}},
	}
}

// WithTimeout returns a client that waits as long as d for one answer.
func (c *Client) WithTimeout(d time.Duration) *Client {
	next := NewClient(c.path)
	next.timeout = d
	return next
}

// Range implements store.Source. Its errors are ErrNoSocket, ErrPermission,
// ErrNotAnswering, ErrVersion, or a RemoteError with what the daemon said.
func (c *Client) Range(ctx context.Context, since, until time.Time) (store.Range, error) {
	if err := checkPath(c.path); err != nil {
		return store.Range{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, ErrNotAnswering)
	defer cancel()
	query := url.Values{"since": {stamp(since)}, "until": {stamp(until)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://sovmeter"+rangePath+"?"+query.Encode(), nil)
	if err != nil {
		return store.Range{}, fmt.Errorf("ask daemon at %s: %w", c.path, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return store.Range{}, c.explain(ctx, err)
	}
	defer res.Body.Close()
	if res.Header.Get("Content-Type") != streamType {
		return store.Range{}, c.refused(ctx, res)
	}
	found, err := store.ReadRange(io.LimitReader(res.Body, maxRange))
	if err != nil {
		return store.Range{}, c.broken(ctx, err)
	}
	return found, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// refused says why there is no range in an answer.
func (c *Client) refused(ctx context.Context, res *http.Response) error {
	a, err := c.answer(ctx, res)
	switch {
	case err != nil:
		return err
	case a.Error == "" && res.StatusCode == http.StatusOK:
		return c.explain(ctx, errors.New("the answer has no range"))
	}
	return &RemoteError{Message: a.Error, Advice: a.Hint, Status: res.StatusCode}
}

// answer reads an answer that is not a range.
func (c *Client) answer(ctx context.Context, res *http.Response) (answer, error) {
	var a answer
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&a); err != nil {
		return answer{}, c.explain(ctx, err)
	}
	if a.Version != Version {
		return answer{}, c.otherVersion(fmt.Errorf("version %d, want %d", a.Version, Version))
	}
	return a, nil
}

// broken says what became of a range that did not come whole.
func (c *Client) broken(ctx context.Context, err error) error {
	var failed *store.StreamError
	var damaged *store.CorruptError
	switch {
	case errors.As(err, &failed):
		return &RemoteError{Message: failed.Message, Advice: failed.Advice, Status: http.StatusInternalServerError}
	case errors.As(err, &damaged): // values come as they are in the daemon's store
		return &RemoteError{Message: damaged.Error(), Advice: damaged.Hint(), Status: http.StatusInternalServerError}
	case errors.Is(err, store.ErrStreamSchema):
		return c.otherVersion(err)
	}
	return c.explain(ctx, err)
}

func (c *Client) otherVersion(err error) error {
	return &HintError{
		Err:    fmt.Errorf("ask daemon at %s: %w: %w", c.path, err, ErrVersion),
		Advice: "restart the daemon, so that it runs the same sovmeter as this command: sovmeter service restart",
	}
}

// explain names the reason of a failed exchange and its fix.
func (c *Client) explain(ctx context.Context, err error) error {
	reason, advice := ErrNotAnswering, "see whether the daemon works: sovmeter service status; or restart it: sovmeter service restart"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		reason, advice = ErrNoSocket, "start the daemon: sovmeter service start; or name its socket if it is elsewhere"
	case errors.Is(err, fs.ErrPermission):
		reason, advice = ErrPermission, "run the command with sudo, or as a member of the group that owns the socket"
	case errors.Is(err, syscall.ECONNREFUSED):
		advice = "the daemon was killed and left its socket behind; start it: sovmeter service start"
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("ask daemon at %s: %w", c.path, context.Canceled)
	}
	return &HintError{Err: fmt.Errorf("ask daemon at %s: %w: %w", c.path, reason, cause(err)), Advice: advice}
}

// cause strips the made-up URL from an error of net/http.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
