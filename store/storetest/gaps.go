package storetest

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// metered is a gap of forty minutes that crosses two slots' edges, ten minutes
// after the first of them, and that a meter saw.
func metered(j, off energy.Joules) attribution.Gap {
	start := noon().Add(10 * time.Minute)
	return attribution.Gap{Start: start, End: start.Add(40 * time.Minute), Reason: attribution.GapPowermetrics, Scope: attribution.ScopeWall, Energy: j, Error: off}
}

func rescoped(s attribution.Scope) attribution.Gap {
	g := metered(1, 0)
	g.Scope = s
	return g
}

// testGapEnergy: what a meter saw goes to the slots of its scope by time, beside
// what windows of that scope and of others had in the same slots.
func testGapEnergy(t *testing.T, open Opener) {
	s, _ := start(t, open)
	chip, plug := window(noon(), 4*time.Minute), window(noon().Add(4*time.Minute), 6*time.Minute)
	plug.Scope, plug.Error = attribution.ScopeWall, 0.5
	b := closed(chip, plug)
	b.Gaps = []attribution.Gap{metered(400, 80)}
	commit(t, s, b)
	slot := func(i int, s store.SystemSlot) store.SystemSlot {
		s.Start = noon().Add(time.Duration(i) * store.SlotLength)
		return s
	}
	minutes := func(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }
	want := []store.SystemSlot{
		slot(0, store.SystemSlot{Scope: "soc", Energy: 10, GPU: 10, Baseline: 4, Inference: 6, BaselineBusy: 4, Measured: minutes(4), Busy: minutes(4),
			CPUUnknown: minutes(4), ANEUnknown: minutes(4)}),
		slot(0, store.SystemSlot{Scope: "wall", Energy: 60, GPU: 10, Baseline: 4, Inference: 6, BaselineBusy: 4, Measured: minutes(6), Busy: minutes(6),
			CPUUnknown: minutes(6), ANEUnknown: minutes(6), Gap: 50, GapTime: minutes(5), Error: 10.5}),
		slot(1, store.SystemSlot{Scope: "wall", Energy: 150, Gap: 150, GapTime: minutes(15), Error: 30}),
		slot(2, store.SystemSlot{Scope: "wall", Energy: 150, Gap: 150, GapTime: minutes(15), Error: 30}),
		slot(3, store.SystemSlot{Scope: "wall", Energy: 50, Gap: 50, GapTime: minutes(5), Error: 10}),
	}
	if d := cmp.Diff(want, rangeOf(t, s, longAgo(), farAhead()).System); d != "" {
		t.Errorf("slots (-want +got):\n%s", d)
	}
	part := metered(200, 40) // half an hour of it, of which the range has the middle
	part.Start, part.End, part.Energy, part.Error = noon().Add(store.SlotLength), noon().Add(3*store.SlotLength), 300, 60
	if d := cmp.Diff([]attribution.Gap{part}, rangeOf(t, s, part.Start, part.End).Gaps); d != "" {
		t.Errorf("clipped gap (-want +got):\n%s", d)
	}
}

// testGapOnce tells of the same time again and again: its energy is booked once,
// or the batch is refused.
func testGapOnce(t *testing.T, open Opener) {
	s, _ := start(t, open)
	gap := metered(400, 80)
	change := func(f func(*attribution.Gap)) attribution.Gap {
		g := gap
		f(&g)
		return g
	}
	grown := change(func(g *attribution.Gap) { g.End, g.Energy = g.End.Add(time.Minute), 410 })
	for _, tt := range []struct {
		name string
		gap  attribution.Gap
		want error
	}{
		{"not known yet", change(func(g *attribution.Gap) { g.Scope, g.Energy, g.Error = "", 0, 0 }), nil},
		{"known by now", gap, nil},
		{"the same", gap, nil},
		{"not known any more", change(func(g *attribution.Gap) { g.Scope, g.Energy, g.Error = "", 0, 0 }), nil},
		{"more", change(func(g *attribution.Gap) { g.Energy++ }), store.ErrConflict},
		{"other error", change(func(g *attribution.Gap) { g.Error++ }), store.ErrConflict},
		{"other scope", change(func(g *attribution.Gap) { g.Scope = attribution.ScopeSMC }), store.ErrConflict},
		{"grown", grown, store.ErrConflict},
		{"begins earlier", change(func(g *attribution.Gap) { g.Start = g.Start.Add(-1) }), store.ErrConflict},
		{"in the middle", change(func(g *attribution.Gap) { g.Start, g.End = g.Start.Add(time.Minute), g.End.Add(-time.Minute) }), store.ErrConflict},
		{"around it", change(func(g *attribution.Gap) { g.Start, g.End = g.Start.Add(-time.Minute), g.End.Add(time.Minute) }), store.ErrConflict},
		{"after it", change(func(g *attribution.Gap) { g.Start, g.End, g.Energy, g.Error = g.End, g.End.Add(time.Minute), 0, 0 }), nil},
		{"before it", change(func(g *attribution.Gap) { g.Start, g.End, g.Energy, g.Error = g.Start.Add(-time.Minute), g.Start, 0, 0 }), nil},
	} {
		if err := s.Commit(context.Background(), attribution.Batch{Gaps: []attribution.Gap{tt.gap}}); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if tt.name == "not known yet" {
			continue
		}
		if got := sumRange(rangeOf(t, s, longAgo(), farAhead())); got["gap"] != 400 || got["energy"] != 400 || got["error of wall"] != 80 {
			t.Errorf("%s: slots have %g J, %g J of gaps with an error of %g J", tt.name, got["energy"], got["gap"], got["error of wall"])
		}
	}
	twice := attribution.Batch{Gaps: []attribution.Gap{grown, grown, change(func(g *attribution.Gap) { g.Start = g.End })}}
	twice.Gaps[0].Start, twice.Gaps[0].End = gap.End.Add(time.Hour), gap.End.Add(2*time.Hour)
	twice.Gaps[1], twice.Gaps[2] = twice.Gaps[0], twice.Gaps[0]
	twice.Gaps[2].End = twice.Gaps[2].End.Add(1)
	if err := s.Commit(context.Background(), twice); !errors.Is(err, store.ErrConflict) {
		t.Errorf("grown within a batch: %v", err)
	}
	twice.Gaps = twice.Gaps[:2]
	commit(t, s, twice)
	if got := sumRange(rangeOf(t, s, longAgo(), farAhead())); got["gap"] != 810 {
		t.Errorf("twice in a batch: %g J of gaps", got["gap"])
	}
}

// testGapOfYears: a machine that was off for longer than a year and was at its plug
// meanwhile has that as a gap without its energy. The batch is no worse for it.
func testGapOfYears(t *testing.T, open Opener) {
	s, _ := start(t, open)
	year, more := metered(400, 80), metered(400, 80)
	year.End = year.Start.Add(store.MaxMeteredGap)
	more.Start, more.End = year.End, year.End.Add(store.MaxMeteredGap+1)
	commit(t, s, attribution.Batch{Gaps: []attribution.Gap{year, more}})
	more.Scope, more.Energy, more.Error = "", 0, 0
	r := rangeOf(t, s, longAgo(), farAhead())
	if d := cmp.Diff([]attribution.Gap{year, more}, r.Gaps); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
	if got := sumRange(r)["gap"]; math.Abs(got-400) > 1e-9*400 {
		t.Errorf("the slots have %v J of gaps, want 400", got)
	}
}
