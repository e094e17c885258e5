package align_test

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/align"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

var t0 = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

func seconds(x float64) time.Duration { return time.Duration(x * float64(time.Second)) }

func window(at time.Time, length time.Duration, j energy.Joules) attribution.Window {
	return attribution.Window{Start: at, End: at.Add(length), Energy: j, GPU: attribution.Rail{Energy: j, Known: true}}
}

// rig is a machine whose GPU draws 1 W, 25 W more while it works for a request,
// 35 W in a prefill, and what other programs draw.
type rig struct {
	seed    uint64
	hours   float64
	length  time.Duration                  // of a window; 0: 1 s
	clock   func(true time.Time) time.Time // the log's; nil: it is right
	busy    float64                        // mean seconds of a request; 0: 8
	pause   float64                        // mean seconds between two; 0: 12
	others  float64                        // watts that other programs draw in half of the time
	deaf    bool                           // the power follows no request
	inverse bool                           // the power falls with a request: something else gives way to it
	blind   bool                           // the log does not tell the first token
	shuffle bool                           // requests are handed over in another order
	skip    int                            // every skip-th window is missing; 0: none
}

type step struct {
	at    time.Time
	watts float64
}

// work makes requests, and the steps of the power that they cause.
func (g rig) work(r *rand.Rand, end time.Time) (spans []align.Span, steps []step) {
	busy, pause := orElse(g.busy, 8), orElse(g.pause, 12)
	for at := t0.Add(seconds(10)); ; {
		at = at.Add(seconds(pause*r.ExpFloat64() + 0.05))
		first := at.Add(seconds(0.1 + 0.1*busy*r.ExpFloat64()))
		over := first.Add(seconds(0.1 + 0.9*busy*r.ExpFloat64()))
		if over.After(end) {
			return spans, steps
		}
		spans = append(spans, align.Span{Start: at, FirstToken: first, End: over})
		switch {
		case g.deaf:
		case g.inverse:
			steps = append(steps, step{at, -35}, step{first, 10}, step{over, 25})
		default:
			steps = append(steps, step{at, 35}, step{first, -10}, step{over, -25})
		}
		at = over
	}
}

// run feeds e, and returns the end of the last window.
func (g rig) run(e *align.Estimator) time.Time {
	r := rand.New(rand.NewPCG(g.seed, 3))
	end := t0.Add(seconds(3600 * g.hours))
	spans, steps := g.work(r, end)
	for at, on := t0, 1.0; g.others > 0 && at.Before(end); on = -on {
		at = at.Add(seconds(20 * r.ExpFloat64()))
		steps = append(steps, step{at, on * g.others})
	}
	slices.SortFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	for i := range spans {
		spans[i] = g.logged(spans[i])
	}
	length := g.length
	if length == 0 {
		length = time.Second
	}
	watts, next, low, n := 1.0, 0, 0, 0
	if g.inverse {
		watts = 40
	}
	at := t0
	for ; at.Before(end); at = at.Add(length) {
		j := 0.0
		from, to := at, at.Add(length)
		for ; next < len(steps) && steps[next].at.Before(to); next++ {
			j += watts * steps[next].at.Sub(from).Seconds()
			from = steps[next].at
			watts += steps[next].watts
		}
		j += watts * to.Sub(from).Seconds()
		for low < len(spans) && spans[low].End.Before(at.Add(-10*time.Second)) {
			low++
		}
		high := low
		for high < len(spans) && spans[high].Start.Before(to.Add(10*time.Second)) {
			high++
		}
		near := slices.Clone(spans[low:high])
		if g.shuffle {
			r.Shuffle(len(near), func(i, j int) { near[i], near[j] = near[j], near[i] })
		}
		if n++; g.skip == 0 || n%g.skip != 0 {
			e.Add(window(at, length, energy.Joules(j)), near)
		}
	}
	return at
}

// logged is what the log says of a request.
func (g rig) logged(s align.Span) align.Span {
	if g.clock != nil {
		s = align.Span{Start: g.clock(s.Start), FirstToken: g.clock(s.FirstToken), End: g.clock(s.End)}
	}
	if g.blind {
		s.FirstToken = time.Time{}
	}
	return s
}

func orElse(x, otherwise float64) float64 {
	if x == 0 {
		return otherwise
	}
	return x
}

// ahead is a clock that is ahead by a constant.
func ahead(by time.Duration) func(time.Time) time.Time {
	return func(t time.Time) time.Time { return t.Add(by) }
}
