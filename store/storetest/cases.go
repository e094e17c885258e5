package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// noon is a slot's edge.
func noon() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }

// window draws 10 J on the GPU.
func window(start time.Time, length time.Duration) attribution.Window {
	gpu := attribution.Rail{Energy: 10, Known: true}
	return attribution.Window{Start: start, End: start.Add(length), GPU: gpu, Energy: 10, Scope: attribution.ScopeSoC}
}

// booked books 4 J to the baseline and 6 J to a request.
func booked(w attribution.Window) attribution.Booking {
	return attribution.Booking{
		Window: w, Baseline: 4, Inference: 6, Busy: w.End.Sub(w.Start),
		Shares: []attribution.Share{{Request: "a", Server: "s", Model: "m", Prefill: 2, Decode: 4, Tier: attribution.TierMeasured}},
	}
}

func charge(id string, end time.Time) attribution.Charge {
	return attribution.Charge{
		Request: attribution.Request{
			ID: id, Server: "s", Model: "m", Start: end.Add(-time.Second), End: end, Outcome: attribution.OutcomeOK,
			Input: attribution.Known(7), Cached: attribution.Known(0), Output: attribution.Known(3),
		},
		Prefill: 2, Decode: 4, EnergyKnown: true, Covered: 1, Tier: attribution.TierMeasured,
	}
}

// closed is a batch that measures and books the windows at once.
func closed(windows ...attribution.Window) attribution.Batch {
	b := attribution.Batch{Windows: windows}
	for _, w := range windows {
		b.Bookings = append(b.Bookings, booked(w))
		b.State.Closed = w.End
	}
	return b
}

func commit(t testing.TB, s Store, b attribution.Batch) {
	t.Helper()
	if err := s.Commit(context.Background(), b); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

func rangeOf(t testing.TB, s Store, since, until time.Time) store.Range {
	t.Helper()
	r, err := s.Range(context.Background(), since, until)
	if err != nil {
		t.Fatalf("range: %v", err)
	}
	return r
}

func testEmpty(t *testing.T, open Opener) {
	s, _ := start(t, open)
	resumed, err := s.Resume(t.Context())
	if d := cmp.Diff(attribution.Resume{}, resumed); err != nil || d != "" {
		t.Errorf("resume: %v (-want +got):\n%s", err, d)
	}
	want := store.Range{Since: noon(), Until: noon().Add(time.Hour)}
	if d := cmp.Diff(want, rangeOf(t, s, noon(), noon().Add(time.Hour))); d != "" {
		t.Errorf("range (-want +got):\n%s", d)
	}
	if _, err := s.Range(t.Context(), noon(), noon().Add(-1)); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("range that ends before it starts: %v", err)
	}
	if p, err := s.Prune(t.Context(), noon()); err != nil || p != (store.Pruned{}) {
		t.Errorf("prune: %+v, %v", p, err)
	}
}

func testSlotEdge(t *testing.T, open Opener) {
	s, _ := start(t, open)
	b := closed(window(noon().Add(-time.Second), 4*time.Second))
	b.Charges = []attribution.Charge{charge("a", noon().Add(time.Second))}
	commit(t, s, b)
	r := rangeOf(t, s, noon().Add(-time.Minute), noon().Add(time.Minute))
	early, late := noon().Add(-store.SlotLength), noon()
	want := store.Range{
		Since: early, Until: late.Add(store.SlotLength), First: noon().Add(-time.Second), Last: noon().Add(3 * time.Second),
		System: []store.SystemSlot{
			{Start: early, Scope: "soc", Energy: 2.5, GPU: 2.5, Baseline: 1, Inference: 1.5, BaselineBusy: 1, Measured: time.Second, Busy: time.Second,
				CPUUnknown: time.Second, ANEUnknown: time.Second},
			{Start: late, Scope: "soc", Energy: 7.5, GPU: 7.5, Baseline: 3, Inference: 4.5, BaselineBusy: 3, Measured: 3 * time.Second, Busy: 3 * time.Second,
				CPUUnknown: 3 * time.Second, ANEUnknown: 3 * time.Second},
		},
		Models: []store.ModelSlot{
			{Start: early, Server: "s", Model: "m", Prefill: 0.5, Decode: 1},
			{Start: late, Server: "s", Model: "m", Prefill: 1.5, Decode: 3, Input: 7, Output: 3, OK: 1, Answered: store.Tokens{Input: 7, Output: 3},
				MeteredOutput: 3, MeteredEnergy: 6, MeteredOK: 1, MeteredOKEnergy: 6},
		},
	}
	if d := cmp.Diff(want, r); d != "" {
		t.Errorf("range (-want +got):\n%s", d)
	}
}

