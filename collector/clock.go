package collector

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/align"
	"github.com/sovmeter/sovmeter/collector/attribution"
)

const (
	// clockBlur is how far the times of a log may be off before its clock is
	// known.
	clockBlur = 300 * time.Millisecond
	// clockStep is how often a correction may change: bookings of one minute
	// are then all by the same.
	clockStep = time.Minute
	// clockResolves is the share of a window below which an offset is not told
	// from none, and clockLeast the least offset worth a correction.
	clockResolves = 20
	clockLeast    = 20 * time.Millisecond
	// clockFar is the correction above which the operator should know.
	clockFar = time.Second
	// clockLost is after how many estimates in a row without a result, though
	// the log's work begins and ends often enough, the operator should know.
	clockLost = 15
	// clockReach is how far around a window requests are looked for: the range
	// of offsets, and as much for the clock that tells how far the log is read.
	clockReach = 2 * align.DefaultRange
	// clockApart is how far from another server's work, or a model load, a
	// window must be to tell of a log's clock.
	clockApart = 2 * time.Second
)

// ClockOffset is what is known of the clock of one log. True time is the log's
// time less the offset. It is estimated from the data (package align) and
// starts anew with the daemon: until enough is seen, times are taken as logged.
type ClockOffset struct {
	By, StdErr time.Duration // the newest estimate; meaningless unless Known
	Known      bool
	Edges      int // begins and ends of the log's work that it rests on
	// Applied is what is taken off the log's times now; 0 when no estimate
	// differed from zero by more than its error. It outlives Known.
	Applied time.Duration
}

// clock is the clock of one log. Spans are by the log's own, uncorrected times.
type clock struct {
	ClockOffset
	estimator *align.Estimator
	spans     []align.Span // requests that ended
	loads     []align.Span // model loads that ended
	flying    []align.Span // requests in flight, as of the last poll
	loading   []align.Span
	near      []align.Span // scratch
	told      time.Time    // how far the log is read; zero when it cannot tell

	// applied is by how much requests in flight were corrected when they were
	// first seen, by id, and stays so; resumed is their corrected start at the
	// last commit of an earlier run, from which that follows.
	applied map[string]time.Duration
	resumed map[string]time.Time

	stepped time.Time // the window after which the correction was last judged
	failed  int       // estimates without a result, in a row
	warned  struct{ far, lost bool }
}

func newClock(inFlight []attribution.Request) *clock {
	k := &clock{estimator: align.New(align.Config{}), applied: map[string]time.Duration{}, resumed: map[string]time.Time{}}
	for _, r := range inFlight {
		k.resumed[r.ID] = r.Start
	}
	return k
}

// request corrects the times of r.
func (k *clock) request(r attribution.Request) attribution.Request {
	by := k.by(r)
	r.Start, r.FirstToken, r.End = minus(r.Start, by), minus(r.FirstToken, by), minus(r.End, by)
	return r
}

// by is the correction of r: what it was when r was first seen, or else what it
// is now.
func (k *clock) by(r attribution.Request) time.Duration {
	if by, ok := k.applied[r.ID]; ok {
		return by
	}
	start, ok := k.resumed[r.ID]
	if !ok || start.IsZero() || r.Start.IsZero() || r.Start.Sub(start).Abs() > align.DefaultRange {
		return k.Applied
	}
	return r.Start.Sub(start)
}

func (k *clock) load(m attribution.ModelLoad) attribution.ModelLoad {
	m.Start, m.End = minus(m.Start, k.Applied), minus(m.End, k.Applied)
	return m
}

// minus is t less by; an unknown time stays unknown.
func minus(t time.Time, by time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(-by)
}

// ended takes in a request that ended, and corrects it.
func (k *clock) ended(r attribution.Request) attribution.Request {
	k.spans = append(k.spans, align.Span{Start: r.Start, FirstToken: r.FirstToken, End: r.End})
	return k.request(r)
}

// loaded takes in a model load that ended, and corrects it.
func (k *clock) loaded(m attribution.ModelLoad) attribution.ModelLoad {
	k.loads = append(k.loads, align.Span{Start: m.Start, End: m.End})
	return k.load(m)
}

