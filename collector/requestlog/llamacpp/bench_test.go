package llamacpp_test

import (
	"bytes"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// BenchmarkRuns measures every recorded run as it is.
func BenchmarkRuns(b *testing.B) {
	runs := append([]string{"slow-progress"}, routed...)
	for _, c := range captures {
		runs = append(runs, c.run)
	}
	for _, run := range runs {
		b.Run(run, func(b *testing.B) { contract().Benchmark(b, bytes.Split(capture(b, run), []byte("\n"))) })
	}
}

// BenchmarkBuilds measures the dresses of other builds.
func BenchmarkBuilds(b *testing.B) {
	for _, name := range builds(b) {
		b.Run(name, func(b *testing.B) { contract().Benchmark(b, parsertest.Texts(buildLines(b, name))) })
	}
}
