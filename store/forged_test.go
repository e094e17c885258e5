package store_test

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// TestSumsNeverFall: a log may tell anything, and sums that overflow would make
// a period's tokens, times or money negative.
func TestSumsNeverFall(t *testing.T) {
	end := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	began := time.Unix(0, 0).UTC()
	s := mustOpen(t, filepath.Join(t.TempDir(), "store.db"))
	defer mustClose(t, s)
	most := attribution.Known(math.MaxInt64)
	var b attribution.Batch
	for i := range 9300 {
		id := fmt.Sprint("s/", i)
		b.Remote = append(b.Remote, attribution.RemoteCall{ID: id, Server: "s", Start: end, End: end, Outcome: attribution.OutcomeOK,
			Input: most, Cached: most, CacheWrite: most, Output: most, Spend: 1e15, SpendKnown: true})
	}
	for i, first := range []time.Time{began, end, began, end, began, end, began, end, began, end, began, end} {
		b.Charges = append(b.Charges, attribution.Charge{Tier: attribution.TierEstimated, EnergyKnown: true, Covered: 1, Request: attribution.Request{
			ID: fmt.Sprint("s/", i), Server: "s", Client: "c", Start: began, FirstToken: first, End: end, Outcome: attribution.OutcomeOK, Input: most, Cached: most, Output: most}})
	}
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	r, err := s.Range(t.Context(), end, end.Add(1))
	if err != nil || len(r.Models) != 1 || len(r.Remote) != 1 || len(r.Tagged) != 1 || len(r.Models[0].Long) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	m, c, x, long := r.Models[0], r.Remote[0], r.Tagged[0], r.Models[0].Long[0]
	for name, n := range map[string]int64{
		"input": m.Input, "cached": m.Cached, "output": m.Output, "decoded": m.DecodedTokens, "metered": m.MeteredOutput,
		"prefill time": int64(m.PrefillTime), "decode time": int64(m.DecodeTime),
		"answered": m.Answered.Input, "long input": long.Input, "long cached": long.Cached, "tagged": x.Output, "tagged answered": x.Answered.Cached,
		"remote input": c.Input, "remote cached": c.Cached, "remote write": c.CacheWrite, "remote output": c.Output, "spend": int64(c.Spend),
	} {
		if n != math.MaxInt64 {
			t.Errorf("%s is %d, want as much as fits", name, n)
		}
	}
}

// TestNamesDuringWalk: names are read once for all chunks of a walk, and those
// that are committed meanwhile are known all the same.
func TestNamesDuringWalk(t *testing.T) {
	end := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	s := mustOpen(t, filepath.Join(t.TempDir(), "store.db"))
	defer mustClose(t, s)
	call := func(i int) attribution.RemoteCall {
		return attribution.RemoteCall{ID: fmt.Sprint("s/", i), Server: "s", Model: fmt.Sprint("m", i), Start: end,
			End: end.Add(time.Duration(i) * time.Second), Outcome: attribution.OutcomeOK}
	}
	commit := func(first, last int) {
		var b attribution.Batch
		for i := first; i < last; i++ {
			b.Remote = append(b.Remote, call(i))
		}
		if err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	const before, after = 600, 1300
	commit(0, before)
	n := 0
	err := s.RemoteCalls(t.Context(), end, end.Add(time.Hour), func(c attribution.RemoteCall) error {
		if n == 0 {
			commit(before, after)
		}
		if want := call(n); c.Model != want.Model || c.ID != want.ID {
			t.Errorf("call %d is %s by %s", n, c.ID, c.Model)
		}
		n++
		return nil
	})
	if err != nil || n != after {
		t.Errorf("%d calls of %d, %v", n, after, err)
	}
}

// BenchmarkManyModels walks over calls that name a model each, as when a client
// makes names up.
func BenchmarkManyModels(b *testing.B) {
	end := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	s := mustOpen(b, filepath.Join(b.TempDir(), "store.db"))
	defer mustClose(b, s)
	var batch attribution.Batch
	const calls = 100_000
	for i := range calls {
		batch.Remote = append(batch.Remote, attribution.RemoteCall{ID: fmt.Sprint("s/", i), Server: "s", Model: fmt.Sprint("made-up-", i), Start: end,
			End: end.Add(time.Duration(i) * time.Millisecond), Outcome: attribution.OutcomeOK})
	}
	if err := s.Commit(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n := 0
		err := s.RemoteCalls(b.Context(), end, end.Add(time.Hour), func(attribution.RemoteCall) error { n++; return nil })
		if err != nil || n != calls {
			b.Fatal(n, err)
		}
	}
}
