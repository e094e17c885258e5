package store

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// The file of a schema is written once, by the code that defined it:
// go test ./store -run TestSavedWhole -write-newest
var writeNewest = flag.Bool("write-newest", false, "write the newest of testdata/v*.db anew; only before a program with that schema was used")

// v1Batch fills testdata/v1.db.
func v1Batch() attribution.Batch {
	b := v2Batch()
	b.Remote = nil
	for _, r := range []*attribution.Request{&b.Charges[0].Request, &b.State.Requests[0].Request} {
		r.Client, r.TokensEstimated = "", false
	}
	return b
}

// v2Batch fills testdata/v2.db: schema 2 has calls served elsewhere and tags.
func v2Batch() attribution.Batch {
	start := time.Date(2026, 7, 1, 11, 59, 59, 500_000_000, time.UTC)
	window := func(i int) attribution.Window {
		w := attribution.Window{Start: start.Add(time.Duration(i) * time.Second), Scope: attribution.ScopeSoC, Energy: 12.5}
		w.End = w.Start.Add(time.Second)
		w.GPU = attribution.Rail{Energy: 12.5, Known: true, Busy: 900 * time.Millisecond, BusyKnown: true}
		w.Usage = &attribution.Usage{Servers: []attribution.ServerUse{{Server: "llama", Use: attribution.Use{CPU: time.Second}}}}
		return w
	}
	request := attribution.Request{
		ID: "llama/19c12345678/17", Server: "llama", Model: "qwen3-8b", Start: start, FirstToken: start.Add(time.Second),
		End: start.Add(2 * time.Second), Input: attribution.Known(100), Output: attribution.Known(20), Outcome: attribution.OutcomeOK, Position: 4711,
	}
	request.Client, request.TokensEstimated = "editor", true
	open := request
	open.ID, open.End, open.Outcome = "llama/19c12345678/18", time.Time{}, ""
	return attribution.Batch{
		At:      start.Add(time.Minute),
		Windows: []attribution.Window{window(0), window(1)},
		Gaps:    []attribution.Gap{{Start: start.Add(-time.Hour), End: start, Reason: attribution.GapStart}},
		Bookings: []attribution.Booking{{
			Window: window(0), Baseline: 2.5, Inference: 10, Busy: time.Second,
			Shares: []attribution.Share{{Request: request.ID, Server: "llama", Model: "qwen3-8b", Prefill: 4, Decode: 6, Tier: attribution.TierMeasured}},
		}},
		Charges: []attribution.Charge{{Request: request, Prefill: 4, Decode: 6, EnergyKnown: true, Covered: 1, Tier: attribution.TierMeasured, Scope: attribution.ScopeSoC}},
		Remote: []attribution.RemoteCall{{
			ID: "gw/1", Server: "gw", Provider: "openai", Model: "gpt-5", Start: start, End: request.End, Project: "docs",
			Input: attribution.Known(7), Cached: attribution.Known(6), CacheWrite: attribution.Known(5), Output: attribution.Known(3),
			Outcome: attribution.OutcomeOK, Spend: 1_234_567, SpendKnown: true, Position: 99,
		}},
		State: attribution.State{
			Closed: window(0).End, Requests: []attribution.OpenRequest{{Request: open}},
			Quiet: []attribution.QuietMinute{{Start: start.Truncate(time.Minute), Length: time.Second, All: 0.25}}, LastEnd: request.End,
		},
		Checkpoints: []attribution.Checkpoint{{Source: "/opt/llama/server.log", Data: []byte{1, 2, 3}}},
	}
}

// v3Batch fills testdata/v3.db: schema 3 keeps tags in slots, and tells more of
// tokens. One prompt is long, and one request was cancelled.
func v3Batch() attribution.Batch {
	b := v2Batch()
	b.Bookings[0].Shares[0].Client = "editor"
	long, stopped := b.Charges[0], b.Charges[0]
	long.Request.ID, long.Request.Position, stopped.Request.Position = "llama/19c12345678/19", 4712, 4713
	long.Request.Input, long.Request.Cached = attribution.Known(200), attribution.Known(40_000)
	stopped.Request.ID, stopped.Request.Outcome, stopped.Request.Client = "llama/19c12345678/20", attribution.OutcomeCancelled, ""
	long.Scope, stopped.Scope = "", ""
	long.Late, long.EnergyKnown, long.Prefill, long.Decode, long.Covered = true, false, 0, 0, 0
	stopped.Late, stopped.EnergyKnown, stopped.Prefill, stopped.Decode, stopped.Covered = true, false, 0, 0, 0
	b.Charges = append(b.Charges, long, stopped)
	return b
}

// TestOldFiles opens a saved file of every schema.
func TestOldFiles(t *testing.T) {
	for name, tt := range map[string]struct {
		batch attribution.Batch
		rest  string
	}{
		"v1.db": {v1Batch(), "0 counted by others, elsewhere []" +
			"; unknown 0 1 0, answered {100 0 20 0 1 0}, long [] and 1 unknown; tags [] since 12:00:01.5"},
		"v2.db": {v2Batch(), "1 counted by others, elsewhere [1234567 nano-dollars at openai]" +
			"; unknown 0 1 0, answered {100 0 20 0 1 0}, long [] and 1 unknown; tags [] since 12:00:01.5"},
		"v3.db": {v3Batch(), "3 counted by others, elsewhere [1234567 nano-dollars at openai]" +
			"; unknown 0 2 0, answered {300 40000 40 0 1 0}, long [{32000 1 {200 40000 20 0 0 0}}] and 1 unknown" +
			"; tags [editor: 5.0 J, 0 requests editor: 5.0 J, 2 requests] since 00:00:00"},
	} {
		t.Run(name, func(t *testing.T) { testOldFile(t, name, tt.batch, tt.rest) })
	}
}

