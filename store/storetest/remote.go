package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

// call draws a call that was served elsewhere.
func (f *Feed) call(t *rapid.T) attribution.RemoteCall {
	r := f.request(t)
	c := attribution.RemoteCall{
		ID: r.ID, Server: "gateway", Provider: rapid.SampledFrom([]string{"openai", "anthropic", ""}).Draw(t, "provider"),
		Model: rapid.SampledFrom([]string{"gpt-5", ""}).Draw(t, "remote model"), Start: r.Start, End: r.End,
		Input: r.Input, Cached: r.Cached, CacheWrite: count(t), Output: r.Output, Outcome: r.Outcome,
		SpendKnown: rapid.Bool().Draw(t, "spend known"), Client: r.Client, Project: r.Project, Position: r.Position,
	}
	if c.SpendKnown {
		c.Spend = attribution.NanoUSD(rapid.Int64Range(0, 5e9).Draw(t, "spend"))
	}
	return c
}

// remote is what a slot says of some calls, but for its place.
func remote(calls []attribution.RemoteCall) map[string]int64 {
	sums := map[string]int64{}
	for _, c := range calls {
		m := fmt.Sprintf("%s %s %s ", c.Server, c.Provider, c.Model)
		sums[m+string(c.Outcome)]++
		for name, n := range map[string]attribution.Count{"input": c.Input, "cached": c.Cached, "write": c.CacheWrite, "output": c.Output} {
			sums[m+name] += n.N
			if !n.Known {
				sums[m+"unknown "+name]++
			}
		}
		sums[m+"spend"] += int64(c.Spend)
		if !c.SpendKnown {
			sums[m+"unknown spend"]++
		}
	}
	return sums
}

func remoteSums(slots []store.RemoteSlot) map[string]int64 {
	sums := map[string]int64{}
	for _, s := range slots {
		for name, n := range map[string]int64{
			"ok": s.OK, "cancelled": s.Cancelled, "error": s.Failed, "input": s.Input, "cached": s.Cached, "write": s.CacheWrite, "output": s.Output,
			"unknown input": s.UnknownInput, "unknown cached": s.UnknownCached, "unknown write": s.UnknownCacheWrite, "unknown output": s.UnknownOutput,
			"spend": int64(s.Spend), "unknown spend": s.UnknownSpend,
		} {
			sums[fmt.Sprintf("%s %s %s %s", s.Server, s.Provider, s.Model, name)] += n
		}
	}
	return sums
}

func checkRemote(t TB, s asks, feed *Feed, slots []store.RemoteSlot) {
	t.Helper()
	none := cmpopts.IgnoreMapEntries(func(_ string, n int64) bool { return n == 0 })
	if d := cmp.Diff(remote(feed.Remote), remoteSums(slots), none); d != "" {
		t.Errorf("slots of remote calls (-want +got):\n%s", d)
	}
	got, err := remoteCalls(s)
	if err != nil {
		t.Fatalf("remote calls: %v", err)
	}
	byEnd := func(a, b attribution.RemoteCall) int { return a.End.Compare(b.End) }
	if !slices.IsSortedFunc(got, byEnd) {
		t.Errorf("remote calls are not in the order of their ends")
	}
	byID := cmpopts.SortSlices(func(a, b attribution.RemoteCall) bool { return a.ID < b.ID })
	if d := cmp.Diff(feed.Remote, got, byID, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("remote calls (-want +got):\n%s", d)
	}
}

func remoteCalls(s asks) ([]attribution.RemoteCall, error) {
	var all []attribution.RemoteCall
	err := s.RemoteCalls(context.Background(), longAgo(), farAhead(), func(c attribution.RemoteCall) error {
		all = append(all, c)
		return nil
	})
	return all, err
}

// remoteCall cost two cents.
func remoteCall(id string, end time.Time) attribution.RemoteCall {
	return attribution.RemoteCall{
		ID: id, Server: "gw", Provider: "openai", Model: "gpt-5", Start: end.Add(-time.Second), End: end, Outcome: attribution.OutcomeOK,
		Input: attribution.Known(10), Cached: attribution.Known(4), Output: attribution.Known(2), Spend: 20_000_000, SpendKnown: true,
	}
}

