package usage_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/proxy/usage"
)

// TestNoTextComesOut: every golden response has the word in each of its texts,
// and here it is also in every field that is kept.
func TestNoTextComesOut(t *testing.T) {
	const canary = "CANARY says hello"
	for _, g := range goldens() {
		m := g.meter(t)
		m.Feed(g.read(t), at)
		if out := fmt.Sprintf("%+v", m.Usage()); strings.Contains(out, "CANARY") {
			t.Errorf("%s: %s", g.file, out)
		}
	}
	for _, field := range []string{"model", "type", "error", "done", "usage", "response", "message", "delta", "content", "remote_host", "eval_count", canary} {
		for _, value := range []string{`"` + canary + `"`, `{"model":"` + canary + `","usage":{"prompt_tokens":"` + canary + `"}}`, `["` + canary + `"]`, canary} {
			m := golden{"x.ndjson", "/api/chat", usage.Usage{}}.meter(t)
			m.Feed([]byte(`{"`+field+`":`+value+"}\n"), at)
			if out := fmt.Sprintf("%+v", m.Usage()); strings.Contains(out, "CANARY") {
				t.Errorf("%s %s: %s", field, value, out)
			}
			q := usage.NewReader().Request()
			q.Feed([]byte(`{"` + field + `":` + value + "}"))
			if q.Model() != "" {
				t.Errorf("%s %s: model %q", field, value, q.Model())
			}
		}
	}
}

// TestForged: what a model writes is not believed, wherever it stands.
func TestForged(t *testing.T) {
	const lie = `{"usage":{"prompt_tokens":1,"completion_tokens":1},"eval_count":1,"model":"lie"}`
	quoted, err := json.Marshal(lie)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		`{"choices":[{"message":{"content":` + string(quoted) + `}}]}`,
		`{"choices":[{"message":{"tool_calls":[{"function":{"arguments":` + lie + `}}]}}]}`,
		`{"choices":[` + lie + `]}`, `{"output":[` + lie + `]}`, `{"content":[{"input":` + lie + `}]}`,
		`{"message":{"tool_calls":[{"function":{"arguments":` + lie + `}}]}}`,
		`{"x":` + lie + `}`, `{"usage":[` + lie + `]}`, `{"usage":{"usage":` + lie + `}}`, `[` + lie + `]`,
		strings.Repeat(`{"a":[`, 1000) + lie + strings.Repeat(`]}`, 1000),
		`{"us\u0061ge":{"prompt_tokens":1}}`,
		`{"content":"` + strings.Repeat(`\\`, 100) + `\"},{\"usage\":{\"prompt_tokens\":1}"}`,
	} {
		m := golden{"x.json", "/v1/chat/completions", usage.Usage{}}.meter(t)
		m.Feed([]byte(body), at)
		if diff := cmp.Diff(usage.Usage{}, m.Usage()); diff != "" {
			t.Errorf("%.120s (-want +got):\n%s", body, diff)
		}
	}
}

// TestNumbers: what is no count of tokens is not known.
func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int64 // -1: not known
	}{
		{"7", 7}, {"7.0", 7}, {"1e3", 1000}, {"0", 0}, {"1000000000000", 1e12},
		{"-1", -1}, {"7.5", -1}, {"1000000000001", -1}, {"1e999", -1}, {"null", -1}, {"true", -1}, {`"7"`, -1}, {"NaN", -1}, {"Infinity", -1}, {"0x10", -1}, {"{}", -1}, {"[7]", -1},
		{strings.Repeat("0", 200) + "7", -1},
	} {
		m := golden{"x.json", "/api/chat", usage.Usage{}}.meter(t)
		m.Feed([]byte(`{"eval_count":`+tt.text+`}`), at)
		got := int64(-1)
		if u := m.Usage(); u.Output.Known {
			got = u.Output.N
		}
		if got != tt.want {
			t.Errorf("%.30s: %d, want %d", tt.text, got, tt.want)
		}
	}
}

