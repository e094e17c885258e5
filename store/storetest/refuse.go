package storetest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// testRefused commits one good batch and then bad ones, none of which may
// leave a trace.
func testRefused(t *testing.T, open Opener) {
	s, _ := start(t, open)
	first, second := window(noon(), time.Second), window(noon().Add(time.Second), time.Second)
	good := closed(first)
	good.Windows = append(good.Windows, second)
	good.Checkpoints = []attribution.Checkpoint{{Source: "log", Data: []byte("here")}}
	commit(t, s, good)
	before := everything(t, s)
	for _, tt := range refusals(good, second) {
		t.Run(tt.name, func(t *testing.T) {
			// A charge shows whether anything of the batch was kept.
			tt.batch.Charges = append(tt.batch.Charges, charge("extra", noon()))
			if err := s.Commit(t.Context(), tt.batch); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if d := cmp.Diff(before, everything(t, s)); d != "" {
				t.Errorf("the store changed (-before +after):\n%s", d)
			}
		})
	}
}

type refusal struct {
	name  string
	batch attribution.Batch
	want  error
}

func refusals(good attribution.Batch, second attribution.Window) []refusal {
	replayed := good
	replayed.State.Closed = second.End
	longer := second
	longer.Start = longer.Start.Add(-1)
	past := window(noon().Add(-time.Hour), time.Second)
	list := []refusal{
		{"replayed", good, store.ErrBooked},
		{"replayed with a later state", replayed, store.ErrBooked},
		{"state goes back", attribution.Batch{}, store.ErrStale},
		{"closed without a booking", attribution.Batch{State: attribution.State{Closed: second.End}}, store.ErrUnbooked},
		{"other window with the same end", attribution.Batch{State: good.State, Windows: []attribution.Window{longer}}, store.ErrConflict},
		{"new window in booked time", attribution.Batch{State: good.State, Windows: []attribution.Window{past}}, store.ErrBooked},
	}
	all := spoils()
	maps.Copy(all, remoteSpoils())
	for name, spoil := range all {
		b := closed(second)
		spoil(&b)
		list = append(list, refusal{name, b, store.ErrInvalid})
	}
	return list
}

