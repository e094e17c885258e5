package llamaswap

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// activityPath is where llama-swap keeps its list, and pagesPath, below it, where
// it has pages.
const (
	activityPath = "/api/metrics"
	pagesPath    = "/activity"
)

// ActivityOptions says which llama-swap to ask, and how.
type ActivityOptions struct {
	URL    string // of llama-swap, such as http://127.0.0.1:8080
	Server string // the configured server name
	Model  string // overrides the entries' model when not empty
	Token  string // one of llama-swap's apiKeys; empty: it asks for none
	// AllowPublic lets the server be on a public network. Its entries go over
	// the wire, and so does the token.
	AllowPublic bool
	// Since drops requests that ended before it: what the list tells of the
	// time before metering began. Zero keeps all.
	Since   time.Time
	NoCache bool // as in requestlog.Options
	// PeerModels are models that llama-swap has other machines serve.
	PeerModels []string
	// Transport carries the requests; nil goes straight to the server.
	Transport http.RoundTripper
}

// ActivityStats counts what an Activity did not hand on.
type ActivityStats struct {
	Dropped  int64 // requests that fell out of llama-swap's list between two looks, as far as ids tell
	Old      int64 // requests that ended before Since
	Unplaced int64 // requests that end in the future
}

// Activity asks a llama-swap for the requests it has served. It is used as a
// requestlog.Source is, and not safe for concurrent use.
type Activity struct {
	opt    ActivityOptions
	url    string
	client *http.Client
	ctx    context.Context // ends with Close
	stop   context.CancelFunc

	results chan result
	asking  bool      // a look is under way
	asked   time.Time // when the last one began
	err     error     // of the last look
	whole   bool      // the last good look was answered with the whole list
	mark    mark
	kept    []byte // the checkpoint after mark
	stats   ActivityStats
}

// result is what one look brought.
type result struct {
	list  []entry
	whole bool // the list is all that llama-swap has; else it is made of pages
	err   error
}

// NewActivity returns an Activity that begins with all that llama-swap still
// knows. It asks nothing before the first Poll.
func NewActivity(opt ActivityOptions) (*Activity, error) {
	u, err := url.Parse(opt.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("activity of llama-swap: %w (give one such as http://127.0.0.1:8080)", ErrURL)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("activity of llama-swap at %s: %w: it has a user, query or fragment (a key goes into the token)", u.Host, ErrURL)
	}
	if strings.ContainsFunc(opt.Token, func(c rune) bool { return c < '!' || c > '~' }) {
		return nil, fmt.Errorf("activity of llama-swap at %s: %w", u.Host, ErrToken)
	}
	u.Path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(u.Path, "/"), pagesPath), activityPath) + activityPath
	a := &Activity{opt: opt, url: u.String(), results: make(chan result, 1)}
	a.ctx, a.stop = context.WithCancel(context.Background())
	transport := opt.Transport
	if transport == nil {
		transport = newTransport(opt.AllowPublic)
	}
	a.client = &http.Client{
		Transport: transport,
		// A redirect would take the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return a, nil
}

// Name returns the URL that is asked.
func (a *Activity) Name() string { return a.url }

// SpeaksAtEnd is true: llama-swap tells of a request when it has ended.
func (a *Activity) SpeaksAtEnd() bool { return true }

// Stats returns the counts since the Activity was made.
func (a *Activity) Stats() ActivityStats { return a.stats }

// Restore makes a new Activity go on where the checkpoint was taken.
func (a *Activity) Restore(data []byte) error {
	m, err := markOf(data)
	if err != nil {
		return fmt.Errorf("restore %s: %w", a.url, err)
	}
	a.mark, a.kept = m, data
	return nil
}

// Close ends a look that is under way and waits for it.
func (a *Activity) Close() error {
	a.stop()
	if a.asking {
		<-a.results
		a.asking = false
	}
	a.client.CloseIdleConnections()
	return nil
}

// Poll hands over what the last look brought and begins the next one when it is
// due, now being the present time. It never waits for the network: what it
// returns is as of up to four seconds ago. An error, an *ActivityError, is that
// of the last look and is returned until one succeeds.
func (a *Activity) Poll(now time.Time) (attribution.LogUpdate, error) {
	var u attribution.LogUpdate
	select {
	case r := <-a.results:
		a.asking = false
		if a.err = r.err; a.err == nil {
			a.whole = r.whole
			if err := a.take(&u, r.list, now); err != nil {
				return attribution.LogUpdate{}, err
			}
		}
	default:
	}
	a.ask(now)
	if a.err != nil {
		return attribution.LogUpdate{}, a.err
	}
	u.Checkpoint = a.kept
	return u, nil
}

// ask begins a look when none is under way and the last one began long enough
// ago, or later than now: the clock was set back.
func (a *Activity) ask(now time.Time) {
	if a.asking || a.ctx.Err() != nil {
		return
	}
	if since := now.Sub(a.asked); !a.asked.IsZero() && since >= 0 && since < every {
		return
	}
	a.asking, a.asked = true, now
	ctx, cancel := context.WithTimeout(a.ctx, timeout)
	m, whole := a.mark, a.whole
	go func() {
		defer cancel()
		a.results <- a.fetch(ctx, m, whole)
	}()
}

// take hands over what is new in a list.
func (a *Activity) take(u *attribution.LogUpdate, list []entry, now time.Time) error {
	fresh, dropped := a.mark.news(list)
	a.stats.Dropped += dropped
	u.Unplaced += dropped
	if len(fresh) == 0 {
		return nil
	}
	for i := range fresh {
		a.add(u, &fresh[i], now)
	}
	last := &fresh[len(fresh)-1]
	next := mark{Known: true, ID: *last.ID, At: last.stamp()}
	kept, err := next.checkpoint()
	if err != nil {
		return fmt.Errorf("take checkpoint of %s: %w", a.url, err)
	}
	a.mark, a.kept = next, kept
	return nil
}

// add hands over one entry, or counts why not.
func (a *Activity) add(u *attribution.LogUpdate, e *entry, now time.Time) {
	switch {
	case e.bad:
		u.Lines.Malformed++
	case refused(e.Status), e.Path != "" && !worksBehind(e.Path):
		u.Lines.Ignored++
	case e.at.After(now.Add(aheadMax)):
		u.Lines.Used++
		u.Unplaced++
		a.stats.Unplaced++
	case e.at.Before(a.opt.Since):
		u.Lines.Used++
		a.stats.Old++
	case slices.Contains(a.opt.PeerModels, e.Model):
		u.Lines.Used++
		u.Remote = append(u.Remote, e.call(&a.opt, now))
	default:
		u.Lines.Used++
		u.Requests = append(u.Requests, e.request(&a.opt, now))
	}
}
