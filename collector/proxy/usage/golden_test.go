package usage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/proxy/usage"
)

// at is when every byte of a golden response arrives.
var at = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

func known(n int64) attribution.Count { return attribution.Known(n) }

func ms(v float64) usage.Span {
	return usage.Span{D: time.Duration(v * float64(time.Millisecond)), Known: true}
}

type golden struct {
	file, path string
	want       usage.Usage
}

// goldens are the responses in testdata with what they tell, worked out by
// hand. They are written after the public references of the APIs and have the
// shapes of the servers named in the package comment.
func goldens() []golden {
	return []golden{
		{"chat.json", "/v1/chat/completions", usage.Usage{
			Model: "qwen3-8b", Input: known(4), Cached: known(20), Output: known(6), Prompt: known(24), Context: known(30),
			Prefill: ms(30.5), Decode: ms(12), Reported: at, Complete: true,
		}},
		{"chat_plain.json", "/v1/chat/completions", usage.Usage{
			Model: "mlx-community/Qwen3-4B-4bit", Output: known(7), Prompt: known(11), Context: known(18), Complete: true,
		}},
		{"chat_usage.sse", "/v1/chat/completions", usage.Usage{
			Model: "qwen3-8b", Input: known(24), Cached: known(0), Output: known(3), Prompt: known(24), Context: known(27),
			FirstContent: at, Prefill: ms(40), Decode: ms(9.5), Reported: at, Complete: true,
		}},
		{"chat_timings.sse", "/chat/completions", usage.Usage{
			Model: "qwen3-8b", Input: known(1), Cached: known(23), Output: known(4), Prompt: known(24), Context: known(28),
			FirstContent: at, Prefill: ms(3.2), Decode: ms(11.7), Reported: at, Complete: true,
		}},
		{"chat_bare.sse", "/v1/chat/completions", usage.Usage{
			Model: "mlx-community/Qwen3-4B-4bit", Output: known(3), Estimated: true, FirstContent: at, Complete: true,
		}},
		{"chat_cut.sse", "/v1/chat/completions", usage.Usage{
			Model: "qwen3-8b", Output: known(2), Estimated: true, FirstContent: at,
		}},
		{"chat_vllm.sse", "/v1/chat/completions", usage.Usage{
			Model: "Qwen/Qwen3-8B", Input: known(4), Cached: known(16), Output: known(6), Prompt: known(20), Context: known(26),
			FirstContent: at, Prefill: ms(120.25), Decode: ms(300.5), Reported: at, Complete: true,
		}},
		{"completions_old.json", "/v1/completions", usage.Usage{
			Model: "llama", Input: known(4), Cached: known(6), Output: known(3), Prompt: known(10), Context: known(13),
			Prefill: ms(14), Decode: ms(6), Reported: at, Complete: true,
		}},
		{"completion_native.sse", "/completion", usage.Usage{
			Model: "llama", Input: known(1), Cached: known(9), Output: known(1), Prompt: known(10), Context: known(11),
			FirstContent: at, Prefill: ms(2.5), Decode: ms(3.5), Reported: at,
		}},
		{"responses.json", "/v1/responses", usage.Usage{
			Model: "gpt-oss-20b", Input: known(24), Cached: known(12), Output: known(87), Prompt: known(36), Context: known(123),
		}},
		{"responses.sse", "/v1/responses", usage.Usage{
			Model: "gpt-oss-20b", Input: known(1), Cached: known(23), Output: known(4), Prompt: known(24), Context: known(28),
			FirstContent: at, Complete: true,
		}},
		{"responses_failed.sse", "/v1/responses", usage.Usage{Model: "gpt-oss-20b", Failed: true}},
		{"responses_error.sse", "/v1/responses", usage.Usage{
			Model: "gpt-oss-20b", Output: known(1), Estimated: true, FirstContent: at, Failed: true,
		}},
		{"embeddings.json", "/v1/embeddings", usage.Usage{
			Model: "nomic-embed-text", Input: known(8), Cached: known(0), Output: known(0), Prompt: known(8), Context: known(8),
		}},
		{"messages.json", "/v1/messages", usage.Usage{
			Model: "claude-local", Input: known(15), CacheWrite: known(5), Cached: known(100), Output: known(20), Prompt: known(115), Context: known(135),
		}},
		{"messages_uncached.json", "/v1/messages", usage.Usage{
			Model: "qwen3:8b", Output: known(20), Prompt: known(10), Context: known(30),
		}},
		{"messages.sse", "/v1/messages", usage.Usage{
			Model: "claude-local", Input: known(25), Cached: known(75), Output: known(15), Prompt: known(100), Context: known(115),
			FirstContent: at, Complete: true,
		}},
		{"messages_cut.sse", "/v1/messages", usage.Usage{
			Model: "claude-local", Input: known(25), Cached: known(75), Output: known(2), Prompt: known(100), Context: known(102),
			Estimated: true, FirstContent: at,
		}},
		{"messages_error.sse", "/v1/messages", usage.Usage{
			Model: "claude-local", Input: known(25), Cached: known(0), Prompt: known(25), Failed: true,
		}},
		{"generate.ndjson", "/api/generate", usage.Usage{
			Model: "qwen3:8b", Input: known(20), Cached: known(6), Output: known(290), Prompt: known(26), Context: known(316),
			FirstContent: at, Prefill: ms(500), Decode: ms(1900), Load: ms(2000), Reported: at, Complete: true,
		}},
		{"chat.ndjson", "/api/chat", usage.Usage{
			Model: "qwen3:8b", Output: known(29), Prompt: known(26), Context: known(55),
			FirstContent: at, Prefill: ms(50), Decode: ms(190), Load: ms(20), Reported: at, Complete: true,
		}},
		{"chat_cut.ndjson", "/api/chat", usage.Usage{
			Model: "qwen3:8b", Output: known(2), Estimated: true, FirstContent: at,
		}},
		{"chat_error.ndjson", "/api/chat", usage.Usage{
			Model: "qwen3:8b", Output: known(1), Estimated: true, FirstContent: at, Failed: true,
		}},
		{"chat_cloud.ndjson", "/api/chat", usage.Usage{
			Model: "gpt-oss:120b-cloud", Output: known(9), Prompt: known(70), Context: known(79), FirstContent: at, Complete: true, Elsewhere: true,
		}},
		{"ollama_whole.json", "/api/chat", usage.Usage{
			Model: "qwen3:8b", Prefill: ms(50), Decode: ms(190), Load: ms(20), Reported: at, Complete: true,
		}},
		{"embed.json", "/api/embed", usage.Usage{
			Model: "nomic-embed-text", Input: known(8), Cached: known(0), Output: known(0), Prompt: known(8), Context: known(8),
			Load: ms(1.0195), Reported: at,
		}},
		{"error.json", "/v1/chat/completions", usage.Usage{Failed: true}},
		{"line_ends.sse", "/v1/chat/completions", usage.Usage{
			Model: "m", Output: known(2), Prompt: known(5), Context: known(7), FirstContent: at, Complete: true,
		}},
		{"broken.sse", "/v1/chat/completions", usage.Usage{
			Model: "m", Output: known(1), Prompt: known(5), Context: known(6), FirstContent: at, Estimated: true,
		}},
		{"not_json.ndjson", "/api/chat", usage.Usage{
			Model: "m", Output: known(4), Prompt: known(3), Context: known(7), FirstContent: at, Complete: true,
		}},
	}
}