func testOpen(t *testing.T, open Opener) {
	s, _ := start(t, open)
	first, second := window(noon().Add(-time.Second), time.Second), window(noon(), 2*time.Second)
	commit(t, s, attribution.Batch{Windows: []attribution.Window{first, second}})
	r := rangeOf(t, s, noon(), noon().Add(time.Hour))
	if r.Open != 10 || r.OpenSeconds != 2 || len(r.System) != 0 || !r.First.Equal(first.Start) {
		t.Errorf("open %g J in %g s, %d slots, first %s; want 10 J in 2 s, none, %s", r.Open, r.OpenSeconds, len(r.System), r.First, first.Start)
	}
	b := attribution.Batch{Bookings: []attribution.Booking{booked(first)}}
	b.State.Closed = first.End
	commit(t, s, b)
	r = rangeOf(t, s, noon().Add(-time.Hour), noon().Add(time.Hour))
	if r.Open != 10 || len(r.System) != 1 || r.System[0].Energy != 10 {
		t.Errorf("after closing the first: open %g J, slots %+v", r.Open, r.System)
	}
}

func testGaps(t *testing.T, open Opener) {
	s, _ := start(t, open)
	gap := attribution.Gap{Start: noon().Add(-time.Hour), End: noon().Add(time.Hour), Reason: attribution.GapSleep}
	after := attribution.Gap{Start: gap.End, End: gap.End.Add(time.Minute), Reason: attribution.GapPowermetrics}
	commit(t, s, attribution.Batch{Gaps: []attribution.Gap{gap, after}})
	r := rangeOf(t, s, noon(), noon().Add(store.SlotLength))
	want := []attribution.Gap{{Start: noon(), End: noon().Add(store.SlotLength), Reason: attribution.GapSleep}}
	if d := cmp.Diff(want, r.Gaps); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
	resumed, err := s.Resume(t.Context())
	if err != nil || !resumed.LastEnd.Equal(after.End) {
		t.Errorf("last end %s, %v; want %s", resumed.LastEnd, err, after.End)
	}
}

func testMarks(t *testing.T, open Opener) {
	s, _ := start(t, open)
	commit(t, s, closed(window(noon(), time.Second), window(noon().Add(store.SlotLength), time.Second)))
	for _, tt := range []struct {
		since, until time.Duration
		slots        int
		length       time.Duration
	}{
		{0, store.SlotLength, 1, store.SlotLength},
		{time.Second, store.SlotLength + time.Nanosecond, 2, 2 * store.SlotLength},
		{store.SlotLength, 2 * store.SlotLength, 1, store.SlotLength},
		{0, 0, 0, 0},
	} {
		r := rangeOf(t, s, noon().Add(tt.since), noon().Add(tt.until))
		if len(r.System) != tt.slots || r.Until.Sub(r.Since) != tt.length {
			t.Errorf("[%s, %s): %d slots of [%s, %s); want %d", tt.since, tt.until, len(r.System), r.Since, r.Until, tt.slots)
		}
	}
}

