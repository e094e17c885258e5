package proxy_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/proxy"
)

// TestEveryShape sends each of the golden responses of package usage through
// the proxy: it arrives as it was sent, and its numbers are in the log.
func TestEveryShape(t *testing.T) {
	ok, failed := attribution.OutcomeOK, attribution.OutcomeError
	for _, tt := range []struct {
		path, file string
		want       attribution.Request // the times, ids and server are left out
	}{
		{"/v1/chat/completions", "chat.json", attribution.Request{Model: "qwen3-8b", Input: known(4), Cached: known(20), Output: known(6), Context: known(30), Outcome: ok}},
		{"/v1/chat/completions", "chat_plain.json", attribution.Request{Model: "mlx-community/Qwen3-4B-4bit", Output: known(7), Context: known(18), Outcome: ok}},
		{"/v1/chat/completions", "chat_usage.sse", attribution.Request{Model: "qwen3-8b", Input: known(24), Cached: known(0), Output: known(3), Context: known(27), Outcome: ok}},
		{"/v1/chat/completions", "chat_timings.sse", attribution.Request{Model: "qwen3-8b", Input: known(1), Cached: known(23), Output: known(4), Context: known(28), Outcome: ok}},
		{"/v1/chat/completions", "chat_bare.sse", attribution.Request{Model: "mlx-community/Qwen3-4B-4bit", Output: known(3), TokensEstimated: true, Outcome: ok}},
		{"/v1/completions", "completions_old.json", attribution.Request{Model: "llama", Input: known(4), Cached: known(6), Output: known(3), Context: known(13), Outcome: ok}},
		{"/v1/responses", "responses.json", attribution.Request{Model: "gpt-oss-20b", Input: known(24), Cached: known(12), Output: known(87), Context: known(123), Outcome: ok}},
		{"/v1/responses", "responses.sse", attribution.Request{Model: "gpt-oss-20b", Input: known(1), Cached: known(23), Output: known(4), Context: known(28), Outcome: ok}},
		{"/v1/responses", "responses_failed.sse", attribution.Request{Model: "gpt-oss-20b", Outcome: failed}},
		{"/v1/embeddings", "embeddings.json", attribution.Request{Model: "nomic-embed-text", Input: known(8), Cached: known(0), Output: known(0), Context: known(8), Outcome: ok}},
		{"/v1/messages", "messages.json", attribution.Request{Model: "claude-local", Input: known(15), Cached: known(100), Output: known(20), Context: known(135), Outcome: ok}},
		{"/v1/messages", "messages.sse", attribution.Request{Model: "claude-local", Input: known(25), Cached: known(75), Output: known(15), Context: known(115), Outcome: ok}},
		{"/v1/messages", "messages_error.sse", attribution.Request{Model: "claude-local", Input: known(25), Cached: known(0), Outcome: failed}},
		{"/api/generate", "generate.ndjson", attribution.Request{Model: "qwen3:8b", Input: known(20), Cached: known(6), Output: known(290), Context: known(316), Outcome: ok}},
		{"/api/chat", "chat.ndjson", attribution.Request{Model: "qwen3:8b", Output: known(29), Context: known(55), Outcome: ok}},
		{"/api/chat", "chat_error.ndjson", attribution.Request{Model: "qwen3:8b", Output: known(1), TokensEstimated: true, Outcome: failed}},
		{"/api/embed", "embed.json", attribution.Request{Model: "nomic-embed-text", Input: known(8), Cached: known(0), Output: known(0), Context: known(8), Outcome: ok}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("usage", "testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			r := newRig(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", map[string]string{".json": "application/json", ".sse": "text/event-stream", ".ndjson": "application/x-ndjson"}[filepath.Ext(tt.file)])
				for line := range bytes.Lines(body) {
					_, _ = w.Write(line)
					flush(w)
				}
			})
			if _, got := r.post(tt.path, `{"model":"asked"}`); got != string(body) {
				t.Errorf("the client got %q", got)
			}
			q := r.one()
			times := cmpopts.IgnoreFields(attribution.Request{}, "ID", "Server", "Start", "FirstToken", "End")
			if diff := cmp.Diff(tt.want, q, times); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestTags: who asked is in the log, and the server sees the headers too.
func TestTags(t *testing.T) {
	seen := make(chan http.Header, 2)
	r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
		seen <- q.Header
		_, _ = io.Copy(io.Discard, q.Body)
		json200(w, `{"usage":{"prompt_tokens":3,"completion_tokens":1}}`)
	})
	for _, client := range []string{"editor", "a sentence, not a name"} {
		q := r.request(http.MethodPost, chat, strings.NewReader(`{"messages":[],"model":"asked"}`))
		q.Header.Set(proxy.ClientHeader, client)
		q.Header.Set(proxy.ProjectHeader, "team/site")
		r.do(q)
		if h := <-seen; h.Get(proxy.ClientHeader) != client || h.Get(proxy.ProjectHeader) != "team/site" {
			t.Errorf("the server saw %v", h)
		}
	}
	all := r.records()
	if len(all) != 2 {
		t.Fatalf("%d requests", len(all))
	}
	first, second := all[0].Request, all[1].Request
	if first.Client != "editor" || first.Project != "team/site" || first.Server != "test" || second.Client != "" {
		t.Errorf("%+v, %+v", first, second)
	}
	if first.Model != "asked" {
		t.Errorf("model %q: the request named it, the response did not", first.Model)
	}
	if first.ID == second.ID || !strings.HasPrefix(first.ID, "test/") {
		t.Errorf("ids %s and %s", first.ID, second.ID)
	}
}

