package storetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// sumTolerance is how far a sum of slots may be from the sum of the bookings,
// as a part of it.
const sumTolerance = 1e-9

// rowTolerance is how far the energy of a single request may be off: it may be
// kept with seven digits.
const rowTolerance = 1e-6

// asks is what CheckFed needs of a store.
type asks interface {
	store.Source
	Resume(ctx context.Context) (attribution.Resume, error)
	Requests(ctx context.Context, since, until time.Time, fn func(attribution.Charge) error) error
	RemoteCalls(ctx context.Context, since, until time.Time, fn func(attribution.RemoteCall) error) error
}

// TB is the part of testing.TB that rapid's T has too.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// CheckFed holds a store against everything that feed has committed to it.
func CheckFed(t TB, s asks, feed *Feed) {
	t.Helper()
	checkResume(t, s, feed)
	r := ask(t, s, longAgo(), farAhead())
	got, want := sumRange(r), sumFeed(feed)
	for _, name := range sortedNames(got, want) {
		if !near(got[name], want[name], sumTolerance) {
			t.Errorf("%s: slots sum to %.15g, booked were %.15g", name, got[name], want[name])
		}
	}
	checkParts(t, r)
	checkGaps(t, s, feed)
	checkTagged(t, r, feed.AllTagged)
	if d := cmp.Diff(feed.Gaps, r.Gaps, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
	if d := cmp.Diff(keptCalibrations(feed.Calibrations), r.Calibrations, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("calibrations (-want +got):\n%s", d)
	}
	if d := cmp.Diff(store.LearnedOf(feed.Last.State), r.Learned); d != "" {
		t.Errorf("learned (-want +got):\n%s", d)
	}
	checkRequests(t, s, feed)
	checkRemote(t, s, feed, r.Remote)
}

func ask(t TB, s asks, since, until time.Time) store.Range {
	t.Helper()
	r, err := s.Range(context.Background(), since, until)
	if err != nil {
		t.Fatalf("range: %v", err)
	}
	return r
}

func checkResume(t TB, s asks, feed *Feed) {
	t.Helper()
	got, err := s.Resume(context.Background())
	if err != nil {
		t.Fatalf("resume: %v", err)
	}
	want := attribution.Resume{State: feed.Last.State, Windows: feed.Open, Checkpoints: feed.Last.Checkpoints,
		Scoping: feed.Scoping, Calibrations: keptCalibrations(feed.Calibrations)}
	if n := len(feed.Gaps); n > 0 {
		want.LastEnd = feed.Gaps[n-1].End
	}
	for _, w := range feed.ends() {
		if w.After(want.LastEnd) {
			want.LastEnd = w
		}
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("resumed (-want +got):\n%s", d)
	}
}

func (f *Feed) ends() []time.Time {
	var ends []time.Time
	for _, w := range f.Open {
		ends = append(ends, w.End)
	}
	for _, b := range f.Bookings {
		ends = append(ends, b.Window.End)
	}
	return ends
}

// checkParts holds the law in every single slot.
func checkParts(t TB, r store.Range) {
	t.Helper()
	covered := map[time.Time]time.Duration{}
	for _, s := range r.System {
		parts := s.Baseline + s.Inference + s.ModelLoad + s.ServerOther + s.OtherProcesses + s.Unexplained + s.Gap
		if !near(float64(parts), float64(s.Energy), sumTolerance) {
			t.Errorf("slot %s: parts sum to %g of %g J", s.Start, parts, s.Energy)
		}
		covered[s.Start] += s.Measured + s.GapTime
		if s.Energy < 0 || s.Measured < 0 || s.GapTime < 0 || covered[s.Start] > store.SlotLength {
			t.Errorf("slot %s: %g J in %s and gaps of %s, %s with other scopes", s.Start, s.Energy, s.Measured, s.GapTime, covered[s.Start])
		}
	}
}

func checkRequests(t TB, s asks, feed *Feed) {
	t.Helper()
	var got []attribution.Charge
	err := s.Requests(context.Background(), longAgo(), farAhead(), func(c attribution.Charge) error {
		got = append(got, c)
		return nil
	})
	if err != nil {
		t.Fatalf("requests: %v", err)
	}
	want := slices.Clone(feed.Charges)
	byEnd := func(a, b attribution.Charge) int {
		if d := a.Request.End.Compare(b.Request.End); d != 0 {
			return d
		}
		return strings.Compare(a.Request.ID, b.Request.ID)
	}
	slices.SortFunc(want, byEnd)
	if !slices.IsSortedFunc(got, func(a, b attribution.Charge) int { return a.Request.End.Compare(b.Request.End) }) {
		t.Errorf("requests are not in the order of their ends")
	}
	slices.SortFunc(got, byEnd)
	joules := cmp.Comparer(func(a, b energy.Joules) bool { return near(float64(a), float64(b), rowTolerance) })
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), joules, cmpopts.EquateApprox(rowTolerance, 0)); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(b))
}

