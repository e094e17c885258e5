package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// busyStore is a store with an hour of work of two models, three clients, a
// gateway and gaps, its last minute not booked yet.
func busyStore(t testing.TB) (s *Store, b attribution.Batch) {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests close it before
	begin := time.Date(2026, 7, 1, 11, 50, 0, 0, time.UTC)
	b.Gaps = []attribution.Gap{
		{Start: begin.Add(-time.Hour), End: begin, Reason: attribution.GapStart, Scope: attribution.ScopeWall, Energy: 1e5 / 7.0, Error: 1e3 / 7.0},
		{Start: begin.Add(-2 * time.Hour), End: begin.Add(1), Reason: attribution.GapSleep}, // later in the file, earlier in a range
	}
	for i := range 60 {
		work(&b, begin.Add(time.Duration(i)*time.Minute), i)
	}
	b.Windows = append(b.Windows, attribution.Window{Start: begin.Add(time.Hour), End: begin.Add(61 * time.Minute), Energy: 7, Scope: attribution.ScopeSoC})
	b.Remote = v2Batch().Remote
	b.Calibrations = v4Batch().Calibrations
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return s, b
}

// work books a minute from start.
func work(b *attribution.Batch, start time.Time, i int) {
	w := attribution.Window{Start: start, End: start.Add(time.Minute), Energy: 30, Scope: attribution.ScopeSoC, GPU: attribution.Rail{Energy: 30, Known: true}}
	k := attribution.Booking{Window: w, Baseline: 10, Inference: 20, Busy: time.Minute}
	for m, model := range []string{"qwen3-8b", "gpt-oss-20b"} {
		c := asked(i, whole)
		c.Request.ID, c.Request.Model, c.Request.Client = c.Request.ID+model, model, []string{"", "editor", "chat"}[i%3]
		c.Request.Start, c.Request.End, c.Request.Position = start, w.End, int64(2*i+m)
		k.Shares = append(k.Shares, attribution.Share{Request: c.Request.ID, Server: "s", Model: model, Client: c.Request.Client, Decode: 10, Tier: attribution.TierShared})
		b.Charges = append(b.Charges, c)
	}
	b.Bookings = append(b.Bookings, k)
	b.State.Closed = w.End
}

// TestStream: what is written and read is what Range returns, in whatever
// chunks, from the store and from the range itself.
func TestStream(t *testing.T) {
	s, b := busyStore(t)
	end := b.State.Closed
	for _, tt := range []struct{ since, until time.Time }{
		{earliestTime, latestTime}, {end.Add(-20 * time.Minute), end.Add(time.Hour)}, {end.Add(-2 * time.Hour), end.Add(-40 * time.Minute)}, {end, end},
	} {
		want, err := s.Range(t.Context(), tt.since, tt.until)
		if err != nil {
			t.Fatal(err)
		}
		for _, chunk := range []int{1, 500, streamChunk} {
			var wire bytes.Buffer
			if err := s.writeRange(t.Context(), &wire, tt.since, tt.until, chunk); err != nil {
				t.Fatal(err)
			}
			got, err := ReadRange(&wire)
			if err != nil {
				t.Fatal(err)
			}
			same(t, want, got)
		}
		var wire bytes.Buffer
		if err := WriteRange(&wire, want); err != nil {
			t.Fatal(err)
		}
		got, err := ReadRange(&wire)
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, got)
	}
	if _, err := s.Range(t.Context(), end, end.Add(-1)); !errors.Is(err, ErrInvalid) {
		t.Errorf("backwards: %v", err)
	}
	if err := s.WriteRange(t.Context(), io.Discard, end, end.Add(-1)); !errors.Is(err, ErrInvalid) {
		t.Errorf("backwards: %v", err)
	}
}

// TestStreamNumbers takes a range with everything in it there and back.
func TestStreamNumbers(t *testing.T) {
	want := filled[Range]()
	onMark := func(at *time.Time) { *at = at.Truncate(SlotLength) }
	for i := range want.System {
		onMark(&want.System[i].Start)
		onMark(&want.Models[i].Start)
		onMark(&want.Tagged[i].Start)
		onMark(&want.Remote[i].Start)
		want.Gaps[i].Start, want.Gaps[i].End = want.Since.Add(time.Duration(i)*time.Second), want.Since.Add(time.Duration(i)*time.Second+1)
	}
	want.Until = want.Since.Add(time.Hour)
	want.sortSlots()
	var wire bytes.Buffer
	if err := WriteRange(&wire, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRange(&wire)
	if err != nil {
		t.Fatal(err)
	}
	same(t, want, got)
	want.OpenSeconds = math.Inf(1)
	if err := WriteRange(io.Discard, want); err == nil {
		t.Error("what is no number was written")
	}
}

// writerFunc is a function that is a writer.
type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// TestStreamDuringCommits: commits go on while a reader takes his time, and
// what he gets is still whole: every joule is booked or open, once.
func TestStreamDuringCommits(t *testing.T) {
	s, b := busyStore(t)
	before, err := s.Range(t.Context(), earliestTime, latestTime)
	if err != nil {
		t.Fatal(err)
	}
	next := attribution.Batch{Bookings: []attribution.Booking{{Window: b.Windows[0], Unexplained: 7}}}
	next.State.Closed = b.Windows[0].End
	var wire bytes.Buffer
	writes := 0
	err = s.writeRange(t.Context(), writerFunc(func(p []byte) (int, error) {
		writes++
		if err := s.Commit(t.Context(), next); err != nil {
			t.Errorf("commit: %v", err)
		}
		next = attribution.Batch{State: next.State}
		at := next.State.Closed
		next.Gaps = []attribution.Gap{{Start: at, End: at.Add(time.Minute), Reason: attribution.GapSleep, Scope: attribution.ScopeWall, Energy: 5}}
		work(&next, at.Add(time.Minute), 100+writes)
		return wire.Write(p)
	}), earliestTime, latestTime, 1)
	if err != nil || writes < 4 {
		t.Fatalf("%d writes, %v", writes, err)
	}
	got, err := ReadRange(&wire)
	if err != nil {
		t.Fatal(err)
	}
	same(t, before, got)
}

// TestStreamNewNames: a late request of a new model and a new client comes into
// a slot that is not read yet, and all rows of a slot come from one transaction.
func TestStreamNewNames(t *testing.T) {
	s, b := busyStore(t)
	begin := b.Bookings[0].Window.Start
	late := asked(1, whole)
	late.Request.Model, late.Request.Client, late.Request.End, late.Late, late.EnergyKnown = "new", "new", begin.Add(15*time.Minute), true, false
	var wire bytes.Buffer
	writes := 0
	err := s.writeRange(t.Context(), writerFunc(func(p []byte) (int, error) {
		if writes++; writes == 1 {
			if err := s.Commit(t.Context(), attribution.Batch{State: b.State, Charges: []attribution.Charge{late}}); err != nil {
				t.Errorf("commit: %v", err)
			}
		}
		return wire.Write(p)
	}), begin, latestTime, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadRange(&wire)
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.Range(t.Context(), begin, latestTime)
	if err != nil {
		t.Fatal(err)
	}
	same(t, want, got)
	// Four slots of booked time, the one that may change, two gaps that reach
	// into the range, and the end.
	if writes != 8 {
		t.Errorf("%d writes", writes)
	}
}

// A reader who goes away, or is told to stop, ends the writer.
func TestStreamStops(t *testing.T) {
	s, _ := busyStore(t)
	gone := errors.New("gone")
	writes := 0
	err := s.writeRange(t.Context(), writerFunc(func([]byte) (int, error) { writes++; return 0, gone }), earliestTime, latestTime, 1)
	if !errors.Is(err, gone) || writes != 1 {
		t.Errorf("a write that fails: %v after %d writes", err, writes)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = s.writeRange(ctx, writerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil }), earliestTime, latestTime, 1)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestStreamCut cuts a stream anywhere, and spoils it: no part of one is taken
// for a whole.
func TestStreamCut(t *testing.T) {
	s, _ := busyStore(t)
	var wire bytes.Buffer
	if err := s.WriteRange(t.Context(), &wire, earliestTime, latestTime); err != nil {
		t.Fatal(err)
	}
	stream := wire.Bytes()
	for n := range stream {
		if r, err := ReadRange(bytes.NewReader(stream[:n])); !errors.Is(err, ErrStream) || cmp.Diff(Range{}, r) != "" {
			t.Fatalf("%d bytes of %d: %v", n, len(stream), err)
		}
	}
	for name, tt := range map[string]struct {
		stream []byte
		want   error
	}{
		"twice":         {append(bytes.Clone(stream[:len(stream)-3]), stream...), ErrStream},
		"no stream":     {[]byte("<html>"), ErrStream},
		"JSON":          {[]byte(`{"version":1}`), ErrStream},
		"another":       {bytes.Replace(bytes.Clone(stream), []byte(`"schema":4`), []byte(`"schema":5`), 1), ErrStreamSchema},
		"without names": {bytes.ReplaceAll(bytes.Clone(stream), []byte{recordName}, []byte{recordTag}), ErrStream},
		"fewer records": {miscounted(t), ErrStream},
	} {
		if _, err := ReadRange(bytes.NewReader(tt.stream)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	var failed *StreamError
	_, err := ReadRange(bytes.NewReader(AppendStreamError(bytes.Clone(stream[:len(stream)-3]), "it broke", "mend it")))
	if !errors.As(err, &failed) || failed.Message != "it broke" || failed.Hint() != "mend it" {
		t.Errorf("an error on the way: %v", err)
	}
}

// miscounted lacks a record that its end has counted.
func miscounted(t *testing.T) []byte {
	t.Helper()
	var wire bytes.Buffer
	w := newStreamWriter(&wire, newNames(), newTags())
	err := w.head(streamHead{Schema: newestSchema()})
	w.records++
	w.end()
	if err := errors.Join(err, w.flush()); err != nil {
		t.Fatal(err)
	}
	return wire.Bytes()
}

// FuzzReadRange gives the reader any bytes: it must not panic or take memory
// out of proportion, and what it takes survives being written and read.
func FuzzReadRange(f *testing.F) {
	s, _ := busyStore(f)
	var small, whole bytes.Buffer
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	if err := errors.Join(s.WriteRange(f.Context(), &whole, earliestTime, latestTime), s.WriteRange(f.Context(), &small, at, at.Add(1))); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add(small.Bytes())
	f.Add(AppendStreamError(nil, "a", "b"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r, err := ReadRange(bytes.NewReader(stream))
		if err != nil {
			return
		}
		var wire bytes.Buffer
		if err := WriteRange(&wire, r); err != nil {
			t.Fatal(err)
		}
		again, err := ReadRange(&wire)
		if err != nil {
			t.Fatal(err)
		}
		same(t, r, again)
	})
}
