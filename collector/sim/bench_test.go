package sim_test

import (
	"io"
	"testing"

	"github.com/sovmeter/sovmeter/collector/sim"
)

// countingWriter counts what it is given.
type countingWriter struct{ bytes, writes int }

func (c *countingWriter) Write(b []byte) (int, error) {
	c.bytes += len(b)
	c.writes++
	return len(b), nil
}

// BenchmarkDefaultDay makes a whole day of documents and log lines.
func BenchmarkDefaultDay(b *testing.B) {
	b.ReportAllocs()
	power := &countingWriter{}
	for b.Loop() {
		*power = countingWriter{}
		m, err := sim.New(sim.DefaultDay(), sim.Streams{Power: power, Logs: map[string]io.Writer{"llama": io.Discard}})
		if err != nil {
			b.Fatal(err)
		}
		if err := m.Run(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(power.writes), "documents")
	b.ReportMetric(float64(power.bytes)/float64(power.writes), "B/document")
}

// BenchmarkDayAtTheWall makes the same day with a whole machine behind the chip.
func BenchmarkDayAtTheWall(b *testing.B) {
	s := sim.DefaultDay()
	s.Wall = roughWall()
	for b.Loop() {
		m, err := sim.New(s, sim.Streams{Logs: map[string]io.Writer{"llama": io.Discard}})
		if err != nil {
			b.Fatal(err)
		}
		if err := m.Run(); err != nil {
			b.Fatal(err)
		}
	}
}
