package llamacpp_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// FuzzBuilds: no log of any build makes the parser panic, grow without bound, give
// a request that cannot be, or go on differently after a restart.
func FuzzBuilds(f *testing.F) {
	for _, name := range builds(f) {
		f.Add(parsertest.Joined(buildLines(f, name)), uint8(7))
	}
	for _, run := range routed {
		data := capture(f, run)
		f.Add(data[len(data)/2:][:3000], uint8(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
		contract().Agree(t, parsertest.Mixed(data, begun), int(cut))
	})
}