// contentType is that of a file in testdata.
func contentType(file string) string {
	return map[string]string{
		".json": "application/json; charset=utf-8", ".sse": "text/event-stream", ".ndjson": "application/x-ndjson",
	}[filepath.Ext(file)]
}

func (g golden) read(t testing.TB) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", g.file))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (g golden) meter(t testing.TB) *usage.Meter {
	t.Helper()
	api, ok := usage.Match(g.path)
	if !ok {
		t.Fatalf("%s is of no API", g.path)
	}
	return usage.NewReader().Response(api, contentType(g.file))
}

func TestGolden(t *testing.T) {
	for _, g := range goldens() {
		t.Run(g.file, func(t *testing.T) {
			m := g.meter(t)
			m.Feed(g.read(t), at)
			if diff := cmp.Diff(g.want, m.Usage()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryFileIsGolden keeps testdata and its table together.
func TestEveryFileIsGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) != len(goldens()) {
		t.Errorf("%d files, %d in the table, %v", len(files), len(goldens()), err)
	}
}

// TestPieces: where the body is cut on its way does not matter.
func TestPieces(t *testing.T) {
	for _, g := range goldens() {
		t.Run(g.file, func(t *testing.T) {
			body := g.read(t)
			rapid.Check(t, func(rt *rapid.T) {
				m := g.meter(t)
				for rest := body; len(rest) > 0; {
					n := min(len(rest), rapid.IntRange(1, 40).Draw(rt, "piece"))
					m.Feed(rest[:n], at)
					rest = rest[n:]
				}
				if diff := cmp.Diff(g.want, m.Usage()); diff != "" {
					rt.Fatalf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestFirstContentIsTheFirst: the time is that of the first chunk with content,
// and durations count from the last numbers.
func TestFirstContentIsTheFirst(t *testing.T) {
	m := golden{"x.ndjson", "/api/generate", usage.Usage{}}.meter(t)
	for i, line := range []string{`{"response":""}`, `{"response":"a"}`, `{"response":"b"}`, `{"done":true,"eval_duration":5}`, `{}`} {
		m.Feed([]byte(line+"\n"), at.Add(time.Duration(i)*time.Second))
	}
	u := m.Usage()
	if want := at.Add(time.Second); !u.FirstContent.Equal(want) {
		t.Errorf("first content at %v, want %v", u.FirstContent, want)
	}
	if want := at.Add(3 * time.Second); !u.Reported.Equal(want) {
		t.Errorf("reported at %v, want %v", u.Reported, want)
	}
}

// TestSizeDoesNotMatter: usage behind 100 MB is found, in constant memory.
func TestSizeDoesNotMatter(t *testing.T) {
	m := golden{"x.json", "/v1/embeddings", usage.Usage{}}.meter(t)
	m.Feed([]byte(`{"model":"m","data":[{"embedding":[`), at)
	numbers := []byte(strings.Repeat("0.0123456789,", 5000))
	grown := testing.AllocsPerRun(100e6/len(numbers)-1, func() { m.Feed(numbers, at) })
	m.Feed([]byte(`1]}],"usage":{"prompt_tokens":8}}`), at)
	if u := m.Usage(); u.Input != known(8) || u.Model != "m" {
		t.Errorf("%+v", u)
	}
	if grown != 0 {
		t.Errorf("%v allocations for each piece", grown)
	}
}
