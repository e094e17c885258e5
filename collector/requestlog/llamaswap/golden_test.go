package llamaswap_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamaswap"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// contract reads logs whose stamps without an offset are two hours ahead of UTC.
func contract() parsertest.Contract {
	return parsertest.Contract{
		Format: llamaswap.Format(), Options: requestlog.Options{Server: "swap", Zone: time.FixedZone("", 2*3600)},
		Begin: noon, MostState: 1 << 10,
	}
}

// names are the logs in testdata.
func names() []string { return []string{"access", "stamped"} }

func linesOf(t testing.TB, name string) []requestlog.Line {
	t.Helper()
	return parsertest.Arriving(bytes.TrimSuffix(parsertest.Read(t, name+".log"), []byte("\n")), noon)
}

func TestGoldenLines(t *testing.T) {
	for _, name := range names() {
		contract().Golden(t, linesOf(t, name), name+".want.jsonl")
	}
}

func TestGoldenActivity(t *testing.T) {
	for _, name := range []string{"activity", "activity2025"} {
		a := activity(t, llamaswap.ActivityOptions{PeerModels: []string{"big-peer"}, Transport: static(parsertest.Read(t, name+".json"))})
		u := look(t, a, at(200))
		got := contract().Rows(requestlog.Facts{Requests: u.Requests, Remote: u.Remote})
		slices.SortFunc(got, func(a, b parsertest.Row) int { return int(a.Line - b.Line) })
		parsertest.Same(t, got, name+".want.jsonl")
		if u.Lines.Malformed != 0 || name == "activity" && u.Lines.Ignored != 2 {
			t.Errorf("%s: %+v", name, u.Lines)
		}
	}
}

// TestActivityOptions: model, cache, and the bounds in time.
func TestActivityOptions(t *testing.T) {
	a := activity(t, llamaswap.ActivityOptions{Model: "mine", NoCache: true, Since: at(25), Transport: static(parsertest.Read(t, "activity2025.json"))})
	u := look(t, a, at(100))
	if len(u.Requests) != 1 || u.Requests[0].Model != "mine" || u.Requests[0].Input != attribution.Known(100) || a.Stats().Old != 2 {
		t.Errorf("got %+v, %+v", u.Requests, a.Stats())
	}
	a = activity(t, llamaswap.ActivityOptions{Transport: static(parsertest.Read(t, "activity2025.json"))})
	if u = look(t, a, at(-70)); len(u.Requests) != 0 || u.Unplaced != 3 || a.Stats().Unplaced != 3 {
		t.Errorf("ends to come: %+v, %+v", u, a.Stats())
	}
}

// static serves one answer.
func static(body []byte) http.RoundTripper {
	return tripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(body))}, nil
	})
}

func TestRestartAnywhere(t *testing.T) {
	for _, name := range names() {
		t.Run(name, func(t *testing.T) { contract().RestartAnywhere(t, linesOf(t, name)) })
	}
}

func TestDetect(t *testing.T) {
	for name, n := range map[string]int{"access": 8, "stamped": 6} {
		if got := llamaswap.Detect(parsertest.Texts(linesOf(t, name))); got != n {
			t.Errorf("%s: %d lines recognised, want %d", name, got, n)
		}
	}
	contract().Foreign(t,
		"", "[INFO] Preloading model: x", `INFO:     127.0.0.1:5 - "POST /v1/chat/completions HTTP/1.1" 200 OK`,
		`[GIN] 2026/09/13 - 20:44:07 | 200 |  1.234567s |  127.0.0.1 | POST     "/api/generate"`,
	)
}
