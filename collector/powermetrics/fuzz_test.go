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
// without a hole or an overlap, and that tasks are split without a rest.
func FuzzReplay(f *testing.F) {
	f.Add([]byte(stream(at(1.3, 1.1), at(2.4, 1.1), at(63, 1.1), at(8, 6))))
	f.Add([]byte(twice(stream(at(1.3, 1.1), at(2.4, 1.1))+"\x00"+at(3, 1.1).String()[:80], stream(at(63, 1.1)))))
	tasks := listing(coalitions(coalition("a", 5, 3, task(1, "a", 2, 1), task(2, "c", 3, 1)), coalition("b", 7, 4, task(3, "b", 4, -1))), 8)
	f.Add([]byte(stream(tasks, listing(flat(task(1, "a", 2, 1), task(2, "c", 3, 1)), 3))))
	f.Add([]byte(at(1.3, 1.1).String()[:300] + stream(at(1.3, 1.1), at(2.4, 1.1), at(-9, 1.1))))
	f.Fuzz(func(t *testing.T, data []byte) {
		var end time.Time
		m := powermetrics.NewTaskMeter("srv", named{names: []string{"a", "b"}, groups: []string{"b"}})
		if err := m.Scan(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		use := func(s *powermetrics.Sample) *attribution.Usage {
			u := m.Use(s)
			checkUsage(t, s, u)
			return u
		}
		_, err := powermetrics.ReplayTasks(bytes.NewReader(data), use, func(m attribution.Measurement) error {
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

// checkUsage holds what was made of a sample's tasks against their sum.
func checkUsage(t *testing.T, s *powermetrics.Sample, u *attribution.Usage) {
	if u == nil {
		return
	}
	var all time.Duration
	for _, task := range s.Tasks {
		all += task.CPU
	}
	server := u.Servers[0]
	if server.CPU+u.Others.CPU != all {
		t.Errorf("%v and %v of CPU time, the tasks have %v", server.CPU, u.Others.CPU, all)
	}
	if !u.GPUKnown && (server.GPU != 0 || u.Others.GPU != 0) {
		t.Errorf("GPU times %v and %v that are not known", server.GPU, u.Others.GPU)
	}
}
