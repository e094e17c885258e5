package llamacpp_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

func source(path string, opt requestlog.FollowerOptions) *requestlog.Source {
	return requestlog.NewSource(requestlog.SourceOptions{
		Path: path, Format: llamacpp.FormatName, Follower: opt,
		Parser: llamacpp.New(requestlog.Options{Server: "s"}),
	})
}

func capture(t testing.TB, run string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", run+".log"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// copyLog puts a log into a temporary folder, last written at the given time.
func copyLog(t testing.TB, data []byte, written time.Time) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server.log")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, written, written); err != nil {
		t.Fatal(err)
	}
	return path
}

func lastArrival(t *testing.T, run string) time.Time {
	t.Helper()
	at, ok := readArrivals(t, run).At(math.MaxInt64)
	if !ok {
		t.Fatal("no arrivals")
	}
	return at
}

// TestBacklog reads a log that nobody watched: its modification time alone
// places the run, to the same 50 ms.
func TestBacklog(t *testing.T) {
	for _, c := range captures {
		if c.run == "llama-noprefix" {
			continue
		}
		t.Run(c.run, func(t *testing.T) {
			written := lastArrival(t, c.run)
			s := source(copyLog(t, capture(t, c.run), written), requestlog.FollowerOptions{})
			defer s.Close()
			u, err := s.Poll(written.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			all := readTruth(t, c.run)
			if len(u.Requests) != len(all) {
				t.Fatalf("%d requests, want %d", len(u.Requests), len(all))
			}
			for i, r := range match(t, all, u.Requests) {
				if off := seconds(r.End) - all[i].End; !all[i].Cancelled && math.Abs(off) > 0.05 {
					t.Errorf("%s: ends %+.3f s off the client's", r.ID, off)
				}
			}
			if want := written.Add(time.Hour - requestlog.SettleTime); !u.Horizon.Equal(want) {
				t.Errorf("horizon %v, want %v", u.Horizon, want)
			}
		})
	}
}

// TestBacklogPlain: without stamps nothing tells when the backlog was.
func TestBacklogPlain(t *testing.T) {
	written := lastArrival(t, "llama-noprefix")
	s := source(copyLog(t, capture(t, "llama-noprefix"), written), requestlog.FollowerOptions{})
	defer s.Close()
	u, err := s.Poll(written.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Requests) != 0 || s.Stats().Unplaced != 50 {
		t.Errorf("%d requests, %d unplaced", len(u.Requests), s.Stats().Unplaced)
	}
}

// TestBacklogWaits: while nothing places the run, its requests are held back,
// and the checkpoint and the horizon with them.
func TestBacklogWaits(t *testing.T) {
	data := capture(t, "llama-colors")
	path := copyLog(t, data[:len(data)/2], begun)
	s := source(path, requestlog.FollowerOptions{NoModTime: true})
	defer s.Close()
	now, _ := readArrivals(t, "llama-colors").At(int64(len(data) / 2))
	u, err := s.Poll(now)
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Requests) != 0 || len(u.Checkpoint) != 0 || !u.Horizon.IsZero() || u.Lines.Used == 0 {
		t.Fatalf("%d requests, a checkpoint of %d bytes, horizon %v", len(u.Requests), len(u.Checkpoint), u.Horizon)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	u, err = s.Poll(now.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Requests) != 30 || len(u.Checkpoint) == 0 || u.Horizon.IsZero() {
		t.Fatalf("%d requests, a checkpoint of %d bytes, horizon %v", len(u.Requests), len(u.Checkpoint), u.Horizon)
	}
}

// TestBacklogOfTwoRuns: only the last run can be placed.
func TestBacklogOfTwoRuns(t *testing.T) {
	written := lastArrival(t, "llama-parallel4")
	two := append(capture(t, "slow-overlap"), capture(t, "llama-parallel4")...)
	s := source(copyLog(t, two, written), requestlog.FollowerOptions{MaxRead: 1 << 12, MaxLine: 1 << 10})
	defer s.Close()
	var requests []attribution.Request
	for again := true; again; again = s.Behind() {
		u, err := s.Poll(written.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		requests = append(requests, u.Requests...)
	}
	if len(requests) != 80 || s.Stats().Unplaced != 30 {
		t.Fatalf("%d requests, %d unplaced", len(requests), s.Stats().Unplaced)
	}
	match(t, readTruth(t, "llama-parallel4"), requests)
}

func TestSince(t *testing.T) {
	written := lastArrival(t, "llama-colors")
	s := requestlog.NewSource(requestlog.SourceOptions{
		Path: copyLog(t, capture(t, "llama-colors"), written), Format: llamacpp.FormatName,
		Parser: llamacpp.New(requestlog.Options{Server: "s"}), Since: written,
	})
	defer s.Close()
	u, err := s.Poll(written.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Requests) != 0 || len(u.Loads) != 0 || s.Stats().Old != 30 {
		t.Errorf("%d requests, %d loads, %d old", len(u.Requests), len(u.Loads), s.Stats().Old)
	}
}

// TestRestartAnywhere writes a capture piece by piece, cut anywhere, polls at
// the lines' arrivals, and replaces the source by one restored from its
// checkpoint now and then: nothing is lost, doubled or changed.
func TestRestartAnywhere(t *testing.T) {
	for _, run := range []string{"llama-colors", "llama-noprefix", "llama-jsonl"} {
		t.Run(run, func(t *testing.T) {
			data, arrivals := capture(t, run), readArrivals(t, run)
			want := map[string]attribution.Request{}
			for _, r := range replay(t, run, arrivals, requestlog.Options{Server: "s"}).requests {
				want[tail(r.ID)] = untimed(r)
			}
			rapid.Check(t, func(t *rapid.T) { restartAnywhere(t, data, arrivals, want) })
		})
	}
}

func restartAnywhere(t *rapid.T, data []byte, arrivals requestlog.Arrivals, want map[string]attribution.Request) {
	dir, err := os.MkdirTemp("", "sovmeter")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "server.log")
	s := source(path, requestlog.FollowerOptions{NoModTime: true})
	got, runs := map[string]attribution.Request{}, map[string]bool{}
	var horizon time.Time
	// Whoever watches from the beginning has an arrival for every line.
	os.WriteFile(path, nil, 0o600) //nolint:errcheck // the next poll shows it
	first, _ := arrivals.At(0)
	if _, err := s.Poll(first.Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(data); {
		next := min(len(data), at+rapid.IntRange(1, 5000).Draw(t, "piece"))
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(data[at:next]) //nolint:errcheck // the next poll shows it
		f.Close()
		at = next
		now, _ := arrivals.At(int64(at - 1))
		u, err := s.Poll(now)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range u.Requests {
			if _, ok := got[tail(r.ID)]; ok {
				t.Fatalf("%s handed over twice", r.ID)
			}
			got[tail(r.ID)] = untimed(r)
			runs[strings.TrimSuffix(r.ID, tail(r.ID))] = true
		}
		if u.Horizon.Before(horizon) {
			t.Fatalf("the horizon went back from %v to %v", horizon, u.Horizon)
		}
		horizon = u.Horizon
		if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
			s.Close()
			s = source(path, requestlog.FollowerOptions{NoModTime: true})
			if err := s.Restore(u.Checkpoint); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Close()
	if len(runs) != 1 {
		t.Fatalf("ids of %d runs: %v", len(runs), runs)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("requests (-want +got):\n%s", diff)
	}
}

// untimed is r without what depends on when the log was polled.
func untimed(r attribution.Request) attribution.Request {
	r.ID = tail(r.ID)
	r.Start, r.FirstToken, r.End, r.Uncertainty = time.Time{}, time.Time{}, time.Time{}, 0
	return r
}

// tail is the task number of an id.
func tail(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

func TestRestoreRefuses(t *testing.T) {
	s := source("server.log", requestlog.FollowerOptions{})
	for name, data := range map[string][]byte{
		"nothing": nil, "garbage": []byte("garbage"), "an empty map": {0xa0}, "a number": {0x01},
	} {
		err := s.Restore(data)
		if err == nil {
			t.Errorf("%s was restored", name)
		} else if bytes.Contains([]byte(err.Error()), []byte("garbage")) {
			t.Errorf("the error shows the data: %v", err)
		}
	}
}
