package exporter_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"

	"github.com/sovmeter/sovmeter/exporter"
)

// start runs a server on a free port until the test ends, and returns its URL.
func start(t *testing.T, c exporter.ServerConfig, l *exporter.Ledger) string {
	t.Helper()
	if c.Address == "" {
		c.Address = "127.0.0.1:0"
	}
	c.Log = zerolog.Nop()
	s, err := exporter.NewServer(c, l)
	if err != nil {
		t.Fatal(err)
	}
	addr, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return "http://" + addr.String()
}

// do sends a request; mutate may change it first.
func do(t *testing.T, method, url string, mutate func(*http.Request)) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if mutate != nil {
		mutate(req)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestServerAnswers(t *testing.T) {
	url := start(t, exporter.ServerConfig{Hosts: []string{"Mac.local"}, Now: func() time.Time { return noon }}, full(t))
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	for _, tt := range []struct {
		name, method, path string
		mutate             func(*http.Request)
		status             int
		body               string // is in the answer
	}{
		{name: "metrics", method: "GET", path: "/metrics", status: 200, body: `sovmeter_joules_total{sink="inference"} 20`},
		{name: "head", method: "HEAD", path: "/metrics", status: 200},
		{name: "open metrics", method: "GET", path: "/metrics", status: 200, body: `# {request_id="main-1"}`, mutate: func(r *http.Request) {
			r.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
		}},
		{name: "post", method: "POST", path: "/metrics", status: 405},
		{name: "options", method: "OPTIONS", path: "/", status: 405},
		{name: "landing page", method: "GET", path: "/", status: 200, body: "metrics"},
		{name: "unknown page", method: "GET", path: "/debug/pprof/", status: 404},
		{name: "health", method: "GET", path: "/healthz", status: 200, body: `"status":"ok"`},
		{name: "localhost", method: "GET", path: "/metrics", mutate: host("LOCALHOST:1234"), status: 200},
		{name: "ipv6 loopback", method: "GET", path: "/metrics", mutate: host("[::1]:1234"), status: 200},
		{name: "ipv6 loopback without a port", method: "GET", path: "/metrics", mutate: host("[::1]"), status: 200},
		{name: "configured name", method: "GET", path: "/metrics", mutate: host("mac.local.:19191"), status: 200},
		{name: "rebound name", method: "GET", path: "/metrics", mutate: host("evil.example:19191"), status: 403, body: "evil.example"},
		{name: "rebound name, health", method: "GET", path: "/healthz", mutate: host("evil.example"), status: 403},
		{name: "name that begins well", method: "GET", path: "/metrics", mutate: host("localhost.evil.example"), status: 403},
		{name: "another address", method: "GET", path: "/metrics", mutate: host("10.0.0.1"), status: 403},
		{name: "huge header", method: "GET", path: "/metrics", status: 431, mutate: func(r *http.Request) {
			r.Header.Set("X-Filler", strings.Repeat("x", 64<<10))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, body := do(t, tt.method, url+tt.path, tt.mutate)
			if res.StatusCode != tt.status {
				t.Fatalf("status %d, want %d: %s", res.StatusCode, tt.status, body)
			}
			if !strings.Contains(body, tt.body) {
				t.Errorf("no %q in %s", tt.body, body)
			}
			if tt.method == "HEAD" && body != "" {
				t.Errorf("HEAD has the body %q", body)
			}
		})
	}
}

// Whoever connects to an address may call it by that address.
func TestHostIsTheAddress(t *testing.T) {
	probe, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skipf("no second loopback address here: %v", err)
	}
	probe.Close()
	url := start(t, exporter.ServerConfig{Address: "127.0.0.2:0"}, full(t))
	if res, body := do(t, "GET", url+"/metrics", nil); res.StatusCode != 200 {
		t.Errorf("status %d: %s", res.StatusCode, body)
	}
	if res, _ := do(t, "GET", url+"/metrics", func(r *http.Request) { r.Host = "127.0.0.3" }); res.StatusCode != 403 {
		t.Errorf("another address: status %d, want 403", res.StatusCode)
	}
}

