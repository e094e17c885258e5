package proxy

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/proxy/usage"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

// The headers in which a client says who asks and for what.
const (
	ClientHeader  = "X-Sovmeter-Client"
	ProjectHeader = "X-Sovmeter-Project"
)

// exchange is one metered request and its response. The transport sends the
// request in goroutines of its own, so every field behind mu needs it.
type exchange struct {
	id, server      string
	remote          bool // the upstream is another machine
	api             usage.API
	client, project string
	arrived         time.Time
	now             func() time.Time
	cancelled       func() bool // whether the client has gone or the proxy stops

	mu        sync.Mutex
	connected time.Time // when the connection to the server was there
	sent      time.Time // when the server had the whole request; zero: it has not
	asked     *usage.Request

	// The rest is of the goroutine that serves the request.
	status int // 0: there was no response
	answer *answer
}

func (p *Proxy) newExchange(r *http.Request, api usage.API) *exchange {
	server := p.config.Server
	if server == "" {
		server = "proxy"
	}
	return &exchange{
		id:     server + "/" + p.run + "/" + strconv.FormatInt(p.seq.Add(1), 10),
		server: p.config.Server, remote: p.remote, api: api, arrived: p.config.Now(), now: p.config.Now,
		client:    usage.ID([]byte(r.Header.Get(ClientHeader))),
		project:   usage.ID([]byte(r.Header.Get(ProjectHeader))),
		cancelled: func() bool { return r.Context().Err() != nil },
	}
}

// trace notes when the request got under way.
func (e *exchange) trace() *httptrace.ClientTrace {
	connected := func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.connected = e.now()
	}
	return &httptrace.ClientTrace{
		GotConn:          func(httptrace.GotConnInfo) { connected() },
		TLSHandshakeDone: func(tls.ConnectionState, error) { connected() },
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			e.mu.Lock()
			defer e.mu.Unlock()
			if i.Err == nil {
				e.sent = e.now()
			}
		},
	}
}

// asking returns a function that reads the model out of the request's body as
// it passes.
func (e *exchange) asking(q *usage.Request) func([]byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = q
	return func(p []byte) {
		e.mu.Lock()
		defer e.mu.Unlock()
		q.Feed(p)
	}
}

// answered reads the usage out of the response's body as it passes.
func (e *exchange) answered(r *http.Response, reader *usage.Reader, now func() time.Time) io.ReadCloser {
	e.status = r.StatusCode
	if r.StatusCode == http.StatusSwitchingProtocols {
		return r.Body // the connection itself
	}
	e.answer = newAnswer(r, reader.Response(e.api, r.Header.Get("Content-Type")), now)
	return e.answer
}

// record is the whole account of the exchange, which ended at ended.
func (e *exchange) record(ended time.Time) jsonl.Record {
	u := usage.Usage{}
	if e.answer != nil {
		u = e.answer.usage()
	}
	q := e.request(ended, u)
	if e.remote || u.Elsewhere {
		return jsonl.FromRemote(elsewhere(q, u))
	}
	return jsonl.Record{Request: q}
}

func (e *exchange) request(ended time.Time, u usage.Usage) attribution.Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	q := attribution.Request{
		ID: e.id, Server: e.server, Client: e.client, Project: e.project, End: ended,
	}
	q.Outcome = e.outcome(u)
	if q.Outcome == attribution.OutcomeOK && !e.answer.last.IsZero() {
		q.End = e.answer.last
	}
	q.Model = u.Model
	if q.Model == "" && e.asked != nil {
		q.Model = e.asked.Model()
	}
	q.Input, q.Cached, q.Output, q.Context = u.Input, u.Cached, u.Output, u.Context
	q.TokensEstimated = u.Estimated
	place(&q, e.begun(), u)
	return q
}

// elsewhere is the account of a request that another machine served. What it
// did not say of a cache it charged for in full; chunks are not tokens that
// anybody charged for.
func elsewhere(q attribution.Request, u usage.Usage) attribution.RemoteCall {
	c := attribution.RemoteCall{
		ID: q.ID, Server: q.Server, Model: q.Model, Start: q.Start, End: q.End, Outcome: q.Outcome,
		Client: q.Client, Project: q.Project, Input: q.Input, Cached: q.Cached, CacheWrite: u.CacheWrite,
	}
	if !c.Input.Known {
		c.Input = u.Prompt
	}
	switch {
	case !c.Input.Known:
	case u.CacheWrite.N <= c.Input.N:
		c.Input.N -= u.CacheWrite.N
	default: // both cannot be true
		c.CacheWrite = attribution.Count{}
	}
	if !u.Estimated {
		c.Output = q.Output
	}
	return c
}

// begun is the earliest time at which the server can have begun to work.
func (e *exchange) begun() time.Time {
	switch {
	case !e.sent.IsZero():
		return e.sent
	case !e.connected.IsZero():
		return e.connected
	}
	return e.arrived
}

func (e *exchange) outcome(u usage.Usage) attribution.Outcome {
	switch {
	case u.Failed, e.status >= http.StatusBadRequest:
		return attribution.OutcomeError
	case e.status == 0 && e.cancelled():
		return attribution.OutcomeCancelled
	case e.status == 0:
		return attribution.OutcomeError
	case u.Complete, e.answer.whole:
		return attribution.OutcomeOK
	case e.answer.broken && !e.cancelled():
		return attribution.OutcomeError
	}
	return attribution.OutcomeCancelled
}
