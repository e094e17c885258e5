package storetest

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

func tagName(client, project string) string { return fmt.Sprintf("[%s %s] ", client, project) }

// modelOnly are the fields that a tagged slot does not have.
func modelOnly() []string { return []string{"load", "error", "shared", "estimated", "busy"} }

// checkTagged holds that in every slot the tags of a model together have at
// most what the model has; and all of it when every request is tagged.
func checkTagged(t TB, r store.Range, allTagged bool) {
	t.Helper()
	tagged, models := map[string]float64{}, map[string]float64{}
	place := func(s store.ModelSlot) string {
		return fmt.Sprintf("%s %s %s ", s.Start.Format(time.RFC3339), s.Server, s.Model)
	}
	for _, s := range r.Tagged {
		sumModel(tagged, place(s.ModelSlot), s.ModelSlot)
	}
	for _, s := range r.Models {
		sumModel(models, place(s), s)
	}
	for _, name := range sortedNames(tagged, models) {
		part, whole, alone := tagged[name], models[name], false
		for _, field := range modelOnly() {
			alone = alone || strings.HasSuffix(name, " "+field)
		}
		switch {
		case alone && part != 0:
			t.Errorf("%s: tags have %g of what is the model's alone", name, part)
		case !alone && part > whole && !near(part, whole, sumTolerance):
			t.Errorf("%s: tags have %.15g, more than the model's %.15g", name, part, whole)
		case !alone && allTagged && !near(part, whole, sumTolerance):
			t.Errorf("%s: tags have %.15g, and every request is tagged, but the model has %.15g", name, part, whole)
		}
	}
}

func testAllTagged(t *testing.T, open Opener) {
	rapid.Check(t, func(r *rapid.T) {
		s, err := open(filepath.Join(t.TempDir(), "store.db"))
		if err != nil {
			r.Fatalf("open: %v", err)
		}
		feed := NewFeed()
		feed.AllTagged = true
		for range rapid.IntRange(1, 4).Draw(r, "batches") {
			if err := s.Commit(t.Context(), feed.Next(r)); err != nil {
				r.Fatalf("commit: %v", err)
			}
		}
		CheckFed(r, s, feed)
		if err := s.Close(); err != nil {
			r.Errorf("close: %v", err)
		}
	})
}

