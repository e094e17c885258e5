package jsonl_test

import (
	"bytes"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

func BenchmarkDecode(b *testing.B) {
	line := []byte(`{"id":"s/1/7","server":"s","gen_ai.request.model":"m",` + times + `,"outcome":"ok","gen_ai.usage.input_tokens":812,"gen_ai.usage.cache_read.input_tokens":500,"gen_ai.usage.output_tokens":120}`)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jsonl.Decode(line); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParse reads requests and calls that were served elsewhere, in turn.
func BenchmarkParse(b *testing.B) {
	lines := [][]byte{
		[]byte(`{"id":"7","client":"editor","project":"docs","gen_ai.request.model":"qwen3-8b",` + times + `,"outcome":"ok","gen_ai.usage.input_tokens":812,"gen_ai.usage.cache_read.input_tokens":500,"gen_ai.usage.output_tokens":120}`),
		[]byte(`{"id":"8","sovmeter.remote":true,"gen_ai.provider.name":"openai","gen_ai.request.model":"gpt-5",` + times + `,"gen_ai.usage.input_tokens":812,"gen_ai.usage.output_tokens":120,"sovmeter.spend_usd":0.00123}`),
	}
	b.SetBytes(int64(len(bytes.Join(lines, nil)) / len(lines)))
	b.ReportAllocs()
	p := jsonl.New(requestlog.Options{Server: "s"})
	n := 0
	for b.Loop() {
		if p.Parse(requestlog.Line{Data: lines[n%len(lines)]}) != requestlog.Used {
			b.Fatal("a line was not used")
		}
		if n++; n%1000 == 0 {
			p.Take()
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
}
