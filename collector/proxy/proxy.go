package proxy

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/proxy/usage"
)

// DefaultListen and DefaultUpstream are the addresses of a proxy for Ollama.
const (
	DefaultListen   = "127.0.0.1:11435"
	DefaultUpstream = "http://127.0.0.1:11434"
)

// DefaultDrain is how long requests in flight may take to finish when the proxy
// is stopped. launchd kills what has not ended after 20 s.
const DefaultDrain = 10 * time.Second

// Config says what to proxy. Upstream and Log are required.
type Config struct {
	Listen   string // host:port; empty: DefaultListen. Port 0 takes a free one
	Upstream string // the server's address, such as http://127.0.0.1:11434
	Log      string // path of the interchange log
	Server   string // the server's name in the log; empty: none
	// UpstreamHost sends the upstream's own name as the Host header, for
	// servers that go by it, in place of what the client sent.
	UpstreamHost bool
	// Remote says whether the upstream is another machine, whose energy is not
	// this one's; nil: it is when its address is none of this machine.
	Remote *bool
	Drain  time.Duration // 0: DefaultDrain
	Logger zerolog.Logger
	Now    func() time.Time // nil: time.Now
}

// Proxy is a metering proxy. Make it with New, then call Listen and Run, or use
// it as a handler within a server, between Open and Close.
type Proxy struct {
	config   Config
	upstream *url.URL
	reader   *usage.Reader
	journal  *journal
	forward  *httputil.ReverseProxy
	dialer   *transport
	health   health
	remote   bool   // as of Config.Remote, decided
	run      string // makes ids differ between runs
	seq      atomic.Int64
	flight   sync.WaitGroup
	tally    tally

	server *http.Server
	listen *listener
}

// New checks the configuration and returns a proxy that does nothing yet.
func New(c Config) (*Proxy, error) {
	upstream, err := c.check()
	if err != nil {
		return nil, err
	}
	started := c.Now()
	p := &Proxy{
		config: c, upstream: upstream, reader: usage.NewReader(),
		run:    strconv.FormatInt(started.UnixNano(), 36),
		health: health{log: c.Logger, upstream: upstream.Host},
		remote: c.Remote != nil && *c.Remote,
	}
	p.journal, p.dialer = newJournal(c.Log, c.Logger), newTransport()
	p.forward = &httputil.ReverseProxy{
		Rewrite: p.rewrite, ModifyResponse: p.response, ErrorHandler: p.noResponse,
		Transport: p.dialer, FlushInterval: -1, BufferPool: newBuffers(),
		ErrorLog: silent(), // it would print what a server answered; see health
	}
	return p, nil
}

// ServeHTTP passes a request on, and meters it if it is one of a known API.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.flight.Add(1)
	defer p.flight.Done()
	ctx, end := context.WithCancel(r.Context())
	defer end() // what the transport still wants to read of the body is not waited for
	w, r = &plainWriter{w}, r.WithContext(ctx)
	api, ok := usage.Match(r.URL.Path)
	if !ok || r.Method != http.MethodPost {
		p.forward.ServeHTTP(w, r)
		return
	}
	e := p.newExchange(r, api)
	ctx = context.WithValue(ctx, exchangeKey{}, e)
	ctx = httptrace.WithClientTrace(ctx, e.trace())
	p.tally.begin()
	// Deferred: ReverseProxy panics to break a connection off.
	defer func() { p.finish(e) }()
	p.forward.ServeHTTP(w, r.WithContext(ctx))
}

// finish hands the request to the log, unless it became another protocol's
// connection.
func (p *Proxy) finish(e *exchange) {
	if e.status == http.StatusSwitchingProtocols {
		p.tally.upgraded()
		return
	}
	r := e.record(p.config.Now())
	p.tally.end(r)
	p.journal.add(r)
}

type exchangeKey struct{}

// exchangeOf returns the metered exchange that a context belongs to, or nil.
func exchangeOf(ctx context.Context) *exchange {
	e, _ := ctx.Value(exchangeKey{}).(*exchange)
	return e
}

// response is called with each response before it is sent on.
func (p *Proxy) response(r *http.Response) error {
	p.health.reached()
	e := exchangeOf(r.Request.Context())
	if e != nil {
		r.Body = e.answered(r, p.reader, p.config.Now)
	}
	return nil
}

// noResponse is called when there was none.
func (p *Proxy) noResponse(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil { // nobody is waiting, or we are stopping
		refuse(w, r, "the request was cancelled")
		return
	}
	reason := p.health.failed(err)
	refuse(w, r, "sovmeter proxy: no answer from the model server at "+p.upstream.Host+": "+reason)
}

// buffers are the copies' buffers.
type buffers struct{ pool sync.Pool }

const bufferSize = 32 << 10

func newBuffers() *buffers {
	return &buffers{sync.Pool{New: func() any { b := make([]byte, bufferSize); return &b }}}
}

// Get implements httputil.BufferPool.
func (b *buffers) Get() []byte { return *b.pool.Get().(*[]byte) }

// Put implements httputil.BufferPool.
func (b *buffers) Put(p []byte) { b.pool.Put(&p) }

// Close ends what Open began: it waits for the requests in flight and writes
// the last lines.
func (p *Proxy) Close() error {
	p.flight.Wait()
	p.dialer.CloseIdleConnections()
	return p.journal.close()
}
