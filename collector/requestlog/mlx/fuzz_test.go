package mlx_test

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
			lines = append(lines, s+marker, marker+s, strings.Replace(s, ": ", ": "+marker, 1),
				strings.Replace(s, "request=", "request="+marker, 1), strings.Replace(s, "model=", "model="+marker, 1),
				strings.Replace(s, "[-]", "["+marker+"]", 1), strings.Replace(s, "127.0.0.1", marker, 1),
				strings.Replace(s, "/Users/x/", "/Users/"+marker+"/", 1), strings.Replace(s, "HTTP/1.1", marker, 1))
			words := strings.Fields(s)
			for i, word := range words {
				words[i] = marker
				lines = append(lines, strings.Join(words, " "))
				words[i] = word
			}
		}
	}
	out := contract().Told(t, lines)
	if !strings.Contains(out, "mlx-community/Qwen3-8B-4bit") {
		t.Error("the model, which may leave the parser, does not")
	}
	parsertest.Hidden(t, out, "Users", "7b08a3bf")
}

// TestBounded: a log of beginnings without ends, and one of cache lines that no
// request follows, keep no more than a bounded number.
func TestBounded(t *testing.T) {
	for name, line := range map[string]string{
		"scheduled": "INFO:vllm_mlx.scheduler:[schedule] request=%d uid=2 prompt_tokens=58 tokens_to_prefill=8, 50 cached max_tokens=1",
		"posted":    `127.0.0.%d - - [24/Nov/2026 10:00:10] "POST /v1/chat/completions HTTP/1.1" 200 -`,
		"reused":    "2026-11-24 10:00:07,000 - omlx.scheduler - INFO - [-] - Prefix cache restore for %d: source=paged cached=4096 suffix=72 blocks=2",
		"loading":   "2026-11-24 10:00:01,000 - omlx.engine_pool - INFO - [-] - Loading model: m%d",
	} {
		t.Run(name, func(t *testing.T) { contract().Bounded(t, line, 100, 1<<17) })
	}
}

// BenchmarkIgnored measures lines that say nothing.
func BenchmarkIgnored(b *testing.B) {
	contract().Benchmark(b, [][]byte{
		[]byte("INFO:vllm_mlx.service.helpers:[disconnect_guard] poll #10 disconnected=False elapsed=5.0s"),
		[]byte("2026-11-24 10:00:06,500 - omlx.patches.mlx_lm_mtp.batch_generator - INFO - [-] - MTP[0] finish=stop tokens=371 cycles=95"),
		[]byte(`127.0.0.1 - - [24/Nov/2026 10:00:05] "GET /v1/models HTTP/1.1" 200 -`),
		[]byte("Fetching 13 files: 100%|##########| 13/13 [00:00<00:00, 1234.56it/s]"),
	})
}

// BenchmarkRequests measures logs of nothing but requests.
func BenchmarkRequests(b *testing.B) {
	for _, name := range goldens {
		b.Run(name, func(b *testing.B) { contract().Benchmark(b, parsertest.Texts(logLines(b, name))) })
	}
}
