package requestlog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// gateway is a parser that makes a remote call of every line that is a time.
type gateway struct{ calls []attribution.RemoteCall }

func (g *gateway) Parse(l requestlog.Line) requestlog.Verdict {
	end, err := time.Parse(time.RFC3339, string(l.Data))
	if err != nil && string(l.Data) != "unknown" {
		return requestlog.Ignored
	}
	g.calls = append(g.calls, attribution.RemoteCall{ID: string(l.Data), End: end, Position: l.Offset})
	return requestlog.Used
}

func (g *gateway) Take() requestlog.Facts {
	f := requestlog.Facts{Remote: g.calls}
	g.calls = nil
	return f
}

func (g *gateway) State() ([]byte, error) { return []byte("state"), nil }
func (g *gateway) Restore([]byte) error   { return nil }
func (g *gateway) SpeaksAtEnd() bool      { return true }

func ids(calls []attribution.RemoteCall) (ids []string) {
	for _, c := range calls {
		ids = append(ids, c.ID)
	}
	return ids
}

// TestSourceRemote: calls served elsewhere are handed on once, but for those
// from before the metering, of no known time, and from the future.
func TestSourceRemote(t *testing.T) {
	now := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "gateway.log")
	text := "2026-11-24T04:59:59Z\n2026-11-24T05:00:00Z\nunknown\nnoise\n2026-11-24T06:00:30Z\n2026-11-24T06:02:00Z\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	newSource := func() *requestlog.Source {
		return requestlog.NewSource(requestlog.SourceOptions{Path: path, Format: "gateway", Parser: &gateway{}, Since: now.Add(-time.Hour)})
	}
	s := newSource()
	defer s.Close()
	u, err := s.Poll(now)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2026-11-24T05:00:00Z", "2026-11-24T06:00:30Z"}, ids(u.Remote)); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if st := s.Stats(); st.Old != 1 || st.Unplaced != 2 || u.Unplaced != 2 || u.Lines.Used != 5 || u.Lines.Ignored != 1 {
		t.Errorf("stats %+v, update %+v", st, u)
	}
	if !u.Horizon.IsZero() {
		t.Errorf("horizon %v of a log that speaks at the end", u.Horizon)
	}

	again := newSource()
	defer again.Close()
	if err := again.Restore(u.Checkpoint); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("2026-11-24T06:00:40Z\n"); err != nil {
		t.Fatal(err)
	}
	u, err = again.Poll(now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2026-11-24T06:00:40Z"}, ids(u.Remote)); diff != "" {
		t.Errorf("calls after a restart (-want +got):\n%s", diff)
	}
}

// TestRecordingRemote: a recording hands on the calls as they arrive.
func TestRecordingRemote(t *testing.T) {
	text := "2026-11-24T05:00:00Z\n2026-11-24T05:00:01Z\n"
	r := requestlog.NewRecording("log", strings.NewReader(text), arrivals(t, "0\t1000\n21\t1002\n"), &gateway{})
	var got [][]string
	for _, at := range []int64{1001, 1003} {
		u, err := r.Poll(time.Unix(at, 0))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ids(u.Remote))
	}
	if diff := cmp.Diff([][]string{{"2026-11-24T05:00:00Z"}, {"2026-11-24T05:00:01Z"}}, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestSourceOfFiles: a sequence begins where the metering began, and a
// checkpoint of it resumes.
func TestSourceOfFiles(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for i, name := range []string{"1.log", "2.log"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(now.Add(-time.Minute).Format(time.RFC3339)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		at := now.Add(time.Duration(i-1) * time.Hour)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	files := func() ([]string, error) {
		paths, err := filepath.Glob(filepath.Join(dir, "*.log"))
		slices.Sort(paths)
		return paths, err
	}
	var checkpoint []byte
	for i, want := range []int{1, 0} {
		s := requestlog.NewSource(requestlog.SourceOptions{
			Path: dir, Format: "gateway", Parser: &gateway{}, Since: now.Add(-30 * time.Minute),
			Follower: requestlog.FollowerOptions{Files: files},
		})
		defer s.Close()
		if i > 0 {
			if err := s.Restore(checkpoint); err != nil {
				t.Fatal(err)
			}
		}
		u, err := s.Poll(now)
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Remote) != want {
			t.Errorf("poll %d: %d calls, want %d", i, len(u.Remote), want)
		}
		checkpoint = u.Checkpoint
	}
}

// TestCheckpointHoldsNoText: nothing of a log is in a checkpoint, in whichever
// way the reading stands.
func TestCheckpointHoldsNoText(t *testing.T) {
	const canary = "GEHEIM"
	path := filepath.Join(t.TempDir(), "server.log")
	var out []byte
	for _, text := range []string{canary, "\n" + canary + "\n", strings.Repeat(canary, 20<<10), "\n" + canary} {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		f.Close()
		s := requestlog.NewSource(requestlog.SourceOptions{Path: path, Format: "gateway", Parser: &gateway{}})
		if out != nil {
			if err := s.Restore(out); err != nil {
				t.Fatal(err)
			}
		}
		u, err := s.Poll(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		if out = u.Checkpoint; len(out) == 0 || bytes.Contains(out, []byte(canary)) {
			t.Errorf("checkpoint of %d bytes holds text: %v", len(out), bytes.Contains(out, []byte(canary)))
		}
	}
}
