package litellm_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/litellm"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// want is a request or a remote call as the golden files have it. A count that
// is absent is unknown.
type want struct {
	Line                           int64
	Remote                         bool
	ID, Provider, Model            string
	Start, First, End              time.Time
	Input, Cached, Output, Context *int64
	CacheWrite                     *int64 `json:"cache_write"`
	Spend                          *int64 // billionths of a dollar
	Outcome, Client, Project       string
}

func known(c attribution.Count) *int64 {
	if !c.Known {
		return nil
	}
	return &c.N
}

func wanted(f requestlog.Facts) []want {
	var all []want
	for _, r := range f.Requests {
		all = append(all, want{
			Line: r.Position, ID: r.ID, Model: r.Model, Start: r.Start, First: r.FirstToken, End: r.End,
			Input: known(r.Input), Cached: known(r.Cached), Output: known(r.Output), Context: known(r.Context),
			Outcome: string(r.Outcome), Client: r.Client, Project: r.Project,
		})
	}
	for _, c := range f.Remote {
		w := want{
			Line: c.Position, Remote: true, ID: c.ID, Provider: c.Provider, Model: c.Model, Start: c.Start, End: c.End,
			Input: known(c.Input), Cached: known(c.Cached), Output: known(c.Output), CacheWrite: known(c.CacheWrite),
			Outcome: string(c.Outcome), Client: c.Client, Project: c.Project,
		}
		if c.SpendKnown {
			w.Spend = known(attribution.Known(int64(c.Spend)))
		}
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b want) int { return int(a.Line - b.Line) })
	return all
}

type recording struct {
	name string
	opt  requestlog.Options
}

func recordings() []recording {
	return []recording{
		{"lines", requestlog.Options{Server: "gw", Elsewhere: []int{11434}}},
		{"jsonlogs", requestlog.Options{Server: "gw"}},
		{"printed", requestlog.Options{Server: "gw"}},
		{"spend", requestlog.Options{Server: "gw", Zone: time.FixedZone("", 2*3600)}},
	}
}

func contract(opt requestlog.Options) parsertest.Contract {
	return parsertest.Contract{Format: litellm.Format(), Options: opt, MostState: 1 << 18}
}

func linesOf(t testing.TB, name string) []requestlog.Line {
	t.Helper()
	return parsertest.Arriving(bytes.TrimSuffix(parsertest.Read(t, name+".log"), []byte("\n")), time.Time{})
}

func golden(t testing.TB, name string) []want {
	var all []want
	d := json.NewDecoder(bytes.NewReader(parsertest.Read(t, name+".want.jsonl")))
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

func TestGolden(t *testing.T) {
	for _, r := range recordings() {
		t.Run(r.name, func(t *testing.T) {
			got, _ := contract(r.opt).Parse(linesOf(t, r.name))
			if diff := cmp.Diff(golden(t, r.name), wanted(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRestartAnywhere(t *testing.T) {
	for _, r := range recordings() {
		t.Run(r.name, func(t *testing.T) { contract(r.opt).RestartAnywhere(t, linesOf(t, r.name)) })
	}
}

func TestDetect(t *testing.T) {
	for name, n := range map[string]int{"lines": 13, "jsonlogs": 2, "printed": 4, "spend": 3} {
		if got := litellm.Detect(parsertest.Texts(linesOf(t, name))); got != n {
			t.Errorf("%s: %d lines recognised, want %d", name, got, n)
		}
	}
	contract(requestlog.Options{}).Foreign(t,
		`{"start":"2026-11-24T05:45:00Z","end":"2026-11-24T05:45:03Z","gen_ai.request.model":"q"}`,
		`{"type":"log","time":6536043,"level":"info","msg":"slot launch_slot_: id 0"}`,
		`{"startTime":1,"endTime":2}`, `{`, `}`, ``, `    "id": "x",`,
	)
}
