package llamacpp_test

import (
	"bytes"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// BenchmarkRuns measures every recorded run as it is.
func BenchmarkRuns(b *testing.B) {
	runs := append([]string{"slow-progress"}, routed...)
	for _, c := range captures {
		runs = append(runs, c.run)
	}
	for _, run := range runs {
		b.Run(run, func(b *testing.B) { benchmarkLines(b, bytes.Split(capture(b, run), []byte("\n"))) })
	}
}

// BenchmarkBuilds measures the dresses of other builds.
func BenchmarkBuilds(b *testing.B) {
	for _, name := range builds(b) {
		var lines [][]byte
		for _, l := range buildLines(b, name) {
			lines = append(lines, l.Data)
		}
		b.Run(name, func(b *testing.B) { benchmarkLines(b, lines) })
	}
}

func benchmarkLines(b *testing.B, lines [][]byte) {
	size := 0
	for _, line := range lines {
		size += len(line) + 1
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	p := llamacpp.New(requestlog.Options{Server: "s"})
	for b.Loop() {
		for i, line := range lines {
			p.Parse(requestlog.Line{Data: line, Offset: int64(i), Arrival: begun})
		}
		p.Take()
	}
	b.ReportMetric(float64(b.N)*float64(len(lines))/b.Elapsed().Seconds(), "lines/s")
}
