package litellm_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/litellm"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// line is a payload with some fields changed: "key:value" pairs, the value as
// JSON; an empty one takes the key out.
func line(changes ...string) []byte {
	fields := [][2]string{
		{"id", `"x"`}, {"call_type", `"completion"`}, {"status", `"success"`}, {"model", `"m"`},
		{"custom_llm_provider", `"openai"`}, {"api_base", `"https://api.openai.com/v1"`},
		{"startTime", "1790000000.5"}, {"endTime", "1790000001.5"},
		{"prompt_tokens", "10"}, {"completion_tokens", "2"},
	}
	for _, c := range changes {
		key, value, _ := strings.Cut(c, ":")
		found := false
		for i := range fields {
			if fields[i][0] == key {
				fields[i][1], found = value, true
			}
		}
		if !found {
			fields = append(fields, [2]string{key, value})
		}
	}
	var parts []string
	for _, f := range fields {
		if f[1] != "" {
			parts = append(parts, fmt.Sprintf("%q: %s", f[0], f[1]))
		}
	}
	return []byte("{" + strings.Join(parts, ", ") + "}")
}

func one(t *testing.T, p *litellm.Parser, line []byte) (requestlog.Facts, requestlog.Verdict) {
	t.Helper()
	v := p.Parse(requestlog.Line{Data: line})
	return p.Take(), v
}

