package usage_test

import (
	"bytes"
	"testing"

	"github.com/sovmeter/sovmeter/collector/proxy/usage"
)

func benchmark(b *testing.B, file, path string, body []byte) {
	b.Helper()
	m := golden{file, path, usage.Usage{}}.meter(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		m.Feed(body, at)
	}
	b.ReportMetric(float64(bytes.Count(body, []byte("\n")))*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkEvents(b *testing.B) {
	g := golden{"chat_usage.sse", "/v1/chat/completions", usage.Usage{}}
	benchmark(b, g.file, g.path, bytes.Repeat(g.read(b), 100))
}

func BenchmarkLines(b *testing.B) {
	g := golden{"chat.ndjson", "/api/chat", usage.Usage{}}
	benchmark(b, g.file, g.path, bytes.Repeat(g.read(b), 100))
}

func BenchmarkEmbedding(b *testing.B) {
	benchmark(b, "x.json", "/v1/embeddings", append([]byte(`{"data":[`), bytes.Repeat([]byte("0.0123456789,"), 10000)...))
}

func BenchmarkLongText(b *testing.B) {
	benchmark(b, "x.json", "/v1/chat/completions", append([]byte(`{"choices":[{"message":{"content":"`), bytes.Repeat([]byte(`word and \n another `), 10000)...))
}