// TestContradictions: counts that cannot both be true leave the split unknown.
func TestContradictions(t *testing.T) {
	m := golden{"x.json", "/v1/chat/completions", usage.Usage{}}.meter(t)
	m.Feed([]byte(`{"usage":{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":6}}}`), at)
	want := usage.Usage{Prompt: known(5), Output: known(1), Context: known(6)}
	if diff := cmp.Diff(want, m.Usage()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRequestModel(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{`{"model":"qwen3:8b","messages":[]}`, "qwen3:8b"},
		{`{"messages":[{"content":"\"model\":\"no\""}],"model":"/models/a\/b.gguf"}`, "/models/a/b.gguf"},
		{`{"messages":[{"model":"no"}],"options":{"model":"no"}}`, ""},
		{`{"model":"with space"}`, ""}, {`{"model":7}`, ""}, {`model=a`, ""}, {``, ""},
		{`{"model":"` + strings.Repeat("m", 129) + `"}`, ""},
		{`{"a":1}{"model":"second document"}`, ""}, {`{"a":1}{"model":"second"}`, ""},
	} {
		q := usage.NewReader().Request()
		for i := range len(tt.body) {
			q.Feed([]byte{tt.body[i]})
		}
		if q.Model() != tt.want {
			t.Errorf("%s: %q, want %q", tt.body, q.Model(), tt.want)
		}
	}
}

func TestMatch(t *testing.T) {
	for path, want := range map[string]string{
		"/v1/chat/completions": "chat/completions", "/chat/completions": "chat/completions", "/api/v0/chat/completions": "chat/completions",
		"/v1/responses": "responses", "/v1/completions": "completions", "/completion": "completion", "/v1/embeddings": "embeddings",
		"/api/chat": "api/chat", "/api/generate": "api/generate", "/api/embed": "api/embed", "/v1/messages": "messages",
		"/v1/models": "", "/": "", "": "", "/v1/messages/count_tokens": "", "/v1/chat/completions/x": "", "/v2/chat/completions": "", "/messages": "", "/v1/api/chat": "",
	} {
		if api, ok := usage.Match(path); api.Name != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", path, api.Name, ok)
		}
	}
}

// FuzzMeter: nothing makes the scanner panic; pieces do not matter; and of a
// JSON document it reads what encoding/json does.
func FuzzMeter(f *testing.F) {
	for _, g := range goldens() {
		f.Add(g.read(f), contentType(g.file), uint8(7))
	}
	f.Add([]byte("data: {\r\rdata: "), "text/event-stream", uint8(1))
	f.Add([]byte(`{"eval_count":1}{"eval_count":2`), "", uint8(1))
	api, _ := usage.Match("/api/chat")
	r := usage.NewReader()
	f.Fuzz(func(t *testing.T, body []byte, contentType string, size uint8) {
		whole, pieces := r.Response(api, contentType), r.Response(api, contentType)
		whole.Feed(body, at)
		for rest := body; len(rest) > 0; {
			n := min(len(rest), int(size)+1)
			pieces.Feed(rest[:n], at)
			rest = rest[n:]
		}
		if diff := cmp.Diff(whole.Usage(), pieces.Usage()); diff != "" {
			t.Fatalf("in pieces of %d (-whole +pieces):\n%s", int(size)+1, diff)
		}
		if contentType == "" {
			holdAgainstJSON(t, body, whole.Usage())
		}
		if u := whole.Usage(); len(u.Model) > 128 || usage.ID([]byte(u.Model)) != u.Model {
			t.Fatalf("model %q", u.Model)
		}
	})
}

// holdAgainstJSON compares the output count with what encoding/json makes of a
// document, if it is one with plain keys.
func holdAgainstJSON(t *testing.T, body []byte, u usage.Usage) {
	t.Helper()
	var doc map[string]json.RawMessage
	if json.Unmarshal(body, &doc) != nil || strings.Contains(string(body), `\`) || strings.Count(string(body), `eval_count"`) != 1 {
		return
	}
	var n float64
	if raw, ok := doc["eval_count"]; !ok || len(raw) > 20 || json.Unmarshal(raw, &n) != nil || string(raw) == "null" {
		return
	}
	known := n >= 0 && n <= 1e12 && n == float64(int64(n)) && !strings.HasPrefix(string(doc["eval_count"]), "-")
	if u.Output.Known != known || (known && u.Output.N != int64(n)) {
		t.Fatalf("%s: %+v, want %v", body, u.Output, n)
	}
}

// TestMeterIsSmall: one request costs this much and no more.
func TestMeterIsSmall(t *testing.T) {
	api, _ := usage.Match("/v1/messages")
	r := usage.NewReader()
	per := testing.AllocsPerRun(100, func() {
		m := r.Response(api, "text/event-stream")
		m.Feed([]byte("data: {}\n\n"), at)
	})
	if size := unsafe.Sizeof(usage.Meter{}); size > 512 || per > 4 {
		t.Errorf("%d bytes, %v allocations", size, per)
	}
}
