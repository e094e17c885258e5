package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/calibration"
)

// answers is a model server that answers by a table, path to status and body.
type answers struct {
	mu    sync.Mutex
	by    map[string]string
	token string
	asked []string
}

func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) //nolint:errcheck // nothing is done with it
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.URL.Path)
	answer, ok := a.by[r.URL.Path]
	switch {
	case a.token != "" && r.Header.Get("Authorization") != "Bearer "+a.token:
		http.Error(w, "no", http.StatusUnauthorized)
	case !ok:
		http.NotFound(w, r)
	default:
		io.WriteString(w, answer) //nolint:errcheck // the client sees it
	}
}

func startAnswers(t *testing.T, a *answers) string {
	t.Helper()
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return s.URL
}

func portIn(t *testing.T, address string) int {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestFindServer(t *testing.T) {
	const one, two = `{"data":[{"id":"a"}]}`, `{"data":[{"id":"a"},{"id":"b"}]}`
	const secret = "hunter2"
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	models := func(list string) string {
		return startAnswers(t, &answers{by: map[string]string{"/v1/models": list, "/props": `{"total_slots":3}`}})
	}
	single, several, none := models(one), models(two), models(`{"data":[]}`)
	locked := startAnswers(t, &answers{by: map[string]string{"/v1/models": one}, token: secret})
	dead := "http://" + freeAddress(t)
	moved := httptest.NewServer(http.RedirectHandler(single+"/v1/models", http.StatusTemporaryRedirect))
	t.Cleanup(moved.Close)
	configured := config.Config{Servers: []config.Server{
		{Name: "off", Port: portIn(t, dead)}, {Name: "on", Port: portIn(t, single)}, {Name: "locked", Port: portIn(t, locked), TokenFile: token},
		{Name: "swap", Log: several + "/api/metrics"}, {Name: "nowhere", Processes: []string{"mine"}},
		{Name: "far", Log: "http://192.0.2.1:8080/api/metrics"},
	}}
	for _, tt := range []struct {
		name        string
		choice      serverChoice
		model       string // that works
		slots       int
		want, hints string // of the error
	}{
		{name: "the first that answers", model: "a", slots: 3},
		{name: "by its name", choice: serverChoice{name: "locked"}, model: "a"},
		{name: "by its address", choice: serverChoice{url: single + "/v1/"}, model: "a", slots: 3},
		{name: "one of several models", choice: serverChoice{name: "swap", model: "b"}, model: "b", slots: 3},
		{name: "several models", choice: serverChoice{name: "swap"}, want: "server swap has 2 models", hints: "--model: a, b"},
		{name: "a model that is not there", choice: serverChoice{name: "swap", model: "c"}, want: `server swap has no model "c"`, hints: "--model: a, b"},
		{name: "no model", choice: serverChoice{url: none}, want: "has no model", hints: "load one"},
		{name: "it is elsewhere now", choice: serverChoice{url: moved.URL}, want: "status 307 Temporary Redirect"},
		{name: "one of the config on another machine", choice: serverChoice{name: "far"}, want: "server far: 192.0.2.1 is another machine"},
		{name: "no answer", choice: serverChoice{name: "off"}, want: "ask server off at http://127.0.0.1:", hints: "start yours"},
		{name: "no such server", choice: serverChoice{name: "other"}, want: `no server "other"; there are: off, on, locked, swap, nowhere, far`},
		{name: "no port", choice: serverChoice{name: "nowhere"}, want: "server nowhere: its port is not known"},
		{name: "with a token", choice: serverChoice{url: locked, tokenFile: token}, model: "a"},
		{name: "without its token", choice: serverChoice{url: locked}, want: "status 401 Unauthorized", hints: "--token-file"},
		{name: "another machine", choice: serverChoice{url: "http://192.0.2.1:8080"}, want: "192.0.2.1 is another machine"},
		{name: "no address", choice: serverChoice{url: "8080"}, want: "--url: want an address such as"},
		{name: "a password in it", choice: serverChoice{url: "http://me:" + secret + "@127.0.0.1:8080"}, want: "without user, password and query"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := tt.choice.find(t.Context(), configured)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if c.model != tt.model || c.slots != tt.slots {
					t.Errorf("model %q and %d slots, want %q and %d", c.model, c.slots, tt.model, tt.slots)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			var h hinted
			if tt.hints != "" && (!errors.As(err, &h) || !strings.Contains(h.Hint(), tt.hints)) {
				t.Errorf("%v has not the hint %q", err, tt.hints)
			}
		})
	}
	_, err := serverChoice{}.find(t.Context(), config.Config{Servers: configured.Servers[:1]})
	if err == nil || !strings.Contains(err.Error(), "ask server off") {
		t.Errorf("got %v, want that none answers", err)
	}
	_, err = serverChoice{}.find(t.Context(), config.Config{Servers: []config.Server{configured.Servers[0], {Name: "too", Port: portIn(t, dead)}}})
	if !errors.Is(err, errNoServer) {
		t.Errorf("got %v, want that none answers", err)
	}
}

// TestFirstCompletion falls back to chat where there is nothing else.
func TestFirstCompletion(t *testing.T) {
	for path, chat := range map[string]bool{"/v1/completions": false, "/v1/chat/completions": true} {
		a := &answers{by: map[string]string{path: "{}"}}
		c := newCompletions("s", startAnswers(t, a), "")
		if err := c.first(t.Context()); err != nil || c.chat != chat {
			t.Errorf("%s: chat %v, %v", path, c.chat, err)
		}
		if err := c.complete(t.Context(), numbers(3), 1); err != nil {
			t.Error(err)
		}
		if got := a.asked[len(a.asked)-1]; got != path {
			t.Errorf("asked %s, want %s", got, path)
		}
	}
}

// TestPromptsAreNew: what was in a prompt before is in no server's cache.
func TestPromptsAreNew(t *testing.T) {
	a, b := strings.Fields(numbers(100)), strings.Fields(numbers(100))
	if len(a) != len(b) || len(a) < 100 {
		t.Fatalf("prompts of %d and %d words", len(a), len(b))
	}
	same := 0 // the words before the numbers are, and of a hundred numbers hardly one
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	if most := len(a) - 100 + 10; same > most {
		t.Errorf("%d words of two prompts are the same, want at most %d: %v, %v", same, most, a, b)
	}
}

// TestBurn keeps cores busy until it is told to stop, and no longer.
func TestBurn(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); burn(ctx, 2) }()
	select {
	case <-done:
		t.Fatal("it stopped by itself")
	case <-time.After(20 * time.Millisecond):
	}
	stop()
	<-done
}

