package lmstudio_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/lmstudio"
)

// expected is a line of a golden file: what the log beside it tells of one
// request, in the order in which it does. Times are of the log's day; a count
// that is missing is unknown.
type expected struct {
	Model     string `json:"model,omitempty"`
	Start     string `json:"start"`
	First     string `json:"first,omitempty"`
	End       string `json:"end"`
	Input     *int64 `json:"input,omitempty"`
	Cached    *int64 `json:"cached,omitempty"`
	Output    *int64 `json:"output,omitempty"`
	Context   *int64 `json:"context,omitempty"`
	Outcome   string `json:"outcome"`
	Estimated bool   `json:"estimated,omitempty"`
	Uncertain string `json:"uncertain,omitempty"` // half a second where missing
}

const goldenTime = "15:04:05.999999"

func asExpected(r attribution.Request) expected {
	count := func(c attribution.Count) *int64 {
		if !c.Known {
			return nil
		}
		return &c.N
	}
	e := expected{
		Model: r.Model, Start: r.Start.Format(goldenTime), End: r.End.Format(goldenTime),
		Input: count(r.Input), Cached: count(r.Cached), Output: count(r.Output), Context: count(r.Context),
		Outcome: string(r.Outcome), Estimated: r.TokensEstimated,
	}
	if !r.FirstToken.IsZero() {
		e.First = r.FirstToken.Format(goldenTime)
	}
	if r.Uncertainty != 500*time.Millisecond {
		e.Uncertain = r.Uncertainty.String()
	}
	return e
}

// logs are the names of the logs in testdata.
func logs(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.log")
	if err != nil || len(paths) < 7 {
		t.Fatalf("logs %v, %v", paths, err)
	}
	return paths
}

// lines splits a log as the follower does.
func lines(data []byte) []requestlog.Line {
	var all []requestlog.Line
	offset := int64(0)
	for _, b := range bytes.SplitAfter(data, []byte("\n")) {
		if len(b) > 0 {
			all = append(all, requestlog.Line{Data: bytes.TrimSuffix(b, []byte("\n")), Offset: offset, Spread: requestlog.SpreadUnknown})
		}
		offset += int64(len(b))
	}
	return all
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGolden(t *testing.T) {
	for _, path := range logs(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".log"), func(t *testing.T) {
			p := lmstudio.New(requestlog.Options{Server: "s"})
			var got []expected
			ids := map[string]bool{}
			for _, l := range lines(read(t, path)) {
				p.Parse(l)
				for _, r := range p.Take().Requests {
					if ids[r.ID] || r.Server != "s" || r.Position != l.Offset && r.Position == 0 {
						t.Errorf("request %+v", r)
					}
					ids[r.ID] = true
					got = append(got, asExpected(r))
				}
			}
			if f := p.Take(); len(f.InFlight) > 0 || len(f.Loading) > 0 {
				t.Errorf("still under way: %+v", f)
			}
			var want []expected
			for _, l := range lines(read(t, strings.TrimSuffix(path, ".log")+".jsonl")) {
				var e expected
				if err := json.Unmarshal(l.Data, &e); err != nil {
					t.Fatal(err)
				}
				want = append(want, e)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
