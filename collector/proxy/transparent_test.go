package proxy_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// raw is a server that is nothing but a listener: it answers each connection
// with the same bytes and keeps the head of what it was sent.
func raw(t *testing.T, answer string) (url string, heads <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan string, 16)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				r := bufio.NewReader(c)
				var head strings.Builder
				for {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					head.WriteString(line)
					if line == "\r\n" {
						break
					}
				}
				seen <- head.String()
				_, _ = io.WriteString(c, answer)
			})
		}
	})
	t.Cleanup(func() { l.Close(); conns.Wait() })
	return "http://" + l.Addr().String(), seen
}

// exchangeRaw sends bytes and returns all that comes back until the end.
func exchangeRaw(t *testing.T, url, send string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, send); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// lines are the lines of a head, sorted but for the first.
func lines(head string) []string {
	head, _, _ = strings.Cut(head, "\r\n\r\n")
	all := strings.Split(head, "\r\n")
	slices.Sort(all[1:])
	return all
}

// TestNoHeaderIsTouched looks at the bytes on both wires.
func TestNoHeaderIsTouched(t *testing.T) {
	upstream, heads := raw(t, "HTTP/1.1 200 OK\r\nServer: llama.cpp\r\nAccess-Control-Allow-Origin: \r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"+
		"Keep-Alive: timeout=5, max=100\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
	r := newRig(t, nil, withUpstream(upstream))
	got := exchangeRaw(t, r.url, "GET /v1/models?a=%zz&b;c=1&key=x%20y HTTP/1.1\r\nHost: Some.Host:99\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\nForwarded: for=1\r\n"+
		"X-Two: 1\r\nX-Two: 2\r\nAuthorization: Bearer x\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nProxy-Authorization: p\r\n\r\n")
	want := []string{
		"GET /v1/models?a=%zz&b;c=1&key=x%20y HTTP/1.1", "Authorization: Bearer x", "Connection: close", "Forwarded: for=1", "Host: Some.Host:99",
		"X-Forwarded-For: 10.0.0.1", "X-Forwarded-Proto: https", "X-Two: 1", "X-Two: 2",
	}
	if diff := cmp.Diff(want, lines(<-heads)); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	want = []string{"HTTP/1.1 200 OK", "Access-Control-Allow-Origin: ", "Connection: close", "Content-Length: 2", "Server: llama.cpp", "Set-Cookie: a=1", "Set-Cookie: b=2"}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	if _, body, _ := strings.Cut(got, "\r\n\r\n"); body != "hi" {
		t.Errorf("body %q", body)
	}
}

// TestPathsAreNotTouched: a path is the server's to understand.
func TestPathsAreNotTouched(t *testing.T) {
	upstream, heads := raw(t, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	r := newRig(t, nil, withUpstream(upstream))
	for _, path := range []string{"/", "//double//x", "/a/../b/./c", "/a%2Fb", "/%61", "/a?", "/a?q=%2B+%zz;x", "/ä#b\"", "*"} {
		method := map[bool]string{true: "OPTIONS", false: "DELETE"}[path == "*"]
		exchangeRaw(t, r.url, method+" "+path+" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		var head string
		select {
		case head = <-heads:
		default:
			t.Fatalf("%s %s did not arrive", method, path)
		}
		got, _, _ := strings.Cut(head, "\r\n")
		if want := method + " " + path + " HTTP/1.1"; got != want {
			t.Errorf("the server got %s, want %s", got, want)
		}
	}
}

// TestUpstreamHost: on request the server sees its own name.
func TestUpstreamHost(t *testing.T) {
	upstream, heads := raw(t, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	r := newRig(t, nil, withUpstream(upstream), withUpstreamHost)
	exchangeRaw(t, r.url, "GET / HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n")
	if head := <-heads; !strings.Contains(head, "\r\nHost: "+strings.TrimPrefix(upstream, "http://")+"\r\n") {
		t.Error(head)
	}
}

// TestBodiesAreNotTouched sends random bodies in random pieces both ways, of
// every framing, over few connections. What arrives is what was sent.
func TestBodiesAreNotTouched(t *testing.T) {
	r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
		sum := sha256.New()
		_, _ = io.Copy(sum, q.Body)
		size, seed, pieces := 0, uint64(0), 0
		_, _ = fmt.Sscanf(q.Header.Get("X-Answer"), "%d %d %d", &size, &seed, &pieces)
		body := randomBody(size, seed)
		w.Header().Set("Content-Type", q.Header.Get("X-Type"))
		w.Header().Set("X-Sum", fmt.Sprintf("%x", sum.Sum(nil)))
		if q.Header.Get("X-Length") == "true" {
			w.Header().Set("Content-Length", fmt.Sprint(size))
		}
		rnd := rand.New(rand.NewPCG(seed, 1))
		for len(body) > 0 {
			n := min(len(body), 1+rnd.IntN(max(1, 2*size/(pieces+1))))
			_, _ = w.Write(body[:n])
			flush(w)
			body = body[n:]
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		sent := randomBody(rapid.SampledFrom([]int{0, 1, 100, 5000, 70000, 300000}).Draw(rt, "request size"), rapid.Uint64().Draw(rt, "seed"))
		size, seed := rapid.SampledFrom([]int{0, 1, 100, 5000, 70000, 300000}).Draw(rt, "response size"), rapid.Uint64().Draw(rt, "response seed")
		var body io.Reader = bytes.NewReader(sent)
		if rapid.Bool().Draw(rt, "chunked") {
			body = io.MultiReader(body) // its length is not known
		}
		q := r.request(http.MethodPost, rapid.SampledFrom([]string{chat, "/api/chat", "/v1/messages", "/other"}).Draw(rt, "path"), body)
		q.Header.Set("X-Answer", fmt.Sprint(size, seed, rapid.IntRange(0, 50).Draw(rt, "pieces")))
		q.Header.Set("X-Length", fmt.Sprint(rapid.Bool().Draw(rt, "length")))
		q.Header.Set("X-Type", rapid.SampledFrom([]string{"text/event-stream", "application/json", "application/x-ndjson", "x"}).Draw(rt, "type"))
		res, got := r.do(q)
		if want := fmt.Sprintf("%x", sha256.Sum256(sent)); res.Header.Get("X-Sum") != want {
			rt.Fatalf("the server got another body: %s, want %s", res.Header.Get("X-Sum"), want)
		}
		if want := randomBody(size, seed); got != string(want) {
			rt.Fatalf("the client got %d bytes, want %d of others", len(got), len(want))
		}
	})
}

// randomBody has the bytes that streams and JSON are made of, and others.
func randomBody(size int, seed uint64) []byte {
	const alphabet = "{}[]\":,\\ \n\r\t0123456789data:model usage\x00\xff"
	rnd := rand.New(rand.NewPCG(seed, 0))
	out := make([]byte, size)
	for i := range out {
		out[i] = alphabet[rnd.IntN(len(alphabet))]
	}
	return out
}

// TestTrailersAndEarlyResponses: what HTTP/1.1 has besides head and body.
func TestTrailersAndEarlyResponses(t *testing.T) {
	trailers := make(chan http.Header, 1)
	r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		trailers <- q.Trailer
		w.Header().Set("Link", "</x>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		w.Header().Set("Trailer", "X-After")
		_, _ = io.WriteString(w, "{}")
		flush(w)
		w.Header().Set("X-After", "1")
		w.Header().Set(http.TrailerPrefix+"X-Unannounced", "2")
	})
	q := r.request(http.MethodPost, chat, io.MultiReader(strings.NewReader("{}")))
	q.Trailer = http.Header{"X-Checksum": {"abc"}}
	var early []string
	q = q.WithContext(httptrace.WithClientTrace(q.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		early = append(early, fmt.Sprint(code, h.Get("Link")))
		return nil
	}}))
	res, _ := r.do(q)
	if diff := cmp.Diff([]string{"103</x>; rel=preload"}, early); diff != "" {
		t.Errorf("early (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(http.Header{"X-Checksum": {"abc"}}, <-trailers); diff != "" {
		t.Errorf("request's (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(http.Header{"X-After": {"1"}, "X-Unannounced": {"2"}}, res.Trailer); diff != "" {
		t.Errorf("response's (-want +got):\n%s", diff)
	}
	if res.Header.Get("Link") != "" {
		t.Errorf("%v", res.Header)
	}
}

// TestContinue: a body that the server does not want is not sent, one that it
// waits for is.
func TestContinue(t *testing.T) {
	r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/refused" {
			w.WriteHeader(http.StatusExpectationFailed)
			return
		}
		body, _ := io.ReadAll(q.Body)
		fmt.Fprintf(w, "%d bytes", len(body))
	})
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := bufio.NewReader(c)
	fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", chat)
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := in.ReadString('\n'); err != nil || line != want {
			t.Fatalf("%q, %v", line, err)
		}
	}
	_, _ = io.WriteString(c, "{}")
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(res.Body); string(body) != "2 bytes" {
		t.Errorf("%s %s", res.Status, body)
	}
	fmt.Fprintf(c, "POST /refused HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
	if res, err := http.ReadResponse(in, nil); err != nil || res.StatusCode != http.StatusExpectationFailed {
		t.Errorf("%v, %v", res, err)
	}
}