// update takes in what is under way, and corrects it. The horizon of a log may
// be by its own clock or by ours: the earlier of the two is right for both.
func (k *clock) update(u attribution.LogUpdate) attribution.LogUpdate {
	k.told = u.Horizon
	if k.Applied > 0 {
		u.Horizon = minus(u.Horizon, k.Applied)
	}
	k.flying, k.loading = k.flying[:0], k.loading[:0]
	applied := make(map[string]time.Duration, len(u.InFlight))
	u.InFlight = slices.Clone(u.InFlight)
	for i, r := range u.InFlight {
		if r.Start.IsZero() {
			continue
		}
		applied[r.ID] = k.by(r)
		k.flying = append(k.flying, align.Span{Start: r.Start, FirstToken: r.FirstToken})
		u.InFlight[i] = k.request(r)
	}
	k.applied, k.resumed = applied, nil
	u.Loading = slices.Clone(u.Loading)
	for i, m := range u.Loading {
		if !m.Start.IsZero() {
			k.loading = append(k.loading, align.Span{Start: m.Start})
		}
		u.Loading[i] = k.load(m)
	}
	return u
}

// forget drops what lies before t.
func (k *clock) forget(t time.Time) {
	before := func(s align.Span) bool { return s.End.Before(t) }
	k.spans = slices.DeleteFunc(k.spans, before)
	k.loads = slices.DeleteFunc(k.loads, before)
}

// loadsAround reports whether a model was loaded around w.
func (k *clock) loadsAround(w attribution.Window) bool {
	return k.touches(k.loads, w) || k.touches(k.loading, w)
}

// worksAround reports whether the server did anything around w.
func (k *clock) worksAround(w attribution.Window) bool {
	return k.loadsAround(w) || k.touches(k.spans, w) || k.touches(k.flying, w)
}

func (k *clock) touches(spans []align.Span, w attribution.Window) bool {
	from, to := w.Start.Add(k.Applied-clockApart), w.End.Add(k.Applied+clockApart)
	return slices.ContainsFunc(spans, func(s align.Span) bool {
		return s.Start.Before(to) && (s.End.IsZero() || s.End.After(from))
	})
}

// working is the share of a time in which the log has anything under way, or
// may have.
func (k *clock) working(from, to time.Time) float64 {
	from, to = from.Add(k.Applied), to.Add(k.Applied)
	k.near = append(append(append(append(k.near[:0], k.spans...), k.flying...), k.loads...), k.loading...)
	slices.SortFunc(k.near, func(x, y align.Span) int { return x.Start.Compare(y.Start) })
	var sum time.Duration
	at := from
	for _, s := range k.near {
		end := to
		if !s.End.IsZero() {
			end = earliest(s.End.Add(clockBlur), to)
		}
		if at = latest(at, s.Start.Add(-clockBlur)); end.After(at) {
			sum += end.Sub(at)
			at = end
		}
	}
	return float64(sum) / float64(max(to.Sub(from), 1))
}

// add gives a window to the estimator.
func (k *clock) add(w attribution.Window) {
	k.near = append(append(k.near[:0], k.spans...), k.flying...)
	k.estimator.Add(w, k.near)
}

// step judges the correction once a minute, after the window w. It moves only
// when the estimate has moved by more than its error, and away from zero only
// when there is certainly an offset.
func (k *clock) step(w attribution.Window) {
	if w.End.Sub(k.stepped) < clockStep {
		return
	}
	k.stepped = w.End
	o, known := k.estimator.Offset()
	k.By, k.StdErr, k.Edges, k.Known = o.By, o.StdErr, o.Edges, known
	switch {
	case known:
		k.failed = 0
	case o.Edges >= align.DefaultMinEdges:
		k.failed++
	}
	certain := max(2*o.StdErr, w.End.Sub(w.Start)/clockResolves, clockLeast)
	if known && (k.Applied != 0 || o.By.Abs() > certain) && (o.By-k.Applied).Abs() > o.StdErr {
		k.Applied = o.By.Round(time.Millisecond)
	}
}
