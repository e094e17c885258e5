package llamaswap_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamaswap"
)

// want is a request as the golden files have it: times are seconds after noon,
// and absent when there are none; a count that is absent is unknown.
type want struct {
	Line                           int64
	Remote                         bool
	ID, Model, Outcome             string
	Start, First, End              *float64
	Off                            float64
	Input, Cached, Output, Context *int64
}

func known(c attribution.Count) *int64 {
	if !c.Known {
		return nil
	}
	return &c.N
}

func seconds(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	s := math.Round(float64(t.Sub(noon))) / 1e9
	return &s
}

func wanted(requests []attribution.Request, calls []attribution.RemoteCall) []want {
	var all []want
	for _, r := range requests {
		all = append(all, want{
			Line: r.Position, ID: r.ID, Model: r.Model, Outcome: string(r.Outcome), Off: r.Uncertainty.Seconds(),
			Start: seconds(r.Start), First: seconds(r.FirstToken), End: seconds(r.End),
			Input: known(r.Input), Cached: known(r.Cached), Output: known(r.Output), Context: known(r.Context),
		})
	}
	for _, c := range calls {
		all = append(all, want{
			Line: c.Position, Remote: true, ID: c.ID, Model: c.Model, Outcome: string(c.Outcome),
			Start: seconds(c.Start), End: seconds(c.End), Input: known(c.Input), Cached: known(c.Cached), Output: known(c.Output),
		})
	}
	slices.SortFunc(all, func(a, b want) int { return int(a.Line - b.Line) })
	return all
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func linesOf(t testing.TB, name string) [][]byte {
	return bytes.Split(bytes.TrimSuffix(read(t, name+".log"), []byte("\n")), []byte("\n"))
}

func golden(t testing.TB, name string) []want {
	var all []want
	d := json.NewDecoder(bytes.NewReader(read(t, name+".want.jsonl")))
	d.DisallowUnknownFields()
	for d.More() {
		var w want
		if err := d.Decode(&w); err != nil {
			t.Fatal(err)
		}
		all = append(all, w)
	}
	return all
}

// options are those of the recorded logs: stamps without an offset are two hours
// ahead of UTC.
func options() requestlog.Options {
	return requestlog.Options{Server: "swap", Zone: time.FixedZone("", 2*3600)}
}

// parse gives all lines to a parser, one a second from noon on, with a restart
// after line cut.
func parse(t testing.TB, lines [][]byte, cut int) requestlog.Facts {
	t.Helper()
	p := llamaswap.New(options())
	var all requestlog.Facts
	for i, line := range lines {
		p.Parse(requestlog.Line{Data: line, Offset: int64(i + 1), Arrival: at(float64(i + 1))})
		f := p.Take()
		all.Requests, all.Latest = append(all.Requests, f.Requests...), f.Latest
		if i == cut {
			p = restarted(t, p)
		}
	}
	return all
}

func restarted(t testing.TB, p *llamaswap.Parser) *llamaswap.Parser {
	t.Helper()
	state, err := p.State()
	if err != nil {
		t.Fatal(err)
	}
	q := llamaswap.New(options())
	if err := q.Restore(state); err != nil {
		t.Fatal(err)
	}
	return q
}

func TestGoldenLines(t *testing.T) {
	for _, name := range []string{"access", "stamped"} {
		got := wanted(parse(t, linesOf(t, name), -1).Requests, nil)
		if diff := cmp.Diff(golden(t, name), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestGoldenActivity(t *testing.T) {
	for _, name := range []string{"activity", "activity2025"} {
		a := activity(t, llamaswap.ActivityOptions{PeerModels: []string{"big-peer"}, Transport: static(read(t, name+".json"))})
		u := look(t, a, at(200))
		if diff := cmp.Diff(golden(t, name), wanted(u.Requests, u.Remote)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if u.Lines.Malformed != 0 || name == "activity" && u.Lines.Ignored != 2 {
			t.Errorf("%s: %+v", name, u.Lines)
		}
	}
}

// TestActivityOptions: model, cache, and the bounds in time.
func TestActivityOptions(t *testing.T) {
	a := activity(t, llamaswap.ActivityOptions{Model: "mine", NoCache: true, Since: at(25), Transport: static(read(t, "activity2025.json"))})
	u := look(t, a, at(100))
	if len(u.Requests) != 1 || u.Requests[0].Model != "mine" || u.Requests[0].Input != attribution.Known(100) || a.Stats().Old != 2 {
		t.Errorf("got %+v, %+v", u.Requests, a.Stats())
	}
	a = activity(t, llamaswap.ActivityOptions{Transport: static(read(t, "activity2025.json"))})
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
	for _, name := range []string{"access", "stamped"} {
		lines := linesOf(t, name)
		whole := parse(t, lines, -1)
		for cut := range lines {
			if diff := cmp.Diff(whole, parse(t, lines, cut)); diff != "" {
				t.Fatalf("%s, restart after line %d (-whole +cut):\n%s", name, cut+1, diff)
			}
		}
	}
}

func TestDetect(t *testing.T) {
	for name, n := range map[string]int{"access": 8, "stamped": 6} {
		if got := llamaswap.Detect(linesOf(t, name)); got != n {
			t.Errorf("%s: %d lines recognised, want %d", name, got, n)
		}
	}
	for _, line := range []string{
		"", "[INFO] Preloading model: x", `INFO:     127.0.0.1:5 - "POST /v1/chat/completions HTTP/1.1" 200 OK`,
		`[GIN] 2026/09/13 - 20:44:07 | 200 |  1.234567s |  127.0.0.1 | POST     "/api/generate"`,
	} {
		if llamaswap.Detect([][]byte{[]byte(line)}) != 0 {
			t.Errorf("%s was recognised", line)
		}
	}
}
