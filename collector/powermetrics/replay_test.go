package powermetrics_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
)

func replay(tb testing.TB, stream string) ([]attribution.Measurement, powermetrics.Counts) {
	tb.Helper()
	var out []attribution.Measurement
	counts, err := powermetrics.Replay(strings.NewReader(stream), func(m attribution.Measurement) error {
		out = append(out, m)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out, counts
}

// at is a document whose true end is the given number of seconds after the
// origin.
func at(end, elapsed float64) doc {
	d := usual()
	d.elapsed, d.boot = seconds(elapsed), 7
	d.stamp = origin.Add(seconds(end)).Truncate(time.Second)
	return d
}

// twice is what two runs of the tool append to one file: no NUL between them.
func twice(first, second string) string { return first + second }

func TestReplay(t *testing.T) {
	flawed, long, otherBoot := at(3.5, 1.1), at(8.5, 6.1), at(63, 1.1)
	flawed.cpu, otherBoot.boot = "0", 67
	fewer, summary := at(63, 1.1), at(61, 55)
	fewer.gpu, fewer.gpuIdle, summary.delta = "", "", "false"
	half := at(2.4, 1.1).String()[:60]
	tests := []struct {
		name   string
		stream string
		want   []string
	}{
		// The four ends lie in [1,2) [2,3) [3,4) [4,5): the first in [1, 1.7).
		{"the middle of what the timestamps allow", stream(at(1.3, 1.1), at(2.4, 1.1), at(3.5, 1.1), at(4.6, 1.1)), []string{
			"window 0.250-1.350 0.6J", "window 1.350-2.450 0.6J", "window 2.450-3.550 0.6J", "window 3.550-4.650 0.6J",
		}},
		{"an unusable sample", stream(at(1.3, 1.1), at(2.4, 1.1), flawed, at(4.6, 1.1)), []string{
			"window 0.250-1.350 0.6J", "window 1.350-2.450 0.6J", "unusable 2.450-3.550", "window 3.550-4.650 0.6J",
		}},
		{"a lost document", at(1.3, 1.1).String() + half + "\x00" + stream(at(3.5, 1.1), at(4.6, 1.1)), []string{
			"window 0.400-1.500 0.6J", "bad_document 1.500-2.600", "window 2.600-3.700 0.6J", "window 3.700-4.800 0.6J",
		}},
		{"a cut last document with a whole head", stream(at(1.3, 1.1), at(2.4, 1.1)) + "\x00" + at(3.5, 1.1).String()[:400], []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "bad_document 2.550-3.650",
		}},
		{"sleep", stream(at(1.3, 1.1), at(2.4, 1.1), at(63, 1.1)), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "sleep 2.550-62.400", "window 62.400-63.500 0.6J",
		}},
		{"the clock set forwards", stream(at(1.3, 1.1), at(2.4, 1.1), otherBoot), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "clock_change 2.550-62.400", "window 62.400-63.500 0.6J",
		}},
		{"a sample that spans too much", stream(at(1.3, 1.1), at(2.4, 1.1), long, at(9.6, 1.1)), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "overlong_pause 2.550-8.650", "window 8.650-9.750 0.6J",
		}},
		{"it is the last", stream(at(1.3, 1.1), at(2.4, 1.1), long), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "overlong_pause 2.550-8.000",
		}},
		{"powermetrics started again", twice(stream(at(1.3, 1.1), at(2.4, 1.1)), stream(at(63, 1.1), at(64.1, 1.1))), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "powermetrics 2.550-62.350", "window 62.350-63.450 0.6J", "window 63.450-64.550 0.6J",
		}},
		{"started again at once", twice(stream(at(1.3, 1.1), at(2.4, 1.1)), stream(at(4, 1.1), at(5.1, 1.1), at(6.2, 1.1))), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "powermetrics 2.550-3.300", "window 3.300-4.400 0.6J", "window 4.400-5.500 0.6J", "window 5.500-6.600 0.6J",
		}},
		{"started again within a quarter of a sample", twice(stream(at(1.3, 1.1), at(2.4, 1.1)), stream(at(3.9, 1.1))), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "window 2.550-3.825 0.6J",
		}},
		{"started again after a reboot", twice(stream(at(1.3, 1.1), at(2.4, 1.1)), stream(otherBoot)), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "powermetrics 2.550-62.400", "window 62.400-63.500 0.6J",
		}},
		{"killed within a document and started again", twice(stream(at(1.3, 1.1), at(2.4, 1.1))+"\x00"+half, stream(at(63, 1.1))), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "powermetrics 2.550-61.900", "window 61.900-63.000 0.6J",
		}},
		{"started again with fewer samplers", twice(stream(at(1.3, 1.1), at(2.4, 1.1)), stream(fewer)), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "powermetrics 2.550-62.400", "window 62.400-63.500 0.5J",
		}},
		{"the second run begins with a summary", twice(stream(at(1.3, 1.1), at(2.4, 1.1)), stream(summary, at(63, 1.1))), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "powermetrics 2.550-62.400", "window 62.400-63.500 0.6J",
		}},
		{"all NULs were removed", strings.ReplaceAll(stream(at(1.3, 1.1), at(2.4, 1.1), at(63, 1.1)), "\x00", ""), []string{
			"window 0.350-1.450 0.6J", "window 1.450-2.550 0.6J", "sleep 2.550-62.400", "window 62.400-63.500 0.6J",
		}},
		{"a small shift moves one window's end", stream(at(1.3, 1), at(2.3, 1), at(4.1, 1), at(5.1, 1)), []string{
			"window 0.500-1.500 0.6J", "window 1.500-2.500 0.6J", "window 2.500-4.000 0.6J", "window 4.000-5.000 0.6J",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := replay(t, tt.stream)
			if diff := cmp.Diff(tt.want, describe(got)); diff != "" {
				t.Errorf("measurements (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReplayLong replays a day with sleep and drifting clocks in it: every
// window ends within its second, nothing overlaps, and all energy is there.
func TestReplayLong(t *testing.T) {
	var b strings.Builder
	truth, n := 1000.0, 5000
	var ends []float64
	for i := range n {
		if i == 2000 {
			truth += 3600
		}
		truth += 1.013 * (1 + 50e-6)
		ends = append(ends, truth)
		b.WriteString(at(truth, 1.013).String() + "\x00")
	}
	got, counts := replay(t, b.String())
	if counts.Results[powermetrics.ResultOK] != int64(n) {
		t.Errorf("counts %v, want %d ok", counts.Results, n)
	}
	var end time.Time
	i, gaps := 0, 0
	for _, m := range got {
		from, to := span(m)
		if !end.IsZero() && !from.Equal(end) {
			t.Fatalf("measurement begins at %v, the one before ended at %v", from, end)
		}
		if end = to; m.Gap != nil {
			gaps++
			continue
		}
		if off := to.Sub(origin.Add(seconds(ends[i]))).Abs(); off > 100*time.Millisecond {
			t.Fatalf("window %d ends %v off", i, off)
		}
		i++
	}
	if i != n || gaps != 1 {
		t.Errorf("%d windows and %d gaps, want %d and 1", i, gaps, n)
	}
}

func TestReplayCaptures(t *testing.T) {
	for _, file := range captures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data := readFile(t, file)
			samples := decodeAll(t, bytes.NewReader(data))
			got, _ := replay(t, string(data))
			if len(got) != len(samples) {
				t.Fatalf("%d measurements of %d samples", len(got), len(samples))
			}
			for i, s := range samples {
				from, to := span(got[i])
				if to.Truncate(time.Second) != s.Timestamp {
					t.Errorf("measurement %d ends at %v, its sample in the second of %v", i, to, s.Timestamp)
				}
				if length := to.Sub(from); length != s.Elapsed {
					t.Errorf("measurement %d is %v long, its sample %v", i, length, s.Elapsed)
				}
				if (got[i].Window == nil) != (s.Flaw != "") {
					t.Errorf("measurement %d: window %v, flaw %q", i, got[i].Window != nil, s.Flaw)
				}
			}
			again, _ := replay(t, string(data))
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("second replay (-first +second):\n%s", diff)
			}
		})
	}
}

func TestReplayErrors(t *testing.T) {
	d := usual()
	d.stamp = time.Time{}
	emit := func(attribution.Measurement) error { return nil }
	if _, err := powermetrics.Replay(strings.NewReader(d.String()), emit); !errors.Is(err, powermetrics.ErrNoTimestamp) {
		t.Errorf("without a timestamp: %v, want ErrNoTimestamp", err)
	}
	full := func(attribution.Measurement) error { return os.ErrClosed }
	if _, err := powermetrics.Replay(strings.NewReader(usual().String()), full); !errors.Is(err, os.ErrClosed) {
		t.Errorf("when emit fails: %v, want its error", err)
	}
	if _, err := powermetrics.Replay(errReader{os.ErrClosed}, emit); !errors.Is(err, os.ErrClosed) {
		t.Errorf("when the reader fails: %v, want its error", err)
	}
}
