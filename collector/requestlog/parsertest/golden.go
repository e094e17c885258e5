package parsertest

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Row is a request, a load or a call as a golden file has it, written down by
// hand. Times are seconds after the contract's Begin, exact to the nanosecond;
// what is absent is unknown.
type Row struct {
	Line       int64 // the position
	Load       bool
	Remote     bool
	ID         string // absent: left open
	Model      string
	Outcome    string
	Start      *float64
	First      *float64
	End        *float64
	Off        float64 // uncertainty, seconds
	Input      *int64
	Cached     *int64
	Output     *int64
	Context    *int64
	Reused     *float64
	CacheWrite *int64 `json:"cache_write"`
}

// Rows returns the facts that are handed over once, requests first.
func (c Contract) Rows(f requestlog.Facts) []Row {
	var all []Row
	for _, r := range f.Requests {
		row := Row{
			Line: r.Position, ID: r.ID, Model: r.Model, Outcome: string(r.Outcome), Off: r.Uncertainty.Seconds(),
			Start: c.seconds(r.Start), First: c.seconds(r.FirstToken), End: c.seconds(r.End),
			Input: known(r.Input), Cached: known(r.Cached), Output: known(r.Output), Context: known(r.Context),
		}
		if r.Reused.Known {
			row.Reused = &r.Reused.Of
		}
		all = append(all, row)
	}
	for _, l := range f.Loads {
		all = append(all, Row{Load: true, Model: l.Model, Start: c.seconds(l.Start), End: c.seconds(l.End)})
	}
	for _, r := range f.Remote {
		all = append(all, Row{
			Line: r.Position, Remote: true, ID: r.ID, Model: r.Model, Outcome: string(r.Outcome), Start: c.seconds(r.Start), End: c.seconds(r.End),
			Input: known(r.Input), Cached: known(r.Cached), Output: known(r.Output), CacheWrite: known(r.CacheWrite),
		})
	}
	return all
}

func (c Contract) seconds(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	s := float64(t.Sub(c.Begin)) / 1e9
	return &s
}

func known(c attribution.Count) *int64 {
	if !c.Known {
		return nil
	}
	return &c.N
}

// Golden parses the lines and compares what they tell, line by line, with a file
// of testdata.
func (c Contract) Golden(t testing.TB, lines []requestlog.Line, name string) {
	t.Helper()
	var got []Row
	p := c.New()
	for _, l := range lines {
		p.Parse(l)
		got = append(got, c.Rows(p.Take())...)
	}
	Same(t, got, name)
}

// Same compares rows with those in a file of testdata.
func Same(t testing.TB, got []Row, name string) {
	t.Helper()
	var want []Row
	d := json.NewDecoder(bytes.NewReader(Read(t, name)))
	d.DisallowUnknownFields()
	for d.More() {
		var row Row
		if err := d.Decode(&row); err != nil {
			t.Fatal(err)
		}
		if i := len(want); i < len(got) && row.ID == "" {
			row.ID = got[i].ID
		}
		want = append(want, row)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
