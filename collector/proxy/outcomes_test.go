package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/proxy"
)

// parts is a server that sends a stream in two parts, the second once told to.
func parts(gate <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, firstPart)
		flush(w)
		select {
		case <-gate:
			_, _ = io.WriteString(w, lastPart)
		case <-q.Context().Done():
		}
	}
}

// firstOf starts a request and returns once the first part of the answer came.
func (r *rig) firstOf(ctx context.Context, path string) (*http.Response, *bufio.Reader) {
	r.t.Helper()
	res, err := r.client.Do(r.request(http.MethodPost, path, strings.NewReader(`{"model":"m1"}`)).WithContext(ctx))
	if err != nil {
		r.t.Fatal(err)
	}
	body := bufio.NewReader(res.Body)
	if line, err := body.ReadString('\n'); err != nil || !strings.HasPrefix(firstPart, line) {
		r.t.Fatalf("first line %q, %v", line, err)
	}
	return res, body
}

// TestTimes: the times are those of what the client saw, in order. The first
// part arrives while the second is not there: nothing is held back.
func TestTimes(t *testing.T) {
	gate := make(chan struct{})
	r := newRig(t, parts(gate))
	before := time.Now()
	res, body := r.firstOf(t.Context(), chat)
	defer res.Body.Close()
	middle := time.Now()
	close(gate)
	if _, err := io.Copy(io.Discard, body); err != nil {
		t.Fatal(err)
	}
	after := time.Now()
	q := r.one()
	in := func(what string, at, from, until time.Time) {
		t.Helper()
		if at.Before(from.Round(0)) || at.After(until.Round(0)) {
			t.Errorf("%s at %v, not between %v and %v", what, at, from, until)
		}
	}
	in("start", q.Start, before, middle)
	in("first token", q.FirstToken, q.Start, middle)
	in("end", q.End, middle, after)
	if q.Outcome != attribution.OutcomeOK || q.Input != known(4) || q.Output != known(6) {
		t.Errorf("%+v", q)
	}
}

// TestClientGoes: the server is told at once, and the request is written with
// what was seen of it.
func TestClientGoes(t *testing.T) {
	gone := make(chan struct{})
	r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
		parts(nil)(w, q)
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	res, _ := r.firstOf(ctx, chat)
	defer res.Body.Close()
	cancel()
	<-gone
	q := r.one()
	if q.Outcome != attribution.OutcomeCancelled || q.Output != known(1) || !q.TokensEstimated || q.Model != "m1" || q.Input.Known {
		t.Errorf("%+v", q)
	}
}

// TestClientGoesBeforeTheAnswer: that is a request too.
func TestClientGoesBeforeTheAnswer(t *testing.T) {
	begun, gone := make(chan struct{}), make(chan struct{})
	r := newRig(t, func(_ http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		close(begun)
		<-q.Context().Done()
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	res, err := r.client.Do(r.request(http.MethodPost, chat, strings.NewReader(`{"model":"m1"}`)).WithContext(ctx))
	if err == nil {
		res.Body.Close()
		t.Fatal("an answer")
	}
	<-gone
	q := r.one()
	if q.Outcome != attribution.OutcomeCancelled || q.Output.Known || q.Model != "m1" || q.End.Before(q.Start) {
		t.Errorf("%+v", q)
	}
}

// TestClientGoesAfterTheEnd: one that reads no further than [DONE] has
// cancelled nothing.
func TestClientGoesAfterTheEnd(t *testing.T) {
	r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, firstPart+lastPart)
		flush(w)
		<-q.Context().Done() // the connection is still open when the client leaves
	})
	ctx, cancel := context.WithCancel(t.Context())
	res, body := r.firstOf(ctx, chat)
	defer res.Body.Close()
	for line := ""; !strings.Contains(line, "[DONE]"); {
		var err error
		if line, err = body.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if q := r.one(); q.Outcome != attribution.OutcomeOK || q.Output != known(6) || q.TokensEstimated {
		t.Errorf("%+v", q)
	}
}