// TestEncoded: the client gets what the server sent; what is in gzip is read
// all the same, and what is not readable is unknown.
func TestEncoded(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, whole)
	z.Close()
	for _, tt := range []struct {
		encoding, body string
		want           attribution.Count
	}{
		{"gzip", zipped.String(), known(6)},
		{"GZIP", zipped.String(), known(6)},
		{"identity", whole, known(6)},
		{"gzip", zipped.String()[:zipped.Len()/2], attribution.Count{}},
		{"gzip", "not gzip at all", attribution.Count{}},
		{"br", zipped.String(), attribution.Count{}},
		{"gzip, gzip", zipped.String(), attribution.Count{}},
	} {
		t.Run(tt.encoding, func(t *testing.T) {
			accepted := make(chan []string, 1)
			r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
				accepted <- q.Header["Accept-Encoding"]
				_, _ = io.Copy(io.Discard, q.Body)
				w.Header().Set("Content-Encoding", tt.encoding)
				json200(w, tt.body)
			})
			q := r.request(http.MethodPost, chat, strings.NewReader(`{"model":"m1"}`))
			q.Header.Set("Accept-Encoding", "gzip, br;q=0.5")
			res, body := r.do(q)
			if body != tt.body || res.Header.Get("Content-Encoding") != tt.encoding {
				t.Errorf("%q, %v", body, res.Header)
			}
			if diff := cmp.Diff([]string{"gzip, br;q=0.5"}, <-accepted); diff != "" {
				t.Errorf("Accept-Encoding (-want +got):\n%s", diff)
			}
			if q := r.one(); q.Output != tt.want || q.Model != "m1" || q.Outcome != attribution.OutcomeOK {
				t.Errorf("%+v", q)
			}
		})
	}
}

