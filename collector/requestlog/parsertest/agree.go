package parsertest

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Always restarts a parser after every line.
const Always = -1

// mostLoads is how many loads a parser may have under way, whatever its log is: a
// router loads many models, a machine does not hold more.
const mostLoads = 33

// Agree gives the lines to two parsers, of which one is restarted after the line
// with the number cut, from 0, or after every line. It fails when they differ in
// anything they tell, when what they tell cannot be, and when they keep too much.
// It returns all that they told.
func (c Contract) Agree(t testing.TB, lines []requestlog.Line, cut int) requestlog.Facts {
	t.Helper()
	a, b := c.New(), c.New()
	var all requestlog.Facts
	for i, l := range lines {
		va, vb := a.Parse(l), b.Parse(l)
		fa, fb := a.Take(), b.Take()
		if va != vb || !reflect.DeepEqual(fa, fb) {
			t.Fatalf("line %d gives %v, not %v, with a restart after line %d (-1: every line; -whole +restarted):\n%s", i, vb, va, cut, cmp.Diff(fa, fb))
		}
		c.Possible(t, fa)
		if len(fa.InFlight) > i+1 || len(fa.Loading) > min(i+1, mostLoads) {
			t.Fatalf("%d requests, %d loads under way after %d lines", len(fa.InFlight), len(fa.Loading), i+1)
		}
		add(&all, fa)
		if cut == Always || i == cut {
			b = c.Restarted(t, b)
		}
	}
	if n := len(stateOf(t, a)); n > c.MostState {
		t.Fatalf("a state of %d bytes", n)
	}
	return all
}

// RestartAnywhere gives the lines to parsers that are restarted once, at each of
// the lines in turn, and to one that is at every line.
func (c Contract) RestartAnywhere(t testing.TB, lines []requestlog.Line) {
	t.Helper()
	for cut := Always; cut < len(lines); cut++ {
		if f := c.Agree(t, lines, cut); len(f.Requests)+len(f.Remote) == 0 {
			t.Fatal("the log has no requests")
		}
	}
}

func add(all *requestlog.Facts, f requestlog.Facts) {
	all.Requests = append(all.Requests, f.Requests...)
	all.Loads = append(all.Loads, f.Loads...)
	all.Remote = append(all.Remote, f.Remote...)
	all.InFlight, all.Loading, all.Latest, all.Waiting = f.InFlight, f.Loading, f.Latest, f.Waiting
}

// Possible fails when one of the requests, loads or calls is one that cannot be.
func (c Contract) Possible(t testing.TB, f requestlog.Facts) {
	t.Helper()
	for _, r := range f.Requests {
		if r.Outcome == "" || r.ID == "" || r.Uncertainty < 0 || r.Reused.Of < 0 || r.Reused.Of > 1 || requestlog.Model(r.Model) != r.Model || negative(r.Input, r.Cached, r.Output, r.Context) {
			t.Fatalf("impossible request %+v", r)
		}
		early := !r.FirstToken.IsZero() && (r.FirstToken.Before(r.Start) || r.FirstToken.After(r.End))
		if (r.End.Before(r.Start) || early) && (!c.Endless || !r.End.IsZero()) {
			t.Fatalf("impossible times %+v", r)
		}
	}
	for _, l := range f.Loads {
		if l.End.Before(l.Start) {
			t.Fatalf("impossible load %+v", l)
		}
	}
	for _, r := range f.Remote {
		if r.Outcome == "" || r.ID == "" || r.Spend < 0 || r.End.Before(r.Start) || negative(r.Input, r.Cached, r.Output, r.CacheWrite) {
			t.Fatalf("impossible call %+v", r)
		}
	}
}

func negative(counts ...attribution.Count) bool {
	for _, c := range counts {
		if c.N < 0 {
			return true
		}
	}
	return false
}
