package align_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/align"
)

// BenchmarkAdd is the cost of a window of 1 s: one that is near no edge, one
// that is near two, and one with eight slots that take a request a second each.
func BenchmarkAdd(b *testing.B) {
	for _, c := range []struct {
		name          string
		every, length time.Duration // of the begins of two requests, and of a request
	}{
		{"idle", time.Hour, time.Second},
		{"two edges", 10 * time.Second, 5 * time.Second},
		{"crowd", time.Second / 8, time.Second * 9 / 10},
	} {
		b.Run(c.name, func(b *testing.B) {
			var spans []align.Span
			for at := -6 * time.Second; at < 7*time.Second; at += c.every {
				start := t0.Add(at)
				spans = append(spans, align.Span{Start: start, FirstToken: start.Add(c.length / 4), End: start.Add(c.length)})
			}
			b.ReportAllocs()
			e := align.New(align.Config{})
			at := t0
			for b.Loop() {
				e.Add(window(at, time.Second, 5), spans)
				at = at.Add(time.Second)
				for i := range spans { // the next window has the same requests around it
					s := &spans[i]
					s.Start, s.FirstToken, s.End = s.Start.Add(time.Second), s.FirstToken.Add(time.Second), s.End.Add(time.Second)
				}
			}
		})
	}
}

// BenchmarkOffset is the cost of an estimate, asked for once a minute.
func BenchmarkOffset(b *testing.B) {
	e := align.New(align.Config{})
	rig{seed: 1, hours: 1}.run(e)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := e.Offset(); !ok {
			b.Fatal("nothing known")
		}
	}
}