// TestServerBreaksOff: the client's connection breaks too, where the server's
// did, and does not end as if all were well.
func TestServerBreaksOff(t *testing.T) {
	for _, form := range []string{"chunked", "length"} {
		t.Run(form, func(t *testing.T) {
			r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
				_, _ = io.Copy(io.Discard, q.Body)
				w.Header().Set("Content-Type", "text/event-stream")
				if form == "length" {
					w.Header().Set("Content-Length", "100000")
				}
				_, _ = io.WriteString(w, firstPart)
				flush(w)
				panic(http.ErrAbortHandler)
			})
			res, err := r.client.Do(r.request(http.MethodPost, chat, strings.NewReader("{}")))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err == nil || string(body) != firstPart {
				t.Errorf("%q, %v", body, err)
			}
			if q := r.one(); q.Outcome != attribution.OutcomeError || q.Output != known(1) || !q.TokensEstimated {
				t.Errorf("%+v", q)
			}
		})
	}
}

// TestServerClosesWithoutAWord: some close a connection after a stream and do
// not say so before. A request that was sent on it would be lost.
func TestServerClosesWithoutAWord(t *testing.T) {
	r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(firstPart+lastPart), firstPart+lastPart)
		_, _ = rw.ReadByte() // until the connection ends or is used again
	})
	for range 5 {
		if res, body := r.post(chat, "{}"); res.StatusCode != http.StatusOK || body != firstPart+lastPart {
			t.Fatalf("%s: %s", res.Status, body)
		}
	}
	if s := r.proxy.Stats(); s.Errors != 0 {
		t.Errorf("%+v", s)
	}
}

func TestStatusIsTheOutcome(t *testing.T) {
	for status, want := range map[int]attribution.Outcome{200: attribution.OutcomeOK, 201: attribution.OutcomeOK, 404: attribution.OutcomeError, 429: attribution.OutcomeError, 503: attribution.OutcomeError} {
		r := newRig(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		if res, _ := r.post(chat, "{}"); res.StatusCode != status {
			t.Errorf("status %d, want %d", res.StatusCode, status)
		}
		if q := r.one(); q.Outcome != want {
			t.Errorf("status %d: %s", status, q.Outcome)
		}
	}
}

// TestNoServer: clients hear what is wrong, the log has the request, and the
// proxy says it once.
func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	r := newRig(t, nil, func(c *proxy.Config) { c.Upstream = "http://" + l.Addr().String() })
	for _, path := range []string{chat, "/api/chat"} {
		res, body := r.post(path, `{"model":"m1"}`)
		if res.StatusCode != http.StatusBadGateway || !strings.Contains(body, l.Addr().String()+": connection refused") {
			t.Errorf("%d %s", res.StatusCode, body)
		}
	}
	all := r.records()
	if len(all) != 2 || all[0].Request.Outcome != attribution.OutcomeError || all[0].Request.Model != "" && all[0].Request.Model != "m1" {
		t.Errorf("%+v", all)
	}
	if n := bytes.Count(r.own.Bytes(), []byte("does not answer")); n != 1 {
		t.Errorf("said %d times: %s", n, r.own)
	}
}

// TestStopDrains: a request that ends in time is whole.
func TestStopDrains(t *testing.T) {
	gate := make(chan struct{})
	r := newRig(t, parts(gate))
	res, body := r.firstOf(t.Context(), chat)
	defer res.Body.Close()
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	eventually(t, "no new connection is taken", func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	close(gate)
	if rest, err := io.ReadAll(body); err != nil || !strings.HasSuffix(string(rest), lastPart) {
		t.Errorf("%q, %v", rest, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if all := r.readLog(); len(all) != 1 || all[0].Request.Outcome != attribution.OutcomeOK || all[0].Request.Output != known(6) {
		t.Errorf("%+v", all)
	}
}

// TestStopCancels: a request that does not end is cancelled, and written. So is
// that of a client that reads nothing, which could hold the proxy for ever.
func TestStopCancels(t *testing.T) {
	flood := func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for q.Context().Err() == nil {
			if _, err := io.WriteString(w, firstPart); err != nil {
				return
			}
		}
	}
	for name, h := range map[string]http.HandlerFunc{"silent server": parts(nil), "deaf client": flood} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, h, func(c *proxy.Config) { c.Drain = 20 * time.Millisecond })
			res, _ := r.firstOf(t.Context(), chat)
			defer res.Body.Close()
			if q := r.one(); q.Outcome != attribution.OutcomeCancelled || !q.TokensEstimated {
				t.Errorf("%+v", q)
			}
			if s := r.proxy.Stats(); s.Cancelled != 1 || s.InFlight != 0 || s.Written != 1 || s.Lost != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}