// spoils are changes to a good batch that make it untrue.
func spoils() map[string]func(*attribution.Batch) {
	return map[string]func(*attribution.Batch){
		"part that is no number": func(b *attribution.Batch) {
			b.Charges = badCharge(func(c *attribution.Charge) { c.Request.Reused = attribution.Fraction{Of: math.NaN(), Known: true} })
		},
		"not a number":               func(b *attribution.Batch) { b.Bookings[0].Baseline = 0; b.Bookings[0].Unexplained = nan() },
		"infinite":                   func(b *attribution.Batch) { b.Bookings[0].Shares[0].Prefill = inf() },
		"negative part":              func(b *attribution.Batch) { b.Bookings[0].Baseline, b.Bookings[0].Unexplained = -1, 5 },
		"parts do not sum":           func(b *attribution.Batch) { b.Bookings[0].Unexplained = 1e-6 },
		"open after booking":         func(b *attribution.Batch) { b.State.Closed = b.State.Closed.Add(-1) },
		"not in time order":          func(b *attribution.Batch) { b.Bookings = append(b.Bookings, b.Bookings[0]) },
		"empty window":               func(b *attribution.Batch) { b.Windows[0].Start = b.Windows[0].End },
		"endless window":             func(b *attribution.Batch) { b.Windows[0].Start = noon().AddDate(-1, 0, 0) },
		"clock never set":            func(b *attribution.Batch) { b.Windows[0].Start = time.Time{} },
		"window of no error":         func(b *attribution.Batch) { b.Windows[0].Error = nan() },
		"booking of no error":        func(b *attribution.Batch) { b.Bookings[0].Window.Error = -1 },
		"gap of no energy":           func(b *attribution.Batch) { b.Gaps = []attribution.Gap{metered(nan(), 0)} },
		"gap of negative energy":     func(b *attribution.Batch) { b.Gaps = []attribution.Gap{metered(-1, 0)} },
		"gap of infinite error":      func(b *attribution.Batch) { b.Gaps = []attribution.Gap{metered(1, inf())} },
		"gap of the SoC":             func(b *attribution.Batch) { b.Gaps = []attribution.Gap{rescoped(attribution.ScopeSoC)} },
		"gap of an unknown scope":    func(b *attribution.Batch) { b.Gaps = []attribution.Gap{rescoped("sun")} },
		"gap's energy of no scope":   func(b *attribution.Batch) { b.Gaps = []attribution.Gap{rescoped("")} },
		"charge of an unknown scope": func(b *attribution.Batch) { b.Charges = badCharge(func(c *attribution.Charge) { c.Scope = "sun" }) },
		"bad slope":                  func(b *attribution.Batch) { b.State.Slopes.DC.StepSoC = nan() },
		"bad quiet AC": func(b *attribution.Batch) {
			b.State.Quiet = []attribution.QuietMinute{{Start: noon(), AC: attribution.QuietEnergy{Energy: nan()}}}
		},
		"bad calibration":    func(b *attribution.Batch) { b.Calibrations = []attribution.Calibration{{Made: noon()}} },
		"endless scoping":    func(b *attribution.Batch) { b.Scoping = make([]byte, 17<<20) },
		"gap runs backwards": func(b *attribution.Batch) { b.Gaps = []attribution.Gap{{Start: noon(), End: noon().Add(-1)}} },
		"no outcome": func(b *attribution.Batch) {
			b.Charges = badCharge(func(c *attribution.Charge) { c.Request.Outcome = "" })
		},
		"no tier": func(b *attribution.Batch) { b.Charges = badCharge(func(c *attribution.Charge) { c.Tier = "" }) },
		"no id":   func(b *attribution.Batch) { b.Charges = badCharge(func(c *attribution.Charge) { c.Request.ID = "" }) },
		"no end": func(b *attribution.Batch) {
			b.Charges = badCharge(func(c *attribution.Charge) { c.Request.End = time.Time{} })
		},
		"negative tokens": func(b *attribution.Batch) {
			b.Charges = badCharge(func(c *attribution.Charge) { c.Request.Input.N = -1 })
		},
		"negative position": func(b *attribution.Batch) {
			b.Charges = badCharge(func(c *attribution.Charge) { c.Request.Position = -1 })
		},
		"more than covered":  func(b *attribution.Batch) { b.Charges = badCharge(func(c *attribution.Charge) { c.Covered = 1.1 }) },
		"request of no heat": func(b *attribution.Batch) { b.Charges = badCharge(func(c *attribution.Charge) { c.Decode = nan() }) },
		"nameless log":       func(b *attribution.Batch) { b.Checkpoints = []attribution.Checkpoint{{Data: []byte("x")}} },
		"batch of no time":   func(b *attribution.Batch) { b.At = time.Unix(-1, 0) },
		"bad quiet minute":   func(b *attribution.Batch) { b.State.Quiet = []attribution.QuietMinute{{Start: noon(), All: nan()}} },
		"bad tally":          func(b *attribution.Batch) { b.State.Requests = []attribution.OpenRequest{badTally()} },
	}
}

func nan() energy.Joules { return energy.Joules(math.NaN()) }
func inf() energy.Joules { return energy.Joules(math.Inf(1)) }

func badCharge(spoil func(*attribution.Charge)) []attribution.Charge {
	c := charge("bad", noon())
	spoil(&c)
	return []attribution.Charge{c}
}

func badTally() attribution.OpenRequest {
	r := attribution.OpenRequest{Request: charge("open", noon()).Request}
	r.Booked.Decode = inf()
	return r
}

