package vllm_test

import (
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// FuzzParser: no input makes the parser panic, give a request that cannot be,
// keep ever more, or go on differently after a restart.
func FuzzParser(f *testing.F) {
	for _, name := range goldens {
		data := parsertest.Joined(logLines(f, name))
		f.Add(data, uint8(3))
		f.Add(data, uint8(9))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		contract().Agree(t, parsertest.Mixed(data, base), int(cut))
	})
}

// FuzzRestore: no checkpoint makes the parser panic, then or later.
func FuzzRestore(f *testing.F) {
	var logs [][]requestlog.Line
	var all []requestlog.Line
	for _, name := range goldens {
		lines := logLines(f, name)
		logs, all = append(logs, lines), append(all, lines...)
	}
	contract().FuzzRestore(f, 3, all, logs...)
}

// TestPrivacy puts a marker into every place where a server could print text,
// and looks for it in all that leaves the parser.
func TestPrivacy(t *testing.T) {
	const marker = parsertest.Marker
	var lines []string
	for _, name := range goldens {
		for _, l := range logLines(t, name) {
			s := string(l.Data)
			lines = append(lines, s+marker, marker+s, strings.Replace(s, "] ", "] "+marker, 1),
				strings.Replace(s, "chatcmpl-", "chatcmpl-"+marker, 1), strings.Replace(s, "cmpl-", "cmpl-GEHEIM", 1),
				strings.Replace(s, "output: '", "output: '"+marker, 1), strings.Replace(s, "'model': '", "'model': '"+marker, 1),
				strings.Replace(s, "127.0.0.1", marker, 1), strings.Replace(s, "/Users/x/", "/Users/"+marker+"/", 1),
				strings.Replace(s, "HTTP/1.1", marker, 1), strings.Replace(s, "SamplingParams(", "SamplingParams("+marker, 1))
			words := strings.Fields(s)
			for i, word := range words {
				words[i] = marker
				lines = append(lines, strings.Join(words, " "))
				words[i] = word
			}
		}
	}
	out := contract().Told(t, lines)
	if !strings.Contains(out, "Qwen/Qwen3-0.6B") {
		t.Error("the model, which may leave the parser, does not")
	}
	parsertest.Hidden(t, out, "Users", "chatcmpl")
}

// TestBounded: a log of beginnings without ends, and one of cache lines that no
// request follows, keep no more than a bounded number.
func TestBounded(t *testing.T) {
	for name, line := range map[string]string{
		"received": "INFO 11-24 10:00:10 [logger.py:40] Received request chatcmpl-%d: params: SamplingParams(n=1, x",
		"added":    "INFO 11-24 10:00:10 [async_llm.py:40] Added request chatcmpl-%d.",
		"deltas":   "INFO 11-24 10:00:10 [logger.py:40] Generated response chatcmpl-%d (streaming delta): output: 'x', output_token_ids: [1], finish_reason: None",
		"finished": "INFO 11-24 10:00:10 [a.py:40] Finished request %d.",
	} {
		t.Run(name, func(t *testing.T) { contract().Bounded(t, line, 40, 1<<17) })
	}
}

// BenchmarkIgnored measures lines that say nothing.
func BenchmarkIgnored(b *testing.B) {
	contract().Benchmark(b, [][]byte{
		[]byte("(APIServer pid=4286) INFO 11-24 10:00:10 [launcher.py:46] Route: /v1/responses/{response_id}, Methods: GET"),
		[]byte("(EngineCore_DP0 pid=4300) INFO 11-24 10:00:10 [kv_cache_utils.py:849] GPU KV cache size: 922,496 tokens"),
		[]byte(`(APIServer pid=4286) INFO:     127.0.0.1:50400 - "GET /metrics HTTP/1.1" 200 OK`),
		[]byte("Loading safetensors checkpoint shards: 100% Completed | 1/1 [00:00<00:00,  2.10it/s]"),
	})
}

// BenchmarkRequests measures logs of nothing but requests.
func BenchmarkRequests(b *testing.B) {
	for _, name := range goldens {
		b.Run(name, func(b *testing.B) { contract().Benchmark(b, parsertest.Texts(logLines(b, name))) })
	}
}
