package proxy_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/proxy"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

// rig is a proxy in front of a test's own server.
type rig struct {
	t        *testing.T
	upstream *httptest.Server
	proxy    *proxy.Proxy
	url      string // of the proxy
	log      string
	own      *bytes.Buffer // the proxy's own log; to be read after stop
	stop     func() error  // ends the proxy and returns what Run did
	client   *http.Client
}

// newRig starts a proxy in front of a handler. Both end with the test, and no
// goroutine of theirs may be left.
func newRig(t *testing.T, h http.HandlerFunc, change ...func(*proxy.Config)) *rig {
	t.Helper()
	before := goroutines()
	r := &rig{t: t, upstream: httptest.NewUnstartedServer(h), log: filepath.Join(t.TempDir(), "requests.jsonl"), own: &bytes.Buffer{}}
	r.upstream.Config.ErrorLog = nil
	r.upstream.Start()
	r.start(change...)
	r.client = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	t.Cleanup(func() {
		r.client.CloseIdleConnections()
		if err := r.stop(); err != nil && !t.Failed() {
			t.Errorf("the proxy ended with %v", err)
		}
		r.upstream.CloseClientConnections()
		r.upstream.Close()
		wantNoMore(t, before)
	})
	return r
}

func (r *rig) start(change ...func(*proxy.Config)) {
	r.t.Helper()
	c := proxy.Config{Listen: "127.0.0.1:0", Upstream: r.upstream.URL, Log: r.log, Server: "test", Logger: zerolog.New(zerolog.SyncWriter(r.own))}
	for _, f := range change {
		f(&c)
	}
	p, err := proxy.New(c)
	if err != nil {
		r.t.Fatal(err)
	}
	addr, err := p.Listen(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	stopped, result := false, error(nil)
	r.proxy, r.url = p, "http://"+addr.String()
	r.stop = func() error {
		if !stopped {
			cancel()
			stopped, result = true, <-ended
			return result
		}
		return nil
	}
}

// goroutines are all that run in net/http or the proxy.
func goroutines() int { return goroutinesOf("net/http", "collector/proxy.") }

// goroutinesOf counts those that have one of some words in their stack.
func goroutinesOf(words ...string) int {
	buf := make([]byte, 4<<20)
	n := 0
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(stack, w) }) {
			n++
		}
	}
	return n
}

// wantNoMore waits for goroutines that are about to end, and no longer.
func wantNoMore(t *testing.T, before int) {
	t.Helper()
	eventually(t, "goroutines end", func() bool { return goroutines() <= before })
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("in vain waited until %s", what)
		}
	}
}

// records stops the proxy and reads its log.
func (r *rig) records() []jsonl.Record {
	r.t.Helper()
	if err := r.stop(); err != nil {
		r.t.Fatal(err)
	}
	return r.readLog()
}

func (r *rig) readLog() []jsonl.Record {
	r.t.Helper()
	data, err := os.ReadFile(r.log)
	if err != nil {
		r.t.Fatal(err)
	}
	var out []jsonl.Record
	for line := range bytes.Lines(data) {
		rec, err := jsonl.Decode(line)
		if err != nil {
			r.t.Fatalf("%s: %v", line, err)
		}
		out = append(out, rec)
	}
	return out
}

// one is the only request in the log.
func (r *rig) one() attribution.Request {
	r.t.Helper()
	all := r.records()
	if len(all) != 1 {
		r.t.Fatalf("%d requests in the log, want 1", len(all))
	}
	return all[0].Request
}

// post sends a body and returns the response with its whole body.
func (r *rig) post(path, body string) (*http.Response, string) {
	r.t.Helper()
	return r.do(r.request(http.MethodPost, path, strings.NewReader(body)))
}

func (r *rig) request(method, path string, body io.Reader) *http.Request {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	return q
}

func (r *rig) do(q *http.Request) (*http.Response, string) {
	r.t.Helper()
	res, err := r.client.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res, string(body)
}

func known(n int64) attribution.Count { return attribution.Known(n) }

// flush sends what was written.
func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

const (
	chat      = "/v1/chat/completions"
	whole     = `{"model":"m1","choices":[{"message":{"content":"secret"},"finish_reason":"stop"}],"usage":{"prompt_tokens":24,"completion_tokens":6,"prompt_tokens_details":{"cached_tokens":20}}}`
	firstPart = "data: {\"model\":\"m1\",\"choices\":[{\"delta\":{\"content\":\"secret\"},\"finish_reason\":null}]}\n\n"
	lastPart  = "data: {\"model\":\"m1\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n" +
		"data: {\"model\":\"m1\",\"choices\":[],\"usage\":{\"prompt_tokens\":24,\"completion_tokens\":6,\"prompt_tokens_details\":{\"cached_tokens\":20}}}\n\ndata: [DONE]\n\n"
)

func json200(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body)
}

func withUpstream(url string) func(*proxy.Config) {
	return func(c *proxy.Config) { c.Upstream = url }
}

func withUpstreamHost(c *proxy.Config) { c.UpstreamHost = true }