// testTwice tells the same facts again, as a log does that is read anew.
func testTwice(t *testing.T, open Opener) {
	s, _ := start(t, open)
	b := closed(window(noon(), time.Second))
	b.Charges = []attribution.Charge{charge("a", noon())}
	b.Remote = []attribution.RemoteCall{remoteCall("a", noon())}
	b.Gaps = []attribution.Gap{{Start: noon().Add(-time.Hour), End: noon(), Reason: attribution.GapStart, Scope: attribution.ScopeWall, Energy: 5, Error: 1}}
	b.Calibrations = []attribution.Calibration{someLine(attribution.CalibrationLadder, noon()), someLine(attribution.CalibrationPassing, noon())}
	commit(t, s, b)
	before := everything(t, s)
	b.Bookings = nil
	again := b.Charges[0]
	again.Late, again.EnergyKnown, again.Covered = true, false, 0
	b.Charges = []attribution.Charge{again}
	commit(t, s, b)
	if d := cmp.Diff(before, everything(t, s)); d != "" {
		t.Errorf("the store changed (-before +after):\n%s", d)
	}
}

// countdown is a context that ends after it was asked a number of times: it
// stops a commit at any of its steps.
type countdown struct {
	context.Context
	left *int
}

func (c countdown) Err() error {
	if *c.left--; *c.left < 0 {
		return context.Canceled
	}
	return nil
}

// testCancelled stops a commit at each of its steps. All must leave the store
// as it was, until one goes through.
func testCancelled(t *testing.T, open Opener) {
	s, _ := start(t, open)
	commit(t, s, attribution.Batch{})
	before := everything(t, s)
	b := closed(window(noon(), time.Second))
	b.Charges = []attribution.Charge{charge("a", noon())}
	b.Remote = []attribution.RemoteCall{remoteCall("b", noon())}
	b.Gaps = []attribution.Gap{{Start: noon().Add(-time.Hour), End: noon(), Reason: attribution.GapStart, Scope: attribution.ScopeWall, Energy: 5, Error: 1}}
	b.Calibrations, b.Scoping = []attribution.Calibration{someLine(attribution.CalibrationLadder, noon())}, []byte("account")
	b.Checkpoints = []attribution.Checkpoint{{Source: "log", Data: []byte("there")}}
	for n := 0; ; n++ {
		left := n
		err := s.Commit(countdown{t.Context(), &left}, b)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("after %d steps: %v", n, err)
		}
		if d := cmp.Diff(before, everything(t, s)); d != "" {
			t.Fatalf("after %d steps (-before +after):\n%s", n, d)
		}
	}
	if r := rangeOf(t, s, noon(), noon().Add(1)); len(r.System) != 1 || r.System[0].Energy != 10 || r.Models[0].OK != 1 {
		t.Errorf("after the commit went through: %+v", r)
	}
}

// all is what a store can be asked for.
type all struct {
	Range    store.Range
	Resume   attribution.Resume
	Requests []attribution.Charge
	Remote   []attribution.RemoteCall
}

func everything(t testing.TB, s Store) all {
	t.Helper()
	a := all{Range: rangeOf(t, s, longAgo(), farAhead())}
	var err error
	if a.Resume, err = s.Resume(context.Background()); err != nil {
		t.Fatalf("resume: %v", err)
	}
	err = s.Requests(context.Background(), longAgo(), farAhead(), func(c attribution.Charge) error {
		a.Requests = append(a.Requests, c)
		return nil
	})
	if err != nil {
		t.Fatalf("requests: %v", err)
	}
	if a.Remote, err = remoteCalls(s); err != nil {
		t.Fatalf("remote calls: %v", err)
	}
	return a
}

// collidingIDs finds two ids of a server with the same 32-bit FNV-1a hash.
func collidingIDs(server string) (a, b string) {
	seen := map[uint32]string{}
	for i := 0; ; i++ {
		id := fmt.Sprintf("%s/%d", server, i)
		h := fnv.New32a()
		_, _ = h.Write([]byte(server + "\x00" + id))
		if other, ok := seen[h.Sum32()]; ok {
			return other, id
		}
		seen[h.Sum32()] = id
	}
}
