package llamaswap_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// fake is a llama-swap as far as its activity endpoint goes: a list of so many
// entries, ids from 0 in each life, null before the first one.
type fake struct {
	mu    sync.Mutex
	most  int
	next  int
	list  []map[string]any
	token string
	asked int // how often
}

// serve adds an entry that ends at a time.
func (f *fake) serve(end time.Time, changes map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := map[string]any{
		"id": f.next, "timestamp": end.Format(time.RFC3339Nano), "model": "qwen3-8b", "req_path": "/v1/chat/completions",
		"resp_content_type": "text/event-stream", "resp_status_code": 200, "duration_ms": 3000, "has_capture": false,
		"tokens": map[string]any{"cache_tokens": 512, "input_tokens": 100, "output_tokens": 50, "prompt_per_second": 200.0, "tokens_per_second": 25.0},
	}
	for key, value := range changes {
		e[key] = value
	}
	f.next++
	f.list = append(f.list, e)
	if len(f.list) > f.most {
		f.list = f.list[len(f.list)-f.most:]
	}
}

// restart ends a life and begins another.
func (f *fake) restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next, f.list = 0, nil
}

func (f *fake) times() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if r.Method != http.MethodGet || r.URL.Path != "/api/metrics" {
		http.NotFound(w, r)
		return
	}
	if f.token != "" && r.Header.Get("Authorization") != "Bearer "+f.token {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	data, err := json.Marshal(f.list)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(data)
}

// RoundTrip serves without a network, for tests that turn the clock.
func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w.Result(), nil
}

// tripper is a transport of another kind.
type tripper func(*http.Request) (*http.Response, error)

func (t tripper) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }
