package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// TestMadeUpModels: a client that makes up a model for every request fills the
// names that a store tells apart; all further models and providers are one.
// Those that are known stay known, and nothing is lost or counted twice.
func TestMadeUpModels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the test has its figures by then
	const made = MaxNames + 500
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	var b attribution.Batch
	for i := range made {
		id, name := fmt.Sprint("s/", i), fmt.Sprint("made-up-", i)
		b.Charges = append(b.Charges, asked(1, func(r *attribution.Request) { r.ID, r.Model, r.Client = id, name, "c" }))
		b.Remote = append(b.Remote, attribution.RemoteCall{ID: id, Server: "gw", Provider: "p", Model: name, Start: at, End: at, Outcome: attribution.OutcomeOK})
	}
	b.State.Requests = []attribution.OpenRequest{{Request: b.Charges[made-1].Request}}
	b.State.Requests[0].Request.End = time.Time{}
	for range 2 { // a log that is read again
		if err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	last := asked(1, func(r *attribution.Request) { r.ID, r.Model = "s/again", "made-up-0" })
	if err := s.Commit(t.Context(), attribution.Batch{State: b.State, Charges: []attribution.Charge{last}}); err != nil {
		t.Fatal(err)
	}
	r, err := s.Range(t.Context(), at, at.Add(1))
	if err != nil {
		t.Fatal(err)
	}
	ok := map[string]int64{}
	for _, m := range r.Models {
		ok["model "+m.Model] += m.OK
		ok["all models"] += m.OK
	}
	for _, m := range r.Tagged {
		ok["all tags"] += m.OK
	}
	for _, m := range r.Remote {
		ok["all calls"] += m.OK
	}
	others := made - int64(len(r.Models)-1)
	for name, want := range map[string]int64{
		"all models": made + 1, "all tags": made, "all calls": made, "model made-up-0": 2, "model made-up-9": 1, "model " + OtherName: others,
	} {
		if ok[name] != want {
			t.Errorf("%s: %d, want %d", name, ok[name], want)
		}
	}
	if len(r.Models) > MaxNames || others < made-MaxNames {
		t.Errorf("%d rows of models, %d requests of others", len(r.Models), others)
	}
	resumed, err := s.Resume(t.Context())
	if err != nil || resumed.State.Requests[0].Request.Model != OtherName || resumed.State.Requests[0].Request.ID != fmt.Sprint("s/", made-1) {
		t.Errorf("resumed %+v, %v", resumed.State.Requests, err)
	}
}
