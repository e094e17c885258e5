package requestlog_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// echo is a parser that makes a request of every line that is a number.
type echo struct {
	atEnd    bool
	requests []attribution.Request
}

func (e *echo) Parse(l requestlog.Line) requestlog.Verdict {
	if len(l.Data) == 0 {
		return requestlog.Malformed
	}
	if l.Data[0] < '0' || l.Data[0] > '9' {
		return requestlog.Ignored
	}
	e.requests = append(e.requests, attribution.Request{ID: string(l.Data), End: l.Arrival, Position: l.Offset})
	return requestlog.Used
}

func (e *echo) Take() requestlog.Facts {
	f := requestlog.Facts{Requests: e.requests}
	e.requests = nil
	return f
}

func (e *echo) State() ([]byte, error) { return nil, nil }
func (e *echo) Restore([]byte) error   { return nil }
func (e *echo) SpeaksAtEnd() bool      { return e.atEnd }

const table = "0\t1000.5\n2\t1001.25\n9\t1003\n"

func arrivals(t *testing.T, text string) requestlog.Arrivals {
	t.Helper()
	a, err := requestlog.ReadArrivals(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestArrivals(t *testing.T) {
	a := arrivals(t, table)
	for offset, want := range map[int64]float64{0: 1000.5, 1: 1000.5, 2: 1001.25, 8: 1001.25, 9: 1003, math.MaxInt64: 1003} {
		at, ok := a.At(offset)
		if !ok || float64(at.UnixNano())/1e9 != want {
			t.Errorf("at %d: %v, want %v", offset, at, want)
		}
	}
	if _, ok := arrivals(t, "5\t1\n").At(4); ok || a.Len() != 3 {
		t.Error("a line before the first has a time")
	}
}

func TestArrivalsMalformed(t *testing.T) {
	for _, text := range []string{"x", "1", "1 2", "-1\t2", "1\t-2", "1\tNaN", "1\t1e300", "1\t2\n1\t3", "GEHEIM\tGEHEIM"} {
		_, err := requestlog.ReadArrivals(strings.NewReader(text))
		if !errors.Is(err, requestlog.ErrArrivals) || strings.Contains(fmt.Sprint(err), "GEHEIM") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzReadArrivals(f *testing.F) {
	f.Add(table)
	f.Add("0\t1795436268.935551\n51\t1795436268.947958\n")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := requestlog.ReadArrivals(strings.NewReader(text))
		if err != nil {
			return
		}
		if at, ok := a.At(math.MaxInt64); ok != (a.Len() > 0) || at.Year() > 9999 {
			t.Errorf("%d lines, the last at %v", a.Len(), at)
		}
	})
}

func TestRecording(t *testing.T) {
	// Offsets 0, 2, 9; the half line at the end is not one.
	r := requestlog.NewRecording("log", strings.NewReader("1\nignore\n\n2\nhalf"), arrivals(t, table), &echo{})
	type update struct {
		IDs     []string
		Horizon float64
		Lines   attribution.LineCounts
		Ended   bool
	}
	poll := func(at float64) update {
		u, err := r.Poll(time.Unix(0, int64(at*1e9)).UTC())
		if err != nil {
			t.Fatal(err)
		}
		out := update{Horizon: float64(u.Horizon.UnixNano()) / 1e9, Lines: u.Lines, Ended: r.Ended()}
		for _, q := range u.Requests {
			out.IDs = append(out.IDs, q.ID)
		}
		return out
	}
	settle := requestlog.SettleTime.Seconds()
	want := []update{
		{Horizon: 1000 - settle},
		{IDs: []string{"1"}, Horizon: 1000.5 - settle, Lines: attribution.LineCounts{Used: 1}},
		{Horizon: 1002 - settle, Lines: attribution.LineCounts{Ignored: 1}},
		{IDs: []string{"2"}, Horizon: 1004, Lines: attribution.LineCounts{Used: 1, Malformed: 1}, Ended: true},
	}
	got := []update{poll(1000), poll(1000.5), poll(1002), poll(1004)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRecordingSpeaksAtEnd: no horizon before the recording has ended.
func TestRecordingSpeaksAtEnd(t *testing.T) {
	r := requestlog.NewRecording("log", strings.NewReader("1\nx\n"), arrivals(t, table), &echo{atEnd: true})
	u, err := r.Poll(time.Unix(1001, 0))
	if err != nil || !u.Horizon.IsZero() {
		t.Errorf("horizon %v, error %v", u.Horizon, err)
	}
	u, err = r.Poll(time.Unix(1002, 0))
	if err != nil || !u.Horizon.Equal(time.Unix(1002, 0)) || !r.SpeaksAtEnd() || r.Name() != "log" {
		t.Errorf("horizon %v, error %v", u.Horizon, err)
	}
}

func TestReplay(t *testing.T) {
	long := strings.Repeat("9", requestlog.DefaultMaxLine+1)
	var ids []string
	counts, err := requestlog.Replay(strings.NewReader("1\r\n"+long+"\n"+long+long+"\nx\n\n2\n3"), requestlog.Arrivals{}, &echo{}, func(f requestlog.Facts) error {
		for _, r := range f.Requests {
			ids = append(ids, fmt.Sprintf("%s@%d", r.ID, r.Position))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := attribution.LineCounts{Used: 2, Ignored: 1, Malformed: 1, Overlong: 2}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	last := 3 + len(long) + 1 + 2*len(long) + 1 + 2 + 1
	if diff := cmp.Diff([]string{"1@0", fmt.Sprintf("2@%d", last)}, ids); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	stop := errors.New("stop")
	if _, err := requestlog.Replay(strings.NewReader("1\n2\n"), requestlog.Arrivals{}, &echo{}, func(requestlog.Facts) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v, want the callback's", err)
	}
}

func TestChoose(t *testing.T) {
	has := func(name, word string) requestlog.Format {
		return requestlog.Format{Name: name, Detect: func(sample [][]byte) int {
			n := 0
			for _, line := range sample {
				if string(line) == word {
					n++
				}
			}
			return n
		}}
	}
	formats := []requestlog.Format{has("a", "A"), has("b", "B")}
	for text, want := range map[string]string{"A\nB\nB\n": "b", "A\nB": "a", "B": "b", "": "", "c": ""} {
		sample, err := requestlog.Sample(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		f, ok := requestlog.Choose(formats, sample)
		if f.Name != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", text, f.Name, ok)
		}
	}
}

func TestModel(t *testing.T) {
	for s, want := range map[string]string{
		"Qwen/Qwen3-8B:latest": "Qwen/Qwen3-8B:latest", "a b": "", "a\n": "", "é": "", "": "", strings.Repeat("x", 129): "",
	} {
		if got := requestlog.Model(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