func testRequests(t *testing.T, open Opener) {
	s, _ := start(t, open)
	const n = 1500 // more than one chunk
	var b attribution.Batch
	for i := range n {
		b.Charges = append(b.Charges, charge(fmt.Sprint(n-i), noon().Add(time.Duration(n-i)*time.Second)))
	}
	commit(t, s, b)
	var got []string
	err := s.Requests(t.Context(), noon().Add(time.Second), noon().Add((n)*time.Second), func(c attribution.Charge) error {
		got = append(got, c.Request.ID)
		return nil
	})
	if err != nil || len(got) != n-1 || got[0] != "1" || got[n-2] != fmt.Sprint(n-1) {
		t.Errorf("got %d requests, %v", len(got), err)
	}
	stop := errors.New("stop")
	err = s.Requests(t.Context(), noon(), farAhead(), func(attribution.Charge) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("error of the callback: got %v", err)
	}
}

func testSameKey(t *testing.T, open Opener) {
	s, _ := start(t, open)
	// FNV-32a of "s\x00" and these ids is the same.
	a, b := collidingIDs("s")
	commit(t, s, attribution.Batch{Charges: []attribution.Charge{charge(a, noon()), charge(b, noon())}})
	commit(t, s, attribution.Batch{Charges: []attribution.Charge{charge(b, noon())}})
	seen := map[string]int{}
	err := s.Requests(t.Context(), noon(), noon().Add(1), func(c attribution.Charge) error {
		seen[c.Request.ID]++
		return nil
	})
	if d := cmp.Diff(map[string]int{a: 1, b: 1}, seen); err != nil || d != "" {
		t.Errorf("requests: %v (-want +got):\n%s", err, d)
	}
}

func checkCopy(t *testing.T, r *rapid.T, open Opener, path string, feed *Feed, i int) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		r.Fatalf("read the store's file: %v", err)
	}
	copied := fmt.Sprintf("%s.%d.copy", path, i)
	if err := os.WriteFile(copied, file, 0o600); err != nil {
		r.Fatalf("%v", err)
	}
	s, err := open(copied)
	if err != nil {
		r.Fatalf("open the copy: %v", err)
	}
	CheckFed(r, s, feed)
	if err := s.Close(); err != nil {
		r.Errorf("close the copy: %v", err)
	}
	CheckFile(t, copied)
}

func testPrune(t *testing.T, open Opener) {
	s, _ := start(t, open)
	old, kept := window(noon(), time.Second), window(noon().Add(time.Second), time.Second)
	b := closed(old)
	b.Windows = append(b.Windows, kept)
	b.Charges = []attribution.Charge{charge("old", noon())}
	b.Remote = []attribution.RemoteCall{remoteCall("old", noon())}
	commit(t, s, b)
	now := noon().AddDate(0, 0, 100)
	if p, err := s.Prune(t.Context(), now); err != nil || p != (store.Pruned{}) {
		t.Errorf("prune with a clock that ran ahead: %+v, %v", p, err)
	}
	commit(t, s, attribution.Batch{
		State: b.State, Gaps: []attribution.Gap{{Start: kept.End, End: now, Reason: attribution.GapSleep}},
		Charges: []attribution.Charge{charge("new", now)}, Remote: []attribution.RemoteCall{remoteCall("new", now)},
	})
	p, err := s.Prune(t.Context(), now)
	if d := cmp.Diff(store.Pruned{Windows: 1, Requests: 1, Remote: 1}, p); err != nil || d != "" {
		t.Errorf("prune: %v (-want +got):\n%s", err, d)
	}
	resumed, err := s.Resume(t.Context())
	if d := cmp.Diff([]attribution.Window{kept}, resumed.Windows, cmpopts.EquateEmpty()); err != nil || d != "" {
		t.Errorf("open windows: %v (-want +got):\n%s", err, d)
	}
	if r := rangeOf(t, s, longAgo(), farAhead()); len(r.System) != 1 || r.System[0].Energy != energy.Joules(10) {
		t.Errorf("slots after prune: %+v", r.System)
	}
	if r := rangeOf(t, s, longAgo(), farAhead()); len(r.Remote) != 2 {
		t.Errorf("slots of calls after prune: %+v", r.Remote)
	}
}