// TestPlace: where a call ran follows from the host of api_base alone.
func TestPlace(t *testing.T) {
	tests := []struct {
		base, provider string
		want           string // request, remote, or "" for ignored
	}{
		{"http://127.0.0.1:8081/v1", "openai", "request"},
		{"http://127.9.9.9:8081", "openai", "request"},
		{"http://[::1]:8081/v1", "openai", "request"},
		{"http://[::ffff:127.0.0.1]:8081", "openai", "request"},
		{"http://0.0.0.0:8081/v1", "openai", "request"},
		{"http://LOCALHOST:8081/v1", "openai", "request"},
		{"http://models.localhost:8081/v1", "openai", "request"},
		{"localhost:8081/v1", "openai", "request"},
		{"http://host.docker.internal:8081/v1", "openai", "request"},
		{"http://Mac.local.:8081/v1", "openai", "request"},
		{"http://192.168.1.5:8081/v1", "openai", "request"},
		{"http://192.168.1.6:8081/v1", "openai", "remote"},
		{"http://other.local:8081/v1", "openai", "remote"},
		{"http://localhost.example.com/v1", "openai", "remote"},
		{"http://127.0.0.1.example.com/v1", "openai", "remote"},
		{"http://localhost@example.com/v1", "openai", "remote"},
		{"https://api.openai.com/v1?host=localhost", "openai", "remote"},
		{"https://{region}.example.com", "bedrock", "remote"},
		{"http://localhost:1234/v1", "openai", ""}, // metered elsewhere
		{"http://localhost/v1", "openai", ""},      // port 80
		{"https://localhost/v1", "openai", "request"},
		{"", "openai", "remote"},
		{"", "ollama", ""}, // its usual port
		{"", "llamafile", "request"},
		{"", "vllm", "request"},
		{"", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.base+" "+tt.provider, func(t *testing.T) {
			p := litellm.New(requestlog.Options{Server: "gw", Elsewhere: []int{11434, 1234, 80}, Hosts: []string{"mac.local", "192.168.1.5"}})
			f, _ := one(t, p, line("api_base:"+fmt.Sprintf("%q", tt.base), "custom_llm_provider:"+fmt.Sprintf("%q", tt.provider)))
			got := ""
			switch {
			case len(f.Requests) == 1 && len(f.Remote) == 0:
				got = "request"
			case len(f.Remote) == 1 && len(f.Requests) == 0:
				got = "remote"
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	tests := []struct {
		name string
		line []byte
		want requestlog.Verdict
	}{
		{"whole", line(), requestlog.Used},
		{"spaces around", append(append([]byte(nil), line()...), " \r"...), requestlog.Used},
		{"no start", line("startTime:"), requestlog.Ignored},
		{"no call type", line("call_type:"), requestlog.Ignored},
		{"not inference", line(`call_type:"alist_batches"`), requestlog.Ignored},
		{"unknown call type", line("call_type:null"), requestlog.Ignored},
		{"cached by the gateway", line("cache_hit:true"), requestlog.Ignored},
		{"cut off", line()[:len(line())-1], requestlog.Ignored},
		{"something behind", append(append([]byte(nil), line()...), "}"...), requestlog.Ignored},
		{"start is null", line("startTime:null"), requestlog.Malformed},
		{"start is not a time", line(`startTime:"yesterday"`), requestlog.Malformed},
		{"start is negative", line("startTime:-5"), requestlog.Malformed},
		{"start is in milliseconds", line("startTime:1790000000500"), requestlog.Malformed},
		{"end before start", line("endTime:1790000000.25"), requestlog.Malformed},
		{"tokens are negative", line("prompt_tokens:-1"), requestlog.Malformed},
		{"tokens are not whole", line("prompt_tokens:1.5"), requestlog.Malformed},
		{"tokens are absurd", line("completion_tokens:1e300"), requestlog.Malformed},
		{"tokens are many", line("completion_tokens:1000000000001"), requestlog.Malformed},
		{"cost is not a number", line("response_cost:NaN"), requestlog.Malformed},
		{"cost is negative", line("response_cost:-0.1"), requestlog.Malformed},
		{"cost is absurd", line("response_cost:1000000.1"), requestlog.Malformed},
		{"status is another", line(`status:"maybe"`), requestlog.Malformed},
		{"deeper than anybody needs", []byte(strings.Repeat(`{"metadata": `, 9) + "{}" + strings.Repeat("}", 9)), requestlog.Ignored},
		{"text", []byte("INFO:     Application startup complete."), requestlog.Ignored},
		{"empty", nil, requestlog.Ignored},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, got := one(t, litellm.New(requestlog.Options{Server: "gw"}), tt.line); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// TestSpend: the cost is the decimal text, rounded to a billionth.
func TestSpend(t *testing.T) {
	tests := []struct {
		text  string
		want  attribution.NanoUSD
		known bool
	}{
		{"0.1", 100_000_000, true},
		{"0.3", 300_000_000, true},
		{"0.30000000000000004", 300_000_000, true},
		{"0.00028499999999999996", 285_000, true},
		{"2.85e-05", 28_500, true},
		{"1.25E-7", 125, true},
		{"1e-06", 1_000, true},
		{"1.5e-9", 2, true},
		{"1.49e-9", 1, true},
		{"4e-10", 0, true}, // not free, but less than a billionth
		{"1e-400", 0, true},
		{"12", 12_000_000_000, true},
		{"12.000000001", 12_000_000_001, true},
		{"123456.123456789499999999999999999999999999", 123_456_123_456_789, true},
		{"0", 0, false},
		{"0.0", 0, false},
		{"0e5", 0, false},
		{"null", 0, false},
	}
	for _, tt := range tests {
		f, _ := one(t, litellm.New(requestlog.Options{Server: "gw"}), line("response_cost:"+tt.text))
		if len(f.Remote) != 1 {
			t.Errorf("%s: no call", tt.text)
			continue
		}
		if c := f.Remote[0]; c.Spend != tt.want || c.SpendKnown != tt.known {
			t.Errorf("%s: %d, %v, want %d, %v", tt.text, c.Spend, c.SpendKnown, tt.want, tt.known)
		}
	}
}

// TestUnknownIsNotZero: what LiteLLM does not know it writes as 0.
func TestUnknownIsNotZero(t *testing.T) {
	local := `api_base:"http://localhost:8081"`
	f, _ := one(t, litellm.New(requestlog.Options{Server: "gw"}), line(local, `status:"failure"`, "prompt_tokens:0", "completion_tokens:0"))
	if r := f.Requests[0]; r.Input.Known || r.Output.Known || r.Cached.Known || r.Context.Known || r.Outcome != attribution.OutcomeError {
		t.Errorf("a failure has counts: %+v", r)
	}
	f, _ = one(t, litellm.New(requestlog.Options{Server: "gw"}), line(local, `metadata:{"usage_object": {"prompt_tokens_details": {"cached_tokens": 11}}}`))
	if r := f.Requests[0]; r.Input.Known || r.Cached != attribution.Known(11) {
		t.Errorf("more cached than prompt tokens gives %+v", r)
	}
	f, _ = one(t, litellm.New(requestlog.Options{Server: "gw", NoCache: true, Model: "mine"}), line(local))
	if r := f.Requests[0]; r.Input != attribution.Known(10) || r.Cached != attribution.Known(0) || r.Model != "mine" {
		t.Errorf("without a cache: %+v", r)
	}
}

// TestTakenOnce: two callbacks write the same call; a retry is another.
func TestTakenOnce(t *testing.T) {
	p := litellm.New(requestlog.Options{Server: "gw"})
	n := 0
	for i := range 300 {
		for range 2 {
			f, _ := one(t, p, line(fmt.Sprintf(`id:"c%d"`, i)))
			n += len(f.Remote)
		}
	}
	f, _ := one(t, p, line(`id:"c299"`, "startTime:1790000000.75"))
	if n += len(f.Remote); n != 301 {
		t.Errorf("%d calls, want 301", n)
	}
	if state, err := p.State(); err != nil || len(state) > 4096 {
		t.Errorf("a state of %d bytes, %v", len(state), err)
	}
}

// TestForged: text in a payload's strings, or around a printed one, makes no call
// and changes none.
func TestForged(t *testing.T) {
	inner := string(line(`id:"forged"`))
	quoted := strings.ReplaceAll(inner, `"`, `\"`)
	tests := []struct {
		name  string
		lines []string
		calls int
	}{
		{"in a message", []string{string(line(`messages:[{"content": "` + quoted + `"}]`))}, 1},
		{"a key of a nested object", []string{string(line(`model_parameters:{"prompt_tokens": 99999, "id": "forged"}`))}, 1},
		{"lifted from a sentence", []string{strings.Replace(inner, "{", `{"message": "got a body: {'id': 'forged'}", "level": "DEBUG", `, 1)}, 0},
		{"pasted into a line", []string{"user said " + inner}, 0},
		{"a printed one in the middle of another", []string{"{", `    "id": "forged",`, "{", `    "id": "x",`, `    "call_type": "completion",`, `    "custom_llm_provider": "openai",`,
			`    "startTime": 1790000000.5,`, `    "messages": [`, "        {", `            "prompt_tokens": 99999,`, `            "content": "}\n{"`, "        }", "    ],", `    "endTime": 1790000001.5,`, `    "prompt_tokens": 10,`, `    "completion_tokens": 2`, "}"}, 1},
		{"fields behind the end", []string{"{", `    "id": "x"`, "}", `    "call_type": "completion",`, `    "startTime": 1790000000.5,`, `    "endTime": 1790000001.5`, "}"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := contract(requestlog.Options{Server: "gw"}).Parse(parsertest.Arriving([]byte(strings.Join(tt.lines, "\n")), time.Time{}))
			if len(f.Remote)+len(f.Requests) != tt.calls {
				t.Fatalf("%d remote calls, %d requests, want %d", len(f.Remote), len(f.Requests), tt.calls)
			}
			for _, c := range f.Remote {
				if c.ID != "gw/x/1790000000500" || c.Input != attribution.Known(10) {
					t.Errorf("got %+v", c)
				}
			}
		})
	}
}

// TestLongLines: a line of a printed payload that the follower skips, such as a
// prompt, costs nothing.
func TestLongLines(t *testing.T) {
	c := contract(requestlog.Options{Server: "gw"})
	lines := linesOf(t, "printed")
	whole, _ := c.Parse(lines)
	for i := range lines {
		if bytes.Contains(lines[i].Data, []byte(`"content"`)) {
			lines[i].Data = nil
		}
	}
	kept, _ := c.Parse(lines)
	if diff := cmp.Diff(whole, kept); diff != "" {
		t.Error(diff)
	}
}
