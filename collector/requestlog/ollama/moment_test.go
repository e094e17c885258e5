package ollama_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
)

// TestNarrowed: a line was read up to 6 s after it was written, but not before the
// stamp of the line above it.
func TestNarrowed(t *testing.T) {
	lines := script(honest()...)
	for i := range lines {
		lines[i].Arrival, lines[i].Spread = begun.Add(7*time.Second), 6*time.Second
	}
	got, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), lines)
	if len(got.Requests) != 1 || got.Requests[0].Uncertainty != 5*time.Second {
		t.Errorf("requests %+v, want one uncertain by the 5 s since the stamp", got.Requests)
	}
}

// TestUnwatched: nobody saw the lines arrive. A request lies between the stamps
// around its lines, also when the clock was set back before; it waits for the
// second of them, and has no time when there is no first.
func TestUnwatched(t *testing.T) {
	at := func(clock string) string {
		return "time=2026-11-20T" + clock + `Z level=INFO source=routes.go:1 msg="x"`
	}
	request := []string{launch0, whole0, cached0, prompt0, eval0, total0, release0}
	lines := append([]string{at("12:00:00.000"), at("11:00:00.000")}, request...)
	got, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), script(lines...))
	if len(got.Requests) != 0 || got.Waiting != 1 {
		t.Errorf("before the next stamp: %d requests, %d waiting", len(got.Requests), got.Waiting)
	}
	got, _ = read(t, ollama.New(requestlog.Options{Server: "s"}), script(append(lines, at("11:00:08.000"))...))
	end := time.Date(2026, 11, 20, 11, 0, 8, 999_999, time.UTC)
	if len(got.Requests) != 1 || got.Waiting != 0 || !got.Requests[0].End.Equal(end) || got.Requests[0].Uncertainty != end.Sub(end.Truncate(time.Hour)) {
		t.Errorf("requests %+v, want one that ends at %v", got.Requests, end)
	}
	got, _ = read(t, ollama.New(requestlog.Options{Server: "s"}), script(append(request, at("11:00:08.000"))...))
	if len(got.Requests) != 1 || !got.Requests[0].End.IsZero() || !got.Requests[0].Output.Known {
		t.Errorf("requests %+v, want one at no time", got.Requests)
	}
}

// TestIDs: the same log gives the same ids however it is read, and another run at
// the same place of a file gives others.
func TestIDs(t *testing.T) {
	one := func(lines []string, watched bool) string {
		t.Helper()
		all := script(lines...)
		for i := range all {
			if !watched {
				all[i].Arrival, all[i].Spread = time.Time{}, requestlog.SpreadUnknown
			}
		}
		got, _ := read(t, ollama.New(requestlog.Options{Server: "s"}), all)
		if len(got.Requests) != 1 {
			t.Fatalf("requests %+v", got.Requests)
		}
		return got.Requests[0].ID
	}
	later := honest()
	later[0] = strings.ReplaceAll(later[0], "10:00:00.000", "10:00:00.001")
	if a, b := one(honest(), true), one(honest(), false); a != b {
		t.Errorf("the same request is %s and %s", a, b)
	}
	if a, b := one(honest(), true), one(later, true); a == b {
		t.Errorf("two runs both have %s", a)
	}
}
