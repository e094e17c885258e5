package parsertest

import (
	"fmt"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Most requests and loads that a parser may have under way.
const (
	mostInFlight = 1024
	mostLoading  = 16
)

// Bounded parses a log of one kind of line, 5000 times with another number in the
// place of its verb: beginnings without ends. The largest state must have at least
// least bytes, as it does when the lines are taken for what they are, and no more
// than most.
func (c Contract) Bounded(t testing.TB, line string, least, most int) {
	t.Helper()
	p, largest := c.New(), 0
	for i := range 5000 {
		p.Parse(requestlog.Line{Data: fmt.Appendf(nil, line, i), Offset: int64(i), Arrival: c.Begin})
		if i%500 != 499 {
			continue
		}
		if f := p.Take(); len(f.InFlight) > mostInFlight || len(f.Loading) > mostLoading {
			t.Fatalf("%d requests, %d loads under way", len(f.InFlight), len(f.Loading))
		}
		largest = max(largest, len(stateOf(t, p)))
	}
	if largest > most || largest < least {
		t.Errorf("the state grew to %d bytes", largest)
	}
}

// FuzzRestore checks that no checkpoint makes a parser panic, then or later. It begins with
// the states after some of the lines of each log, and goes on with the lines after.
func (c Contract) FuzzRestore(f *testing.F, every int, after []requestlog.Line, logs ...[]requestlog.Line) {
	for _, log := range logs {
		p := c.New()
		for i, l := range log {
			p.Parse(l)
			if i%every == 0 {
				f.Add(stateOf(f, p))
			}
		}
	}
	f.Fuzz(func(_ *testing.T, state []byte) {
		p := c.New()
		if p.Restore(state) != nil {
			return
		}
		for _, l := range after {
			p.Parse(l)
		}
		p.Take()
	})
}

// Foreign fails when the format recognises one of the lines, of other formats.
func (c Contract) Foreign(t testing.TB, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if c.Format.Detect([][]byte{[]byte(line)}) != 0 {
			t.Errorf("recognised %q", line)
		}
	}
}

// Benchmark measures the parsing of the lines, in bytes and lines a second.
func (c Contract) Benchmark(b *testing.B, lines [][]byte) {
	size := 0
	for _, l := range lines {
		size += len(l) + 1
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	p := c.New()
	for b.Loop() {
		for i, l := range lines {
			p.Parse(requestlog.Line{Data: l, Offset: int64(i), Arrival: c.Begin})
		}
		p.Take()
	}
	b.ReportMetric(float64(len(lines))*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