// testTaggedSlots tells of two clients and one that is not tagged: energy falls
// in the slot in which it was drawn, the rest in that of the request's end.
func testTaggedSlots(t *testing.T, open Opener) {
	s, _ := start(t, open)
	b := closed(window(noon().Add(-time.Second), 4*time.Second))
	share := b.Bookings[0].Shares[0]
	share.Prefill, share.Decode = 0, 2
	editor, docs := share, share
	editor.Client, docs.Client, docs.Project = "editor", "editor", "docs"
	b.Bookings[0].Shares = []attribution.Share{editor, docs, share}
	mine, theirs, plain := charge("a", noon().Add(time.Second)), charge("b", noon().Add(time.Second)), charge("c", noon().Add(time.Second))
	mine.Request.Client, theirs.Request.Client, theirs.Request.Project = "editor", "editor", "docs"
	theirs.Request.Outcome, theirs.Request.Output, theirs.EnergyKnown = attribution.OutcomeError, attribution.Count{}, false
	b.Charges = []attribution.Charge{mine, theirs, plain}
	commit(t, s, b)
	early, late := noon().Add(-store.SlotLength), noon()
	slot := func(start time.Time, client, project string, s store.ModelSlot) store.TaggedSlot {
		s.Start, s.Server, s.Model = start, "s", "m"
		return store.TaggedSlot{Client: client, Project: project, ModelSlot: s}
	}
	want := []store.TaggedSlot{
		slot(early, "editor", "", store.ModelSlot{Decode: 0.5}),
		slot(early, "editor", "docs", store.ModelSlot{Decode: 0.5}),
		slot(late, "editor", "", store.ModelSlot{Decode: 1.5, Input: 7, Output: 3, OK: 1, Answered: store.Tokens{Input: 7, Output: 3},
			MeteredOutput: 3, MeteredEnergy: 6, MeteredOK: 1, MeteredOKEnergy: 6}),
		slot(late, "editor", "docs", store.ModelSlot{Decode: 1.5, Input: 7, UnknownTokens: 1, UnknownOutput: 1, Failed: 1, Unmetered: 1}),
	}
	if d := cmp.Diff(want, rangeOf(t, s, early, late.Add(time.Hour)).Tagged); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// testManyTags: a client that makes up a project for every request fills the
// pairs that a store tells apart; all others are one. Those that are known stay
// known, in later commits too, and nothing is lost.
func testManyTags(t *testing.T, open Opener) {
	s, _ := start(t, open)
	const made = store.MaxTags + 200
	tagged := func(i int, id string) attribution.Charge {
		c := charge(id, noon())
		c.Request.Project = fmt.Sprint("made-up-", i)
		return c
	}
	var b attribution.Batch
	for i := range made {
		b.Charges = append(b.Charges, tagged(i, fmt.Sprint("a", i)))
	}
	commit(t, s, b)
	commit(t, s, attribution.Batch{Charges: []attribution.Charge{tagged(0, "b0"), tagged(made-1, "b1")}})
	requests := map[string]int64{}
	for _, x := range rangeOf(t, s, noon(), noon().Add(1)).Tagged {
		requests[x.Client+"|"+x.Project] += x.OK
	}
	others := requests[store.OtherTag+"|"+store.OtherTag]
	if len(requests) != store.MaxTags+1 || others != 201 || requests["|made-up-0"] != 2 || requests["|made-up-999"] != 1 {
		t.Errorf("%d pairs, %d requests of others, %d of the first; want %d, 201, 2", len(requests), others, requests["|made-up-0"], store.MaxTags+1)
	}
}

// testWindowCuts commits the same bookings with windows cut anywhere: the slots
// are the same.
func testWindowCuts(t *testing.T, open Opener) {
	rapid.Check(t, func(r *rapid.T) {
		feed := NewFeed()
		for range rapid.IntRange(1, 3).Draw(r, "batches") {
			feed.Next(r)
		}
		uncut := attribution.Batch{Bookings: feed.Bookings, State: attribution.State{Closed: feed.Last.State.Closed}}
		cut := uncut
		cut.Bookings = nil
		for i := range uncut.Bookings {
			b := &uncut.Bookings[i] // busy all the time, so that each part of it is
			b.Busy = b.Window.End.Sub(b.Window.Start)
			b.ModelBusy[0].Busy = b.Busy
		}
		for _, b := range uncut.Bookings {
			cut.Bookings = append(cut.Bookings, cutBooking(b, rapid.Float64Range(0, 1).Draw(r, "cut"))...)
		}
		want, got := slotsOf(t, r, open, uncut), slotsOf(t, r, open, cut)
		for _, name := range sortedNames(want, got) {
			// Times are whole nanoseconds, and a cut may round each part of one.
			rounded := strings.HasSuffix(name, " busy") && !strings.Contains(name, "baseline") &&
				math.Abs(got[name]-want[name]) <= 2e-9*float64(len(feed.Bookings))
			if !near(got[name], want[name], sumTolerance) && !rounded {
				r.Errorf("%s: %.15g with windows cut, %.15g without", name, got[name], want[name])
			}
		}
	})
}

// slotsOf sums the fields of every single slot.
func slotsOf(t *testing.T, r *rapid.T, open Opener, b attribution.Batch) map[string]float64 {
	s, err := open(filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		r.Fatalf("open: %v", err)
	}
	commit(t, s, b)
	all := rangeOf(t, s, longAgo(), farAhead())
	if err := s.Close(); err != nil {
		r.Fatalf("close: %v", err)
	}
	sums := map[string]float64{}
	for i := range all.System {
		for name, v := range sumRange(store.Range{System: all.System[i : i+1]}) {
			sums[all.System[i].Start.String()+" "+name] += v
		}
	}
	for i := range all.Models {
		for name, v := range sumRange(store.Range{Models: all.Models[i : i+1]}) {
			sums[all.Models[i].Start.String()+" "+name] += v
		}
	}
	for i := range all.Tagged {
		for name, v := range sumRange(store.Range{Tagged: all.Tagged[i : i+1]}) {
			sums[all.Tagged[i].Start.String()+" "+name] += v
		}
	}
	return sums
}

// cutBooking cuts a window into the first part of it and the rest, each with
// its part of everything.
func cutBooking(b attribution.Booking, part float64) []attribution.Booking {
	w := b.Window
	at := w.Start.Add(time.Duration(part * float64(w.End.Sub(w.Start))))
	if !w.Start.Before(at) || !at.Before(w.End) {
		return []attribution.Booking{b}
	}
	part = float64(at.Sub(w.Start)) / float64(w.End.Sub(w.Start))
	return []attribution.Booking{partOf(b, w.Start, at, part), partOf(b, at, w.End, 1-part)}
}

func partOf(b attribution.Booking, start, end time.Time, part float64) attribution.Booking {
	of := func(j energy.Joules) energy.Joules { return j * energy.Joules(part) }
	w := &b.Window
	w.Start, w.End = start, end
	w.Error = of(w.Error)
	w.Energy, w.CPU.Energy, w.GPU.Energy, w.ANE.Energy = of(w.Energy), of(w.CPU.Energy), of(w.GPU.Energy), of(w.ANE.Energy)
	for _, j := range []*energy.Joules{&b.Baseline, &b.Inference, &b.ModelLoad, &b.ServerOther, &b.OtherProcesses, &b.Unexplained} {
		*j = of(*j)
	}
	b.Busy = w.End.Sub(w.Start)
	shares, loads, models := b.Shares, b.Loads, b.ModelBusy
	b.Shares, b.Loads, b.ModelBusy = nil, nil, nil
	for _, s := range shares {
		s.Prefill, s.Decode, s.Error = of(s.Prefill), of(s.Decode), of(s.Error)
		b.Shares = append(b.Shares, s)
	}
	for _, l := range loads {
		l.Energy = of(l.Energy)
		b.Loads = append(b.Loads, l)
	}
	for _, m := range models {
		m.Busy = b.Busy
		b.ModelBusy = append(b.ModelBusy, m)
	}
	return b
}