func TestHealthz(t *testing.T) {
	healthy := fullHealth()
	edit := func(f func(*exporter.Health)) *exporter.Health {
		h := healthy
		f(&h)
		return &h
	}
	for _, tt := range []struct {
		name   string
		health *exporter.Health
		status int
		reason string
	}{
		{name: "working", health: &healthy, status: 200},
		{name: "not told anything", status: 503, reason: "no power sample yet"},
		{name: "no sample yet", health: edit(func(h *exporter.Health) { h.LastSample = time.Time{} }), status: 503, reason: "no power sample yet"},
		{name: "stale sample", health: edit(func(h *exporter.Health) { h.LastSample = noon.Add(-31 * time.Second) }), status: 503, reason: "the last power sample is 31s old, over 30s"},
		{name: "no commit yet", health: edit(func(h *exporter.Health) { h.LastCommit = time.Time{} }), status: 200},
		{name: "stale commit", health: edit(func(h *exporter.Health) { h.LastCommit = noon.Add(-time.Minute) }), status: 503, reason: "the last commit to the store is 1m0s old, over 30s"},
		{name: "failing commit", health: edit(func(h *exporter.Health) { h.CommitError = "no space left on device" }), status: 503, reason: "the store does not commit: no space left on device"},
		{name: "unreadable log", health: edit(func(h *exporter.Health) { h.Problems = []string{"request log a: permission denied"} }), status: 503, reason: "request log a: permission denied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := exporter.NewLedger(exporter.Options{})
			if tt.health != nil {
				l.SetHealth(*tt.health)
			}
			url := start(t, exporter.ServerConfig{Now: func() time.Time { return noon }}, l)
			res, body := do(t, "GET", url+"/healthz", nil)
			var got exporter.Status
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tt.status || strings.Join(got.Reasons, "; ") != tt.reason {
				t.Errorf("got %d %q, want %d %q", res.StatusCode, got.Reasons, tt.status, tt.reason)
			}
		})
	}
}

// A clock that is off is told and corrected; it makes nobody unhealthy.
func TestHealthTellsOfLogClocks(t *testing.T) {
	l := exporter.NewLedger(exporter.Options{})
	h := fullHealth()
	h.LastSample, h.LastCommit = noon, noon
	l.SetHealth(h)
	res, body := do(t, "GET", start(t, exporter.ServerConfig{Now: func() time.Time { return noon }}, l)+"/healthz", nil)
	want := `"log_clocks":[{"server":"main","offset_seconds":-1.25,"standard_error_seconds":0.02,"applied_seconds":-1.3},` +
		`{"server":"new","offset_seconds":null,"standard_error_seconds":null,"applied_seconds":0}]`
	if res.StatusCode != http.StatusOK || !strings.Contains(body, want) {
		t.Errorf("got %d %s, want %s in it", res.StatusCode, body, want)
	}
}

func hintOf(t *testing.T, err error) string {
	t.Helper()
	var h interface{ Hint() string }
	if !errors.As(err, &h) || h.Hint() == "" {
		t.Fatalf("%v has no hint", err)
	}
	return h.Hint()
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s, err := exporter.NewServer(exporter.ServerConfig{Address: taken.Addr().String(), Log: zerolog.Nop()}, full(t))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Run(t.Context())
	if want := "listen on " + taken.Addr().String() + ": address already in use"; err == nil || err.Error() != want || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v, want %s", err, want)
	}
	if hint := hintOf(t, err); !strings.Contains(hint, "lsof -nP -iTCP:") {
		t.Errorf("hint %q", hint)
	}
}