// TestUpgrade: a WebSocket is a pipe, and no request.
func TestUpgrade(t *testing.T) {
	for _, path := range []string{"/ws", chat} {
		r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: %s\r\nConnection: Upgrade\r\n\r\n", q.Header.Get("Upgrade"))
			_, _ = io.Copy(conn, rw)
		})
		c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", path)
		in := bufio.NewReader(c)
		res, err := http.ReadResponse(in, nil)
		if err != nil || res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Upgrade") != "websocket" {
			t.Fatalf("%v, %v", res, err)
		}
		for _, frame := range []string{"\x81\x05hello", "\x00\xff"} {
			_, _ = io.WriteString(c, frame)
			got := make([]byte, len(frame))
			if _, err := io.ReadFull(in, got); err != nil || string(got) != frame {
				t.Fatalf("%q, %v", got, err)
			}
		}
		c.Close()
		if n := len(r.records()); n != 0 {
			t.Errorf("%s: %d requests in the log", path, n)
		}
		if s := r.proxy.Stats(); s.InFlight != 0 {
			t.Errorf("%s: %+v", path, s)
		}
	}
}

// TestWebSocketDoesNotHoldTheProxy: an open one ends with the proxy.
func TestWebSocketDoesNotHoldTheProxy(t *testing.T) {
	r := newRig(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		_, _ = io.Copy(conn, rw)
	})
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
	if res, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v, %v", res, err)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

