package llamaswap_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// fake is a llama-swap as far as its activity endpoint goes: a list of so many
// entries, ids from 0 in each life, null before the first one. With paged it is
// one with a database: pages from the newest on, whole seconds, ids from 1.
type fake struct {
	paged bool
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
	if f.paged {
		e["id"], e["timestamp"] = f.next+1, end.Truncate(time.Second).Format(time.RFC3339Nano)
		e["src"], e["metadata"] = "curl", map[string]string{"a": "b"}
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
	path := "/api/metrics"
	if f.paged {
		path = "/api/metrics/activity"
	}
	if r.Method != http.MethodGet || r.URL.Path != path {
		http.NotFound(w, r)
		return
	}
	f.asked++
	if f.token != "" && r.Header.Get("Authorization") != "Bearer "+f.token {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	var answer any = f.list
	if f.paged {
		answer = f.page(r)
	}
	data, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(data)
}

// page is the part of the list that was asked for.
func (f *fake) page(r *http.Request) map[string]any {
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	if limit < 1 || limit > 999 || page < 1 {
		panic("asked for a page that llama-swap refuses")
	}
	data := []map[string]any{}
	for i := len(f.list) - 1 - (page-1)*limit; i >= 0 && len(data) < limit; i-- {
		data = append(data, f.list[i])
	}
	return map[string]any{"page": page, "limit": limit, "total": len(f.list), "data": data, "total_pages": (len(f.list) + limit - 1) / limit}
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