func oldFile(t *testing.T, name string) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func testOldFile(t *testing.T, name string, b attribution.Batch, rest string) {
	s, err := Open(oldFile(t, name), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // it was only read
	resumed, err := s.Resume(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, attribution.Resume{State: b.State, Windows: b.Windows[1:], Checkpoints: b.Checkpoints, LastEnd: b.Windows[1].End}, resumed)
	var charges []attribution.Charge
	err = s.Requests(t.Context(), time.Time{}, latestTime, func(c attribution.Charge) error {
		charges = append(charges, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, b.Charges, charges)
	var calls []attribution.RemoteCall
	err = s.RemoteCalls(t.Context(), time.Time{}, latestTime, func(c attribution.RemoteCall) error {
		calls = append(calls, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, b.Remote, calls)
	r, err := s.Range(t.Context(), b.Gaps[0].Start, b.At)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%d slots, %.2f+%.2f J, %d models, gaps %v, open %.1f J", len(r.System), r.System[0].Energy, r.System[1].Energy, len(r.Models), r.Gaps, r.Open)
	for _, x := range r.System {
		if x.Gap != 0 || x.GapTime != 0 || x.Error != 0 || x.Scope != attribution.ScopeSoC {
			t.Errorf("a slot of before whole machines: %+v", x)
		}
	}
	want := fmt.Sprintf("2 slots, 6.25+6.25 J, 2 models, gaps %v, open 12.5 J", b.Gaps)
	got += fmt.Sprintf(", %d tokens of %.1f J, CPU unknown for %s", r.Models[1].MeteredOutput, r.Models[1].MeteredEnergy, r.System[0].CPUUnknown)
	want += ", 20 tokens of 10.0 J, CPU unknown for 500ms"
	var elsewhere []string
	for _, x := range r.Remote {
		elsewhere = append(elsewhere, fmt.Sprintf("%d nano-dollars at %s", x.Spend, x.Provider))
	}
	got += fmt.Sprintf(", %d counted by others, elsewhere %v", r.Models[1].EstimatedTokens, elsewhere)
	got += more(r)
	want += ", " + rest
	if got != want {
		t.Errorf("range: %s, want %s", got, want)
	}
}

// more is what schema 3 tells.
func more(r Range) string {
	var tags []string
	for _, x := range r.Tagged {
		tags = append(tags, fmt.Sprintf("%s%s: %.1f J, %d requests", x.Client, x.Project, x.Prefill+x.Decode, x.Requests()))
	}
	m := r.Models[1]
	return fmt.Sprintf("; unknown %d %d %d, answered %v, long %v and %d unknown; tags %v since %s", m.UnknownInput, m.UnknownCached, m.UnknownOutput,
		m.Answered, m.Long, m.UnknownLength, tags, r.TaggedSince.Format("15:04:05.999"))
}

// TestMigrate takes a store through steps that do not exist yet.
func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	mustOpen := func(steps []migration) error {
		s, err := open(path, Options{}, steps)
		if err != nil {
			return err
		}
		return s.Close()
	}
	if err := mustOpen(migrations()); err != nil {
		t.Fatal(err)
	}
	var ran []string
	step := func(to uint64, err error) migration {
		return migration{to: to, run: func(tx *bbolt.Tx) error {
			ran = append(ran, fmt.Sprint(to))
			if _, made := tx.CreateBucket([]byte(fmt.Sprint("new", to))); made != nil {
				return made
			}
			return err
		}}
	}
	broken := errors.New("broken")
	next := migrations()[len(migrations())-1].to + 1
	if err := mustOpen(append(migrations(), step(next, nil), step(next+1, broken))); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	// The first step stays, the second left nothing and runs again.
	if err := mustOpen(append(migrations(), step(next, nil), step(next+1, nil))); err != nil {
		t.Fatal(err)
	}
	same(t, []string{fmt.Sprint(next), fmt.Sprint(next + 1), fmt.Sprint(next + 1)}, ran)
	if err := mustOpen(migrations()); !errors.Is(err, ErrNewerSchema) {
		t.Errorf("older program: got %v", err)
	}
}

func TestOlderSchemaReadOnly(t *testing.T) {
	for _, name := range []string{"v1.db", "v2.db", "v3.db"} {
		var h interface{ Hint() string }
		_, err := OpenReadOnly(oldFile(t, name), Options{})
		if !errors.Is(err, ErrOlderSchema) || !errors.As(err, &h) || h.Hint() != hintOlder {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A file that is migrated lacks what it lacked before.
func TestMigrateDamaged(t *testing.T) {
	path := oldFile(t, "v1.db")
	db, err := openFile(path, DefaultTimeout, false)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(nameSlots)) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
}
