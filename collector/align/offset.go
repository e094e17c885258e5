package align

import (
	"math"
	"math/bits"
	"time"
)

const (
	// drifting is how many standard errors of a lag are taken for a drift.
	drifting = 2.5
	// uneven is the share of a window by which an edge may be misplaced because
	// power within a phase is not even.
	uneven = 1. / 50
	// coarse is the error that stamps of whole seconds add: they round a short
	// prefill away, whose power then looks like an earlier begin.
	coarse = 100 * time.Millisecond
	// errorLimit is the share of the range above which a standard error means
	// that nothing is known.
	errorLimit = 1. / 10
)

// Offset is how far a log's clock is off.
type Offset struct {
	// By is how far the log's clock is ahead of the samples': the true time of
	// something is the log's time less By.
	By time.Duration
	// StdErr is the standard error of By.
	StdErr time.Duration
	// Edges is how often the log's work was seen to begin or end, weighed by
	// age: what was seen a half-life ago counts half.
	Edges int
}

// Offset returns the estimate as of the window added last. It is false while
// nothing is known, and then only Edges is set: there are too few edges, or the
// power does not follow the log at any offset in the range.
func (e *Estimator) Offset() (Offset, bool) {
	o := Offset{Edges: e.slow.edgesAt(e.now.end)}
	if o.Edges < e.config.MinEdges {
		return o, false
	}
	all, ok := e.replicas()
	if !ok {
		return o, false
	}
	by, variance := all.judge()
	stdErr := math.Sqrt(variance + e.floor())
	if stdErr > errorLimit*e.config.Range.Seconds() {
		return o, false
	}
	o.By, o.StdErr = duration(by), duration(stdErr)
	return o, true
}

// floor is the variance that does not show in what was seen.
func (e *Estimator) floor() float64 {
	edge := uneven * e.now.end.Sub(e.now.start).Seconds()
	if e.fine {
		return edge * edge
	}
	return edge*edge + coarse.Seconds()*coarse.Seconds()
}

func duration(seconds float64) time.Duration {
	return time.Duration(math.Round(seconds * float64(time.Second)))
}

// replicas are estimates from parts of what was seen: the first from all of it,
// the others from balanced halves of its groups.
type replicas [2*groups - 1]replica

// replica is an estimate in seconds, and how far it lags behind a clock that
// drifts steadily. A memory lags by its mean age times the drift, the fast one
// by half as much as the slow one.
type replica struct{ by, lag float64 }

// replicas makes the estimates. It is false when one of them has no optimum
// within the range.
func (e *Estimator) replicas() (r replicas, ok bool) {
	for i := range r {
		in := half(i)
		slow, ok := e.config.best(&e.slow, in)
		fast, also := e.config.best(&e.fast, in)
		if !ok || !also {
			return r, false
		}
		r[i] = replica{slow, 2 * (fast - slow)}
	}
	return r, true
}

// half is the set of groups, a bit each, of replica i. The halves are the rows
// of a Hadamard matrix and their complements, so that any two groups are on the
// same side in as many of them as not.
func half(i int) uint {
	var in uint
	for g := range uint(groups) {
		if i == 0 || bits.OnesCount(uint(i+1)/2&g)%2 == i%2 {
			in |= 1 << g
		}
	}
	return in
}

// judge returns the estimate and its variance. A lag of drifting standard errors
// and more is corrected, one that may be chance in part or not at all; what is
// not corrected may still be real, and widens the error.
func (r replicas) judge() (by, variance float64) {
	lag := math.Sqrt(r.spread(func(x replica) float64 { return x.lag }))
	trust := 1.0
	if lag > 0 {
		trust = min(max(math.Abs(r[0].lag)/lag-drifting+1, 0), 1)
	}
	corrected := func(x replica) float64 { return x.by + trust*x.lag }
	left := (1 - trust) * r[0].lag / 2
	return corrected(r[0]), r.spread(corrected) + left*left
}

// spread is the variance of a figure: the mean square of the halves' distance
// from the whole.
func (r replicas) spread(figure func(replica) float64) float64 {
	sum, whole := 0.0, figure(r[0])
	for _, x := range r[1:] {
		d := figure(x) - whole
		sum += d * d
	}
	return sum / float64(len(r)-1)
}

// best is the offset, in seconds, that explains most in the groups of m that
// are in. It is false when that is none inside the range, or one at which the
// power falls with the work: then it is something else that the log tells of.
func (c Config) best(m *memory, in uint) (float64, bool) {
	n := c.candidates()
	top, most := 0, 0.0
	for i := range n {
		all := m.at(i, in)
		if x := all.explained(); x > most {
			top, most = i, x
		}
	}
	if top == 0 || top == n-1 {
		return 0, false
	}
	left, mid, right := m.at(top-1, in), m.at(top, in), m.at(top+1, in)
	if mid.ay <= 0 {
		return 0, false
	}
	before, after := left.explained(), right.explained()
	bend := 0.0 // of a parabola through the three, in steps
	if d := 2*most - before - after; d > 0 {
		bend = (after - before) / (2 * d)
	}
	return (float64(top-n/2) + bend) * c.Step.Seconds(), true
}
