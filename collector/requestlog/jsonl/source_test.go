package jsonl_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

// pollOnce reads a log of the given lines at a time.
func pollOnce(t *testing.T, server, text string, now time.Time) attribution.LogUpdate {
	t.Helper()
	path := filepath.Join(t.TempDir(), "requests.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := requestlog.NewSource(requestlog.SourceOptions{Path: path, Format: jsonl.FormatName, Parser: jsonl.New(requestlog.Options{Server: server})})
	defer s.Close()
	u, err := s.Poll(now)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestRequestFromTheFutureIsLeftOut is about writers that stamp local time as
// if it were UTC: their requests would take all energy until then.
func TestRequestFromTheFutureIsLeftOut(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)
	u := pollOnce(t, "s", `{"id":"a","start":"2026-03-01T12:00:01Z","end":"2026-03-01T14:00:05Z"}
{"id":"b","start":"2026-03-01T12:00:01Z","end":"2026-03-01T12:00:05Z"}
`, now)
	if len(u.Requests) != 1 || u.Requests[0].ID != "s/b/1772366405000" || u.Unplaced != 1 {
		t.Errorf("got %+v and %d unplaced, want the second request and one unplaced", u.Requests, u.Unplaced)
	}
}

func TestIDsOfTwoServersDiffer(t *testing.T) {
	const line = `{"id":"1","start":"2026-03-01T12:00:01Z","end":"2026-03-01T12:00:05Z"}` + "\n"
	now := time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)
	a, b := pollOnce(t, "a", line, now), pollOnce(t, "b", line, now)
	if a.Requests[0].ID == b.Requests[0].ID {
		t.Errorf("two servers' requests are both called %q", a.Requests[0].ID)
	}
}