func TestAddresses(t *testing.T) {
	web := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(web, []byte("basic_auth_users:\n  u: $2y$10$xxxxxxxxxxxxxxxxxxxxxuYl1VvC9uY9hGZ1gN5dX0r0Q5w9mKQe6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		address string
		config  exporter.ServerConfig
		want    error
	}{
		{address: ""},
		{address: "localhost:0"},
		{address: "[::1]:19191"},
		{address: "[::ffff:127.0.0.1]:19191"},
		{address: "127.8.8.8:19191"},
		{address: ":19191", want: exporter.ErrExposed},
		{address: "0.0.0.0:19191", want: exporter.ErrExposed},
		{address: "[::]:19191", want: exporter.ErrExposed},
		{address: "mac.local:19191", want: exporter.ErrExposed},
		{address: "0.0.0.0:19191", config: exporter.ServerConfig{AllowRemote: true}},
		{address: "0.0.0.0:19191", config: exporter.ServerConfig{WebConfigFile: web}},
		{address: "19191", want: exporter.ErrAddress},
		{address: "localhost", want: exporter.ErrAddress},
	} {
		tt.config.Address = tt.address
		_, err := exporter.NewServer(tt.config, full(t))
		if !errors.Is(err, tt.want) {
			t.Errorf("%q: %v, want %v", tt.address, err, tt.want)
		}
		if tt.want != nil {
			hintOf(t, err)
		}
	}
}

// What is advised must exist: there is no key and no flag to allow it.
func TestExposedHint(t *testing.T) {
	err := exporter.CheckAddress("0.0.0.0:19191", "")
	if !errors.Is(err, exporter.ErrExposed) {
		t.Fatalf("got %v, want %v", err, exporter.ErrExposed)
	}
	if hint := hintOf(t, err); strings.Contains(hint, "explicitly") || !strings.Contains(hint, "127.0.0.1") {
		t.Errorf("hint %q", hint)
	}
}

// A web configuration protects by what the server does with it: TLS versions
// without a certificate leave it at plain HTTP.
func TestCheckWebConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yml")
	const user = "basic_auth_users:\n  u: $2y$10$xxxxxxxxxxxxxxxxxxxxxuYl1VvC9uY9hGZ1gN5dX0r0Q5w9mKQe6\n"
	for _, tt := range []struct {
		name, text string
		want       string // in the error; empty: none
		exposed    bool
	}{
		{name: "password", text: user},
		{name: "empty", want: "neither TLS nor a password", exposed: true},
		{name: "no users", text: "basic_auth_users: {}\n", want: "neither TLS nor a password", exposed: true},
		{name: "TLS without a certificate", text: "tls_server_config: {min_version: TLS12}\n", want: "neither TLS nor a password", exposed: true},
		{name: "certificate missing", text: "tls_server_config: {cert_file: none.pem, key_file: none.key}\n", want: "none.pem: no such file"},
		{name: "key missing", text: "tls_server_config: {cert: x}\n", want: "key"},
		{name: "password in plain text", text: "basic_auth_users: {u: secret}\n", want: "bcrypt"},
		{name: "not YAML", text: "a: b: c\n", want: "yaml", exposed: true},
	} {
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := exporter.CheckWebConfig(file)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if err := exporter.CheckAddress(":1", file); errors.Is(err, exporter.ErrExposed) != tt.exposed {
			t.Errorf("%s: %v, want exposed %v", tt.name, err, tt.exposed)
		}
	}
	if err := exporter.CheckWebConfig(file + ".none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestWebConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yml")
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("basic_auth_users:\n  prometheus: "+string(hash)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := start(t, exporter.ServerConfig{WebConfigFile: file}, full(t))
	if res, _ := do(t, "GET", url+"/metrics", nil); res.StatusCode != 401 {
		t.Errorf("without a password: %d, want 401", res.StatusCode)
	}
	auth := func(r *http.Request) { r.SetBasicAuth("prometheus", "secret") }
	if res, _ := do(t, "GET", url+"/metrics", auth); res.StatusCode != 200 {
		t.Errorf("with the password: %d, want 200", res.StatusCode)
	}

	if err := os.WriteFile(file, []byte("unknown_key: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := exporter.NewServer(exporter.ServerConfig{WebConfigFile: file}, full(t)); err == nil {
		t.Error("an unknown key in the web configuration is accepted")
	} else {
		hintOf(t, err)
	}
}

// A server that was told to stop before it began still stops, and closing one
// that never ran gives its port back.
func TestStopAndClose(t *testing.T) {
	s, err := exporter.NewServer(exporter.ServerConfig{Address: "127.0.0.1:0", Log: zerolog.Nop()}, full(t))
	if err != nil {
		t.Fatal(err)
	}
	addr, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", addr.String())
	if err != nil {
		t.Fatalf("the port is not free: %v", err)
	}
	l.Close()
	if _, err := s.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Run(ctx); err != nil {
		t.Errorf("run: %v", err)
	}
}
