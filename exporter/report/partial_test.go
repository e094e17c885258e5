package report_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/report"
	"github.com/sovmeter/sovmeter/store"
)

// A request of 100 s of which the meter saw 10 s: 1000 tokens against a tenth of
// their energy would be a tenth of the truth.
func TestPartlyMeasuredRequestHasNoEnergyPerToken(t *testing.T) {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := attribution.New(attribution.Config{}, attribution.Resume{})
	e.AddRequest(attribution.Request{ID: "a", Server: "s", Model: "m", Start: since, FirstToken: since.Add(time.Second), End: since.Add(100 * time.Second),
		Input: attribution.Known(10), Cached: attribution.Known(0), Output: attribution.Known(1000), Outcome: attribution.OutcomeOK})
	w := attribution.Window{Start: since, End: since.Add(10 * time.Second), Energy: 52, CPU: attribution.Rail{Energy: 0, Known: true}, GPU: attribution.Rail{Energy: 52, Known: true}, Scope: attribution.ScopeSoC}
	if err := e.AddWindow(w); err != nil {
		t.Fatal(err)
	}
	res := e.Advance(since.Add(10*time.Minute), nil, nil)
	db, err := store.Open(filepath.Join(t.TempDir(), "s.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Commit(t.Context(), attribution.Batch{At: since.Add(10 * time.Minute), Windows: []attribution.Window{w}, Bookings: res.Bookings, Charges: res.Charges, State: e.State()}); err != nil {
		t.Fatal(err)
	}
	rg, err := db.Range(t.Context(), since, since.Add(15*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	p := report.Period{Since: since, Until: since.Add(15 * time.Minute)}
	r, err := report.Build(report.Inputs{Period: p, Range: rg, Now: since.Add(15 * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	m := r.Models[0]
	if j, ok := m.JoulesPerOutputToken(); ok || r.OneMore != nil || m.Partial != 1 {
		t.Errorf("%v J per output token, one more call %+v, %d partial: want neither figure and 1", j, r.OneMore, m.Partial)
	}
}
