package publishers_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

// BenchmarkRead reads each publisher's real table.
func BenchmarkRead(b *testing.B) {
	for _, f := range published() {
		b.Run(string(f.format), func(b *testing.B) {
			data := f.read(b)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := publishers.Read(f.format, data, f.day); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
