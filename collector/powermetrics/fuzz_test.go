package powermetrics_test

import (
	"bytes"
	"errors"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

// FuzzDecoder checks on any bytes that decoding ends, that every sample has a
// length, and that it does not matter in which pieces the bytes arrive.
func FuzzDecoder(f *testing.F) {
	one := usual()
	odd := usual()
	odd.idle, odd.gpuIdle, odd.delta = []string{"nan"}, "1.5", "false"
	odd.extra = "<key>coalitions</key><array><dict><key>name</key><string>a&b</string><key>tasks</key><array><dict><key>pid</key><integer>-1</integer></dict></array></dict></array><!-- -->"
	f.Add([]byte(stream(one, odd, one)))
	f.Add([]byte(one.String()[:150] + odd.String()))
	f.Add([]byte("text\n" + one.String() + "<?x"))
	f.Add(madeDocument(2))
	f.Add([]byte(twice(stream(one, one), stream(one)+"\x00text\x00"+one.String())))
	f.Add([]byte("<plist><dict><key>elapsed_ns</key><integer>9</integer><key>a</key><string><</string></dict></plist>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		samples, skipped := decode(t, bytes.NewReader(data))
		for _, s := range samples {
			if s.Elapsed <= 0 {
				t.Errorf("sample of length %v", s.Elapsed)
			}
			if s.CPU.Busy < 0 || s.GPU.Busy < 0 || s.GPU.Busy > s.Elapsed {
				t.Errorf("busy time out of range: CPU %v, GPU %v of %v", s.CPU.Busy, s.GPU.Busy, s.Elapsed)
			}
		}
		again, skippedAgain := decode(t, iotest.OneByteReader(bytes.NewReader(data)))
		if diff := cmp.Diff(samples, again, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("samples (-whole +byte by byte):\n%s", diff)
		}
		if diff := cmp.Diff(documents(skipped), documents(skippedAgain), cmpopts.EquateErrors()); diff != "" {
			t.Errorf("skipped (-whole +byte by byte):\n%s", diff)
		}
	})
}

// documents leaves out garbage, which is reported in whatever pieces it came.
func documents(all []*powermetrics.DocumentError) (out []powermetrics.DocumentError) {
	for _, e := range all {
		if e.Defect != powermetrics.DefectGarbage {
			out = append(out, *e)
		}
	}
	return out
}

// FuzzReplay checks on any recording that its measurements follow one another
// without a hole or an overlap.
func FuzzReplay(f *testing.F) {
	f.Add([]byte(stream(at(1.3, 1.1), at(2.4, 1.1), at(63, 1.1), at(8, 6))))
	f.Add([]byte(twice(stream(at(1.3, 1.1), at(2.4, 1.1))+"\x00"+at(3, 1.1).String()[:80], stream(at(63, 1.1)))))
	f.Add([]byte(at(1.3, 1.1).String()[:300] + stream(at(1.3, 1.1), at(2.4, 1.1), at(-9, 1.1))))
	f.Fuzz(func(t *testing.T, data []byte) {
		var end time.Time
		_, err := powermetrics.Replay(bytes.NewReader(data), func(m attribution.Measurement) error {
			from, to := span(m)
			if !from.Before(to) || !end.IsZero() && !from.Equal(end) {
				t.Errorf("[%v, %v) after %v", from, to, end)
			}
			end = to
			return nil
		})
		if err != nil && !errors.Is(err, powermetrics.ErrNoTimestamp) {
			t.Error(err)
		}
	})
}