// TestLoadsOnARealServer loads a llama-server as a ladder does, and finds it at
// rest right after.
func TestLoadsOnARealServer(t *testing.T) {
	at := os.Getenv("SOVMETER_LLAMA_SERVER")
	if at == "" {
		t.Skip("needs a llama-server: run one and set SOVMETER_LLAMA_SERVER to its URL, such as http://127.0.0.1:8080")
	}
	server, err := serverChoice{url: at}.find(t.Context(), config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.close()
	if err := server.first(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := newLoads(server, burn)
	for _, step := range []calibration.Step{
		{Name: "decode-1", Load: calibration.LoadDecode, Count: 1}, {Name: "decode-4", Load: calibration.LoadDecode, Count: 4},
		{Name: "prefill", Load: calibration.LoadPrefill, Count: 2},
	} {
		before := busySlots(t, server)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.run(ctx, step) }()
		want := min(step.Count, server.slots)
		for most := 0; most < want; most = max(most, busySlots(t, server)) {
			if !pause(t.Context(), 5*time.Millisecond) {
				t.Fatalf("%s: never %d requests in flight", step.Name, want)
			}
		}
		stop()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", step.Name, err)
		}
		begun := time.Now()
		for busySlots(t, server) > 0 {
			if !pause(t.Context(), 5*time.Millisecond) {
				t.Fatalf("%s: requests go on", step.Name)
			}
		}
		t.Logf("%s: %d busy before, %d during, at rest %s after", step.Name, before, want, time.Since(begun).Round(time.Millisecond))
	}
	t.Logf("model %s, %d slots, prompts of %d numbers", server.model, server.slots, l.prefill.Load())
}

// busySlots is how many requests the server works on.
func busySlots(t *testing.T, c *completions) int {
	t.Helper()
	var slots []struct {
		Busy bool `json:"is_processing"`
	}
	if err := c.ask(t.Context(), http.MethodGet, "/slots", nil, &slots); err != nil {
		t.Fatal(fmt.Errorf("slots: %w", err))
	}
	n := 0
	for _, s := range slots {
		if s.Busy {
			n++
		}
	}
	return n
}
