package systemmeter_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// BenchmarkPoll is one question over the loopback, the device's own work
// included, for each kind of device.
func BenchmarkPoll(b *testing.B) {
	for _, d := range devices() {
		b.Run(string(d.kind), func(b *testing.B) {
			m := newMachine()
			_, meter := opened(b, d, m, "secret")
			p := systemmeter.NewPoller(meter, d.config, systemmeter.PollerOptions{Now: m.now})
			b.ReportAllocs()
			for b.Loop() {
				m.run(1e9, 40)
				if _, err := p.Poll(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