func longAgo() time.Time  { return time.Unix(0, 0).UTC() }
func farAhead() time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }

func sortedNames(maps ...map[string]float64) []string {
	seen := map[string]bool{}
	var names []string
	for _, m := range maps {
		for name := range m {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// sumRange sums each field of the slots by its name.
func sumRange(r store.Range) map[string]float64 {
	sums := map[string]float64{"open": float64(r.Open), "open seconds": r.OpenSeconds}
	for _, s := range r.System {
		for name, v := range map[string]energy.Joules{
			"energy": s.Energy, "cpu": s.CPU, "gpu": s.GPU, "ane": s.ANE, "baseline": s.Baseline, "inference": s.Inference,
			"model load": s.ModelLoad, "server other": s.ServerOther, "other processes": s.OtherProcesses, "unexplained": s.Unexplained,
			"baseline busy": s.BaselineBusy, "baseline assumed": s.BaselineAssumed, "gap": s.Gap, "system error": s.Error,
			"energy of " + string(s.Scope): s.Energy, "gap of " + string(s.Scope): s.Gap, "error of " + string(s.Scope): s.Error,
		} {
			sums[name] += float64(v)
		}
		sums["cpu unknown"] += s.CPUUnknown.Seconds()
		sums["gpu unknown"] += s.GPUUnknown.Seconds()
		sums["ane unknown"] += s.ANEUnknown.Seconds()
		sums["measured"] += s.Measured.Seconds()
		sums["measured of "+string(s.Scope)] += s.Measured.Seconds()
		sums["gap time of "+string(s.Scope)] += s.GapTime.Seconds()
		sums["busy"] += s.Busy.Seconds()
	}
	for _, s := range r.Models {
		sumModel(sums, fmt.Sprintf("%s %s ", s.Server, s.Model), s)
	}
	for _, s := range r.Tagged {
		sumModel(sums, tagName(s.Client, s.Project)+fmt.Sprintf("%s %s ", s.Server, s.Model), s.ModelSlot)
	}
	return sums
}

// sumModel adds each field of s to the sum of its name, which begins with m.
func sumModel(sums map[string]float64, m string, s store.ModelSlot) {
	for name, v := range map[string]energy.Joules{
		"prefill": s.Prefill, "decode": s.Decode, "load": s.Load, "error": s.Error, "shared": s.Shared, "estimated": s.Estimated,
		"metered energy": s.MeteredEnergy, "metered ok energy": s.MeteredOKEnergy,
	} {
		sums[m+name] += float64(v)
	}
	for name, v := range map[string]int64{
		"input": s.Input, "cached": s.Cached, "output": s.Output, "unknown": s.UnknownTokens, "counted": s.EstimatedTokens, "ok": s.OK, "cancelled": s.Cancelled,
		"failed": s.Failed, "late": s.Late, "unmetered": s.Unmetered, "decoded": s.DecodedTokens,
		"partial": s.Partial, "metered output": s.MeteredOutput, "metered ok": s.MeteredOK, "unknown length": s.UnknownLength,
	} {
		sums[m+name] += float64(v)
	}
	sumTokens(sums, m+"all ", store.Tokens{UnknownInput: s.UnknownInput, UnknownCached: s.UnknownCached, UnknownOutput: s.UnknownOutput})
	sumTokens(sums, m+"answered ", s.Answered)
	for _, b := range s.Long {
		long := fmt.Sprintf("%sabove %d ", m, b.Above)
		sums[long+"requests"] += float64(b.Requests)
		sumTokens(sums, long, b.Tokens)
	}
	for name, v := range map[string]time.Duration{"busy": s.Busy, "prefill time": s.PrefillTime, "decode time": s.DecodeTime} {
		sums[m+name] += v.Seconds()
	}
}

func sumTokens(sums map[string]float64, name string, t store.Tokens) {
	for kind, n := range map[string]int64{
		"input": t.Input, "cached": t.Cached, "output": t.Output,
		"unknown input": t.UnknownInput, "unknown cached": t.UnknownCached, "unknown output": t.UnknownOutput,
	} {
		sums[name+kind] += float64(n)
	}
}

var _ TB = testing.TB(nil)