// TestElsewhere: what another machine served is a call, not a request.
func TestElsewhere(t *testing.T) {
	t.Run("another machine", func(t *testing.T) {
		yes := true
		r := newRig(t, func(w http.ResponseWriter, _ *http.Request) {
			json200(w, `{"model":"big","usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":100,"output_tokens":20}}`)
		}, func(c *proxy.Config) { c.Remote = &yes })
		r.post("/v1/messages", `{}`)
		all := r.records()
		if len(all) != 1 || all[0].Remote == nil {
			t.Fatalf("%+v", all)
		}
		want := attribution.RemoteCall{
			Server: "test", Model: "big", Input: known(10), Cached: known(100), CacheWrite: known(5), Output: known(20), Outcome: attribution.OutcomeOK,
		}
		if diff := cmp.Diff(want, *all[0].Remote, cmpopts.IgnoreFields(attribution.RemoteCall{}, "ID", "Start", "End")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("counts that cannot be", func(t *testing.T) {
		yes := true
		r := newRig(t, func(w http.ResponseWriter, _ *http.Request) {
			json200(w, `{"usage":{"prompt_tokens":5,"completion_tokens":1,"cache_creation_input_tokens":10}}`)
		}, func(c *proxy.Config) { c.Remote = &yes })
		r.post(chat, `{}`)
		all := r.records()
		if len(all) != 1 || all[0].Remote == nil || all[0].Remote.Input != known(5) || all[0].Remote.CacheWrite.Known {
			t.Fatalf("%+v", all)
		}
	})
	t.Run("cloud model", func(t *testing.T) {
		r := newRig(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-ndjson")
			_, _ = io.WriteString(w, `{"model":"big-cloud","remote_host":"https://ollama.com:443","message":{"content":"x"},"done":true,"prompt_eval_count":70,"eval_count":9}`+"\n")
		})
		r.post("/api/chat", `{}`)
		all := r.records()
		if len(all) != 1 || all[0].Remote == nil || all[0].Remote.Input != known(70) || all[0].Remote.Output != known(9) {
			t.Fatalf("%+v", all)
		}
	})
}

// TestUpgradeOfferedWithARequest: Java's HTTP client offers HTTP/2 with every
// request; the answer is an ordinary one and is metered.
func TestUpgradeOfferedWithARequest(t *testing.T) {
	r := newRig(t, func(w http.ResponseWriter, _ *http.Request) { json200(w, whole) })
	q := r.request(http.MethodPost, chat, strings.NewReader(`{"model":"m1"}`))
	q.Header.Set("Connection", "Upgrade, HTTP2-Settings")
	q.Header.Set("Upgrade", "h2c")
	q.Header.Set("HTTP2-Settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA")
	if _, body := r.do(q); body != whole {
		t.Errorf("%s", body)
	}
	if got := r.one(); got.Output != known(6) {
		t.Errorf("%+v", got)
	}
}

// TestPrivacy: a word in every part of a request and of a response is in
// neither log.
func TestPrivacy(t *testing.T) {
	const canary = "CANARY"
	r := newRig(t, func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set(canary, canary+" header")
		w.Header().Set("Content-Type", "text/event-stream; "+canary+"=1")
		if q.URL.Query().Get("break") != "" {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, canary+" is no HTTP\r\n\r\n")
				conn.Close()
			}
			return
		}
		w.WriteHeader(map[bool]int{true: 500, false: 200}[q.URL.Query().Get("fail") != ""])
		fmt.Fprintf(w, "data: {\"model\":\"%s model\",\"error\":\"%s\",\"type\":\"%s\",\"choices\":[{\"delta\":{\"content\":\"%s\"}}]}\n\n%s", canary, canary, canary, canary, canary)
	})
	for _, path := range []string{"/v1/chat/completions?q=CANARY", "/v1/chat/completions?fail=CANARY", "/v1/chat/completions?break=CANARY", "/CANARY", "/CANARY?break=CANARY"} {
		q := r.request(http.MethodPost, path, strings.NewReader(`{"model":"CANARY model","messages":[{"content":"CANARY"}],"user":"CANARY"}`))
		for _, h := range []string{proxy.ClientHeader, proxy.ProjectHeader, "Authorization", "Cookie"} {
			q.Header.Set(h, canary+" in a header")
		}
		r.do(q)
	}
	if n := len(r.records()); n != 3 {
		t.Errorf("%d requests", n)
	}
	log, err := os.ReadFile(r.log)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"request log": string(log), "own log": r.own.String()} {
		if text == "" || strings.Contains(text, canary) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