// TestOtherRequests: what is no inference passes and is not logged.
func TestOtherRequests(t *testing.T) {
	r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("X-Method", q.Method)
		json200(w, whole)
	})
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch} {
		direct, err := r.client.Do(mustRequest(t, method, r.upstream.URL+chat))
		if err != nil {
			t.Fatal(err)
		}
		direct.Body.Close()
		res, body := r.do(r.request(method, chat, nil))
		if method != http.MethodHead && body != whole {
			t.Errorf("%s: %q", method, body)
		}
		direct.Header.Del("Date")
		res.Header.Del("Date")
		if diff := cmp.Diff(direct.Header, res.Header); diff != "" || res.ContentLength != direct.ContentLength {
			t.Errorf("%s (-direct +proxied):\n%s%d, %d", method, diff, direct.ContentLength, res.ContentLength)
		}
	}
	r.post("/v1/models", "{}")
	r.post("/api/tags", "{}")
	if n := len(r.records()); n != 0 {
		t.Errorf("%d requests in the log", n)
	}
}

func mustRequest(t *testing.T, method, url string) *http.Request {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestEarlyAnswers: a server may answer before it has read the request, and
// faster than the transport takes to see that all of it is sent. The answer
// arrives whole all the same.
func TestEarlyAnswers(t *testing.T) {
	answer := strings.Repeat("x", 2<<20)
	r := newRig(t, func(w http.ResponseWriter, _ *http.Request) { json200(w, answer) })
	for i := range 24 {
		// Up to 256 KiB: of more, a server of net/http resets the connection half a
		// second after its answer, whether a slow reader has all of it or not.
		var sent io.Reader = bytes.NewReader(make([]byte, 2+i*i*490))
		if i%3 == 0 {
			sent = io.MultiReader(sent) // in chunks
		}
		if _, body := r.do(r.request(http.MethodPost, "/v1/embeddings", sent)); body != answer {
			t.Fatalf("request %d: %d bytes, want %d", i, len(body), len(answer))
		}
	}
	if s := r.proxy.Stats(); s.Errors != 0 {
		t.Errorf("%+v", s)
	}
}

// TestHandler: the proxy works within a server of somebody else's.
func TestHandler(t *testing.T) {
	r := newRig(t, func(w http.ResponseWriter, _ *http.Request) { json200(w, whole) })
	s := httptest.NewServer(r.proxy)
	defer s.Close()
	res, err := r.client.Post(s.URL+chat, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if q := r.one(); q.Output != known(6) {
		t.Errorf("%+v, %v", q, slices.Sorted(maps.Keys(res.Header)))
	}
}