func testRemote(t *testing.T, open Opener) {
	s, _ := start(t, open)
	free := remoteCall("free", noon().Add(-1))
	free.SpendKnown, free.Spend, free.Outcome, free.Cached, free.Provider = false, 0, attribution.OutcomeError, attribution.Count{}, "anthropic"
	commit(t, s, attribution.Batch{Remote: []attribution.RemoteCall{remoteCall("a", noon()), free, remoteCall("b", noon().Add(time.Second))}})
	commit(t, s, attribution.Batch{Remote: []attribution.RemoteCall{remoteCall("a", noon())}}) // told twice
	r := rangeOf(t, s, noon().Add(-time.Hour), noon().Add(time.Hour))
	want := []store.RemoteSlot{
		{Start: noon().Add(-store.SlotLength), Server: "gw", Provider: "anthropic", Model: "gpt-5", Failed: 1, Input: 10, Output: 2, UnknownCached: 1, UnknownCacheWrite: 1, UnknownSpend: 1},
		{Start: noon(), Server: "gw", Provider: "openai", Model: "gpt-5", OK: 2, Input: 20, Cached: 8, Output: 4, UnknownCacheWrite: 2, Spend: 40_000_000},
	}
	if d := cmp.Diff(want, r.Remote); d != "" {
		t.Errorf("slots (-want +got):\n%s", d)
	}
	if len(r.Models) != 0 || len(r.System) != 0 || !r.First.Equal(noon().Add(-store.SlotLength)) && !r.First.Equal(free.End) || !r.Last.Equal(noon().Add(time.Second)) {
		t.Errorf("calls elsewhere took energy here, or the bounds are off: %+v", r)
	}
	var ids []string
	err := s.RemoteCalls(t.Context(), noon().Add(-time.Hour), noon().Add(time.Second), func(c attribution.RemoteCall) error {
		ids = append(ids, c.ID)
		return nil
	})
	if d := cmp.Diff([]string{"free", "a"}, ids); err != nil || d != "" {
		t.Errorf("rows: %v (-want +got):\n%s", err, d)
	}
	if err := s.RemoteCalls(t.Context(), noon(), noon().Add(-1), nil); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a range that ends before it starts: %v", err)
	}
}

// testTags tells who asked, and that counts are not the server's.
func testTags(t *testing.T, open Opener) {
	s, _ := start(t, open)
	tagged, plain := charge("tagged", noon()), charge("plain", noon())
	tagged.Request.Client, tagged.Request.Project, tagged.Request.TokensEstimated = "editor", "docs/site", true
	away := remoteCall("away", noon())
	away.Client = "editor"
	commit(t, s, attribution.Batch{Charges: []attribution.Charge{tagged, plain}, Remote: []attribution.RemoteCall{away}})
	var got []string
	err := s.Requests(t.Context(), noon(), noon().Add(1), func(c attribution.Charge) error {
		got = append(got, fmt.Sprintf("%s %q %q %v", c.Request.ID, c.Request.Client, c.Request.Project, c.Request.TokensEstimated))
		return nil
	})
	slices.Sort(got)
	if d := cmp.Diff([]string{`plain "" "" false`, `tagged "editor" "docs/site" true`}, got); err != nil || d != "" {
		t.Errorf("requests: %v (-want +got):\n%s", err, d)
	}
	calls, err := remoteCalls(s)
	if d := cmp.Diff([]attribution.RemoteCall{away}, calls); err != nil || d != "" {
		t.Errorf("remote calls: %v (-want +got):\n%s", err, d)
	}
	r := rangeOf(t, s, noon(), noon().Add(1))
	if len(r.Models) != 1 || r.Models[0].EstimatedTokens != 1 || r.Models[0].Output != 6 {
		t.Errorf("slot %+v, want one request with estimated tokens among all of them", r.Models)
	}
}

// remoteSpoils are calls that cannot be.
func remoteSpoils() map[string]func(*attribution.Batch) {
	spoils := map[string]func(*attribution.Batch){}
	for name, spoil := range map[string]func(*attribution.RemoteCall){
		"no id":             func(c *attribution.RemoteCall) { c.ID = "" },
		"no end":            func(c *attribution.RemoteCall) { c.End = time.Time{} },
		"no start":          func(c *attribution.RemoteCall) { c.Start = time.Time{} },
		"end before start":  func(c *attribution.RemoteCall) { c.Start = c.End.Add(1) },
		"before computers":  func(c *attribution.RemoteCall) { c.Start = noon().AddDate(-100, 0, 0) },
		"no outcome":        func(c *attribution.RemoteCall) { c.Outcome = "" },
		"negative position": func(c *attribution.RemoteCall) { c.Position = -1 },
		"negative tokens":   func(c *attribution.RemoteCall) { c.CacheWrite = attribution.Known(-1) },
		"negative spend":    func(c *attribution.RemoteCall) { c.Spend = -1 },
		"endless spend":     func(c *attribution.RemoteCall) { c.Spend = 1e15 + 1 },
	} {
		spoils["call: "+name] = func(b *attribution.Batch) {
			c := remoteCall("bad", noon())
			spoil(&c)
			b.Remote = []attribution.RemoteCall{c}
		}
	}
	return spoils
}
