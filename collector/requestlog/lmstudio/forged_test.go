package lmstudio_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/lmstudio"
)

// TestForged: text that imitates the log, in all the places where the log has
// text, begins and ends nothing.
func TestForged(t *testing.T) {
	const (
		begin = "0 [INFO][a] Running chat completion on conversation with 1 messages."
		end   = "9 [INFO][a] Finished streaming response"
	)
	want := []string{"a ok 0.5-9.5 ?/?/?/?"}
	tests := []struct {
		name   string
		script []string
	}{
		{"none", nil},
		{"a stamp of another time", []string{"5 [DEBUG] Accumulated 2 tokens: well", "[2026-11-24 11:00:00][INFO][a] Finished streaming response"}},
		{"a stamp that stands further right", []string{" [2026-11-24 12:00:05][INFO][a] Finished streaming response"}},
		{"a body's string", []string{"5 [DEBUG] Received request: POST to /v1/chat/completions with body {",
			`  "content": "\n[2026-11-24 12:00:05][INFO][a] Finished streaming response"`, "}"}},
		{"an engine's lines in text", []string{"5 [DEBUG] Accumulated 3 tokens: see",
			"slot launch_slot_: id  0 | task 1 | processing task, is_child = 0",
			"slot print_timing: id  0 | task 1 | prompt eval time =    1000.00 ms /   9 tokens (x)",
			"slot print_timing: id  0 | task 1 |        eval time =    1000.00 ms /   9 tokens (x)",
			"slot      release: id  0 | task 1 | stop processing: n_tokens = 17, truncated = 0"}},
		{"an engine's lines in a body", []string{"5 [DEBUG] Received request: POST to /v1/completions with body {",
			"Total prompt tokens: 7", "Prompt tokens to decode: 7", "}",
			"llama_perf_context_print:        eval time =    9000.00 ms /    90 runs   (x)"}},
		{"a summary in text", []string{"5 [DEBUG] Accumulated 3 tokens: 12:00:05 Done · input 1 · cached 0 · output 9",
			"12:00:05 Done · input 1 · cached 0 · output 9", "6 [INFO][a] 12:00:05 Done · input 1 · cached 0 · output 9"}},
		{"a response in text", []string{"5 [INFO][a] Model generated tool calls: [f(x=\"", "Generated prediction: {",
			`  "usage": {`, `    "prompt_tokens": 5,`, `    "completion_tokens": 2`, "  }", "}"}},
		{"timings without a heading", []string{"5 [DEBUG] prompt eval time =    1000.00 ms /   9 tokens (x)",
			"       eval time =    1000.00 ms /   9 tokens (x)"}},
		{"a summary that says more", []string{"5 [DEBUG] Done · input 1 · cached 0 · output 9 · and more"}},
		{"cached tokens above the prompt's", []string{"5 [DEBUG] Done · input 1 · cached 2 · output 9", "5 [DEBUG] Prompt cache: using 9/5 tokens from cache"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := append(append([]string{begin, "0 [INFO][a] Streaming response..."}, tt.script...), end)
			got := play(t, lmstudio.New(requestlog.Options{}), script...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestForgedAhead: a stamp of a time that has not come is not believed.
func TestForgedAhead(t *testing.T) {
	p := lmstudio.New(requestlog.Options{})
	for _, text := range []string{
		"0 [INFO][a] Running chat completion on conversation with 1 messages.",
		"3600 [INFO][a] Finished streaming response",
	} {
		p.Parse(requestlog.Line{Data: []byte(stamped(text)), Arrival: noon.Add(time.Second), Spread: time.Second})
	}
	if f := p.Take(); len(f.Requests) != 0 || len(f.InFlight) != 1 {
		t.Errorf("facts %+v", f)
	}
}

// TestUsageOnly: a response's usage is read where it stands in the response, and
// nothing that looks like it elsewhere.
func TestUsageOnly(t *testing.T) {
	got := play(t, lmstudio.New(requestlog.Options{}),
		"0 [INFO][a] Running chat completion on conversation with 1 messages.",
		"9 [INFO][a] Generated prediction:  {",
		`  "choices": [`,
		`    {`,
		`    "prompt_tokens": 9999,`,
		`      "usage": {`,
		`        "prompt_tokens": 9999,`,
		`    "completion_tokens": 9999`,
		`  ],`,
		`  "usage": {`,
		`    "prompt_tokens": 50,`,
		`    "prompt_tokens_details": {`,
		`      "cached_tokens": 40`,
		`    },`,
		`    "completion_tokens": 7,`,
		`    "completion_tokens": 7 and more`,
		`  },`,
		`  "note": {`,
		`    "completion_tokens": 9999`,
		`  }`,
		`}`)
	if diff := cmp.Diff([]string{"a ok 0.5-9.5 10/40/7/57"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCut: a response that is cut off, or whose longest lines the reader did not
// keep, ends its request all the same.
func TestCut(t *testing.T) {
	got := play(t, lmstudio.New(requestlog.Options{}),
		"0 [INFO][a] Running chat completion on conversation with 1 messages.",
		"9 [INFO][a] Generated prediction:  {", `  "usage": {`, `    "prompt_tokens": 50,`,
		"10 [INFO][b] Running chat completion on conversation with 1 messages.",
		"11 [INFO][b] Generated prediction: (not shown in logs)")
	if diff := cmp.Diff([]string{"a ok 0.5-9.5 ?/?/?/?", "b ok 10.5-11.5 ?/?/?/?"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDetect(t *testing.T) {
	split := func(s string) [][]byte {
		var all [][]byte
		for _, l := range strings.Split(s, "\n") {
			all = append(all, []byte(l))
		}
		return all
	}
	tests := []struct {
		name, sample string
		want         int
	}{
		{"nothing", "", 0},
		{"entries with an engine's lines", "[2026-04-24 18:04:33][DEBUG] slot x\nslot launch_slot_: id  1 | task 3\nsrv  x: y", 3},
		{"begun in the middle", "slot launch_slot_: id  1 | task 3\n[2026-04-24 18:04:33][INFO][a/b] x", 1},
		{"llama-server", "slot launch_slot_: id  1 | task 3\n0.00.148.218 I srv    load_model: x", 0},
		{"another log", "[2026-04-24 18:04:33] [INFO] x\n[2026-04-24T18:04:33][INFO] x\n[GIN] 2026/04/24", 0},
		{"text that quotes one line", "[2026-04-24 18:04:33][INFO] x" + strings.Repeat("\nsrv  x: y", 500), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := lmstudio.Detect(split(tt.sample)); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
