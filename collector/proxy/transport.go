package proxy

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	// idleUpstream is less than the 5 s after which llama-server, uvicorn and
	// Node close an idle connection: a request sent while they do is lost.
	idleUpstream = 3 * time.Second
	maxIdle      = 256
	// continueTimeout is how long a client's Expect: 100-continue waits for a
	// server that knows nothing of it.
	continueTimeout = time.Second
)

// transport gives each request a connection of its own. llama-server (b11669,
// server-http.cpp) closes the connection after every stream without saying so
// before; a request that is sent on it in the meantime is lost, and cannot be
// sent again. Only embeddings, which come by the hundreds a second and are
// never streamed, and what goes through TLS share connections.
type transport struct{ single, shared *http.Transport }

// newTransport returns a transport that adds nothing of its own and waits for
// an answer as long as the client does.
func newTransport() *transport {
	shared := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		DisableCompression:    true,
		MaxIdleConnsPerHost:   maxIdle,
		IdleConnTimeout:       idleUpstream,
		TLSHandshakeTimeout:   dialTimeout,
		ExpectContinueTimeout: continueTimeout,
		TLSNextProto:          map[string]func(string, *tls.Conn) http.RoundTripper{}, // no HTTP/2
	}
	single := shared.Clone()
	single.DisableKeepAlives = true
	return &transport{single: single, shared: shared}
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	e := exchangeOf(r.Context())
	if r.URL.Scheme == "https" || (e != nil && e.api.Embeds()) {
		return t.shared.RoundTrip(r)
	}
	return t.single.RoundTrip(r)
}

// CloseIdleConnections closes those that are kept.
func (t *transport) CloseIdleConnections() { t.shared.CloseIdleConnections() }

// forwarded are the headers that ReverseProxy takes out before Rewrite.
var forwarded = [...]string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"}

// rewrite makes the outgoing request the same as the incoming one, with the
// upstream as its address.
func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = p.upstream.Scheme, p.upstream.Host
	r.Out.URL.RawQuery = r.In.URL.RawQuery // ReverseProxy drops what it cannot parse
	path, _, _ := strings.Cut(r.In.RequestURI, "?")
	if path != r.Out.URL.EscapedPath() && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") {
		r.Out.URL.Opaque = path // it has characters that net/url would escape
	}
	for _, name := range forwarded {
		if v, ok := r.In.Header[name]; ok {
			r.Out.Header[name] = v
		}
	}
	// The server fills the map of the incoming request once the body is read.
	r.Out.Trailer = r.In.Trailer
	if p.config.UpstreamHost {
		r.Out.Host = ""
	}
	if r.Out.Body == nil {
		return
	}
	body := &sending{ReadCloser: r.Out.Body, ended: r.In.Context().Done()}
	if e := exchangeOf(r.In.Context()); e != nil && r.In.Header.Get("Content-Encoding") == "" {
		body.passed = e.asking(p.reader.Request())
	}
	r.Out.Body = body
}
