package systemmeter

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func clientFor(t *testing.T, address string) *client {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(base, false, time.Now)
	t.Cleanup(func() { c.close() })
	return c
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestQuestionTakesTwoSecondsAtMost(t *testing.T) {
	answers := map[string]func(net.Conn){
		"silence": func(net.Conn) {},
		"headers and no more": func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{")
		},
		"a byte each second": func(c net.Conn) {
			for _, b := range []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				<-time.After(time.Second)
			}
		},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				c := newClient(&url.URL{Scheme: "http", Host: "192.168.1.20"}, false, time.Now)
				transportOf(c).DialContext = func(context.Context, string, string) (net.Conn, error) { return ours, nil }
				done := make(chan bool)
				go func() {
					defer close(done)
					r, err := http.ReadRequest(bufio.NewReader(theirs))
					if err == nil {
						r.Body.Close()
						answer(theirs)
					}
				}()
				begun := time.Now()
				_, err := c.get(t.Context(), nil, "status")
				if !errors.Is(err, ErrTimeout) {
					t.Errorf("error %v, want a timeout", err)
				}
				if took := time.Since(begun); took != questionTimeout {
					t.Errorf("took %v, want %v", took, questionTimeout)
				}
				theirs.Close()
				c.close()
				<-done
			})
		})
	}
}

func TestStampIsTheMiddle(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") })
	c := clientFor(t, s.URL)
	times := []time.Time{time.Unix(98, 0), time.Unix(100, 0), time.Unix(101, 0)} // begun, connected, answered
	c.now = func() time.Time { at := times[0]; times = times[1:]; return at }
	got, err := c.get(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := got.stamp(Reading{})
	if !r.At.Equal(time.Unix(100, 5e8)) || r.Lag != 500*time.Millisecond || r.At.Location() != time.UTC {
		t.Errorf("at %v, lag %v", r.At, r.Lag)
	}
}

func TestCallerThatGaveUpIsNoTimeout(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := clientFor(t, s.URL).get(ctx, nil)
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrTimeout) {
		t.Errorf("error %v, want that of the context", err)
	}
}

func TestOneConnectionIsKept(t *testing.T) {
	var connections atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c := clientFor(t, s.URL)
	for range 5 {
		if _, err := c.get(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for five questions", n)
	}
}

func TestOneQuestionIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, answer := make(chan bool, 8), make(chan bool)
		device := func(c net.Conn) {
			defer c.Close()
			for in := bufio.NewReader(c); ; {
				if _, err := http.ReadRequest(in); err != nil {
					return
				}
				asked <- true
				<-answer
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
			}
		}
		c := newClient(&url.URL{Scheme: "http", Host: "192.168.1.20"}, false, time.Now)
		transportOf(c).DialContext = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go device(theirs)
			return ours, nil
		}
		done := make(chan error, 4)
		for range 4 {
			go func() { _, err := c.get(t.Context(), nil); done <- err }()
		}
		for i := range 4 {
			synctest.Wait()
			if n := len(asked); n != i+1 {
				t.Errorf("%d questions with %d answers", n, i)
			}
			answer <- true
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		c.close()
	})
}

func TestRedirects(t *testing.T) {
	var other atomic.Int32
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { other.Add(1) })
	tests := []struct {
		name, to string
		want     error
	}{
		{"same host", "/new", nil},
		{"another port", elsewhere.URL, ErrStatus},
		{"another name of the host", "http://localhost/", ErrStatus},
		{"a public host", "http://93.184.216.34/", ErrStatus},
		{"in circles", "/old", ErrStatus},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/old" {
					http.Redirect(w, r, tt.to, http.StatusFound)
					return
				}
				io.WriteString(w, r.Header.Get("Authorization"))
			})
			c := clientFor(t, s.URL+"/old")
			c.bearer(NewSecret("token"))
			got, err := c.get(t.Context(), nil)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if tt.want == nil && string(got.Body) != "Bearer token" {
				t.Errorf("answer %q", got.Body)
			}
		})
	}
	if other.Load() != 0 {
		t.Error("the other host was asked")
	}
}

func TestRedirectsNeverGiveUpTLS(t *testing.T) {
	from := &http.Request{URL: &url.URL{Scheme: "https", Host: "plug"}}
	to := &http.Request{URL: &url.URL{Scheme: "http", Host: "plug"}}
	if err := sameHost(to, []*http.Request{from}); !errors.Is(err, ErrStatus) {
		t.Errorf("from https to http: %v", err)
	}
	if err := sameHost(from, []*http.Request{to}); err != nil {
		t.Errorf("from http to https: %v", err)
	}
}

func TestNoProxyOfTheEnvironment(t *testing.T) {
	if transportOf(clientFor(t, "http://192.168.1.20")).Proxy != nil {
		t.Error("the questions go through a proxy")
	}
}

func TestStatusOfAnswers(t *testing.T) {
	for code, want := range map[int]error{
		200: nil, 204: nil, 401: ErrUnauthorized, 403: ErrUnauthorized, 404: ErrStatus, 429: ErrStatus, 500: ErrStatus, 503: ErrStatus,
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
		if _, err := clientFor(t, s.URL).get(t.Context(), nil); !errors.Is(err, want) {
			t.Errorf("%d: error %v, want %v", code, err, want)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	s.Close()
	if _, err := clientFor(t, s.URL).get(t.Context(), nil); !errors.Is(err, ErrUnreachable) {
		t.Errorf("error %v, want %v", err, ErrUnreachable)
	}
}

// A space is not written as +, which some devices do not know.
func TestQueryAsDevicesReadIt(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.RawQuery) })
	got, err := clientFor(t, s.URL).get(t.Context(), url.Values{"cmnd": {"Status 8"}, "password": {"a+b c&d"}}, "cm")
	if want := "cmnd=Status%208&password=a%2Bb%20c%26d"; err != nil || string(got.Body) != want {
		t.Errorf("query %q, want %q, error %v", got.Body, want, err)
	}
}

func TestPathOfTheConfigStays(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.RequestURI()) })
	for path, want := range map[string]string{"": "/rpc/x", "/": "/rpc/x", "/behind/proxy": "/behind/proxy/rpc/x", "/behind/": "/behind/rpc/x"} {
		if got, err := clientFor(t, s.URL+path).get(t.Context(), nil, "rpc", "x"); err != nil || string(got.Body) != want {
			t.Errorf("below %q asked for %q, want %q, error %v", path, got.Body, want, err)
		}
	}
	if got, err := clientFor(t, s.URL+"/state?key=1").get(t.Context(), nil); err != nil || string(got.Body) != "/state?key=1" {
		t.Errorf("asked for %q, error %v", got.Body, err)
	}
}

func transportOf(c *client) *http.Transport { return c.http.Transport.(*http.Transport) }
