package attribution

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// The defaults of Config.
const (
	// DefaultAssumedBaseline stands in until the first quiet window: the CPU,
	// GPU and ANE rails of an idle M-series chip are some tenths of a watt.
	DefaultAssumedBaseline energy.Watts = 0.2
	// DefaultQuietGuard keeps windows this close to a request from counting as
	// quiet: clocks and caches take a moment to settle.
	DefaultQuietGuard = 2 * time.Second
	// DefaultQuietShare is the server's share of a core and of the GPU, 0 to
	// 1, up to which a window still counts as quiet.
	DefaultQuietShare = 0.02
)

// Config holds the constants of the law. The zero value of a field means its
// default.
type Config struct {
	AssumedBaseline energy.Watts
	QuietGuard      time.Duration
	QuietShare      float64
}

func (c Config) withDefaults() Config {
	c.AssumedBaseline = cmp.Or(c.AssumedBaseline, DefaultAssumedBaseline)
	c.QuietGuard = cmp.Or(c.QuietGuard, DefaultQuietGuard)
	c.QuietShare = cmp.Or(c.QuietShare, DefaultQuietShare)
	return c
}

// Engine holds the open windows and the requests that may touch them, and
// books windows when the caller says that their time is settled. It is not
// safe for concurrent use.
type Engine struct {
	config   Config
	windows  []Window            // open, by start, not overlapping
	requests map[string]*tracked // by id
	loads    []ModelLoad
	baseline baseline
	learner  learner
	warps    warps
	slopes   Slopes
	drawn    wholeLevel // the baseline of the whole machine that was booked last
	closed   time.Time
	lastEnd  time.Time // of the requests charged so far
	late     []Charge  // requests that came after their windows had closed
}

// Result is what one Advance settled.
type Result struct {
	Bookings []Booking // in time order
	Charges  []Charge  // by end, id
}

// New returns an engine that goes on from a stored state; the zero Resume
// starts afresh.
func New(config Config, from Resume) *Engine {
	e := &Engine{config: config.withDefaults(), requests: map[string]*tracked{}, closed: from.State.Closed, lastEnd: from.State.LastEnd}
	e.windows = slices.Clone(from.Windows)
	e.loads = slices.Clone(from.State.Loads)
	e.baseline = baseline{minutes: slices.Clone(from.State.Quiet), step: from.State.Step}
	e.learner = newLearner(from.State)
	e.warps = newWarps(from.State.Lags)
	e.slopes = from.State.Slopes
	for _, r := range from.State.Requests {
		e.requests[r.Request.ID] = &tracked{OpenRequest: r}
	}
	return e
}

// AddWindow takes a measured window. It refuses one that overlaps another or
// lies in time that is settled already: booking it would count joules twice.
func (e *Engine) AddWindow(w Window) error {
	if !w.Start.Before(w.End) {
		return fmt.Errorf("window %s: %w", stamp(w.Start), ErrEmptyWindow)
	}
	if w.Start.Before(e.closed) {
		return fmt.Errorf("window %s: settled until %s: %w", stamp(w.Start), stamp(e.closed), ErrClosed)
	}
	i, _ := slices.BinarySearchFunc(e.windows, w.Start, func(o Window, t time.Time) int { return o.Start.Compare(t) })
	if i > 0 && e.windows[i-1].End.After(w.Start) || i < len(e.windows) && e.windows[i].Start.Before(w.End) {
		return fmt.Errorf("window %s: %w", stamp(w.Start), ErrOverlap)
	}
	e.windows = slices.Insert(e.windows, i, w)
	return nil
}

// AddRequest takes a request that has ended. A request that is known already
// is replaced, with what was booked to it so far; one that ended in settled
// time is charged as late, with no energy.
func (e *Engine) AddRequest(r Request) {
	if t, ok := e.requests[r.ID]; ok {
		t.Request = r
		return
	}
	if !phasesOf(r, r.End).whole.end.After(e.closed) {
		e.late = append(e.late, Charge{Request: r, Late: true, Tier: TierEstimated})
		return
	}
	e.requests[r.ID] = &tracked{OpenRequest: OpenRequest{Request: r}}
}

// AddLoad takes a model load that has ended.
func (e *Engine) AddLoad(l ModelLoad) {
	if l.End.After(e.closed) {
		e.loads = append(e.loads, l)
	}
}

// Advance books every window that is settled when nothing more can arrive
// about the time before horizon. inFlight and loading are what is known to be
// under way: windows that they touch are booked with them only when horizon
// lies past their start, which a caller does to bound the open windows.
func (e *Engine) Advance(horizon time.Time, inFlight []Request, loading []ModelLoad) Result {
	horizon = e.settled(horizon)
	e.follow(inFlight)
	n := 0
	for n < len(e.windows) && !e.windows[n].End.After(horizon) {
		n++
	}
	e.warps.start(e.windows)
	placer := &placer{learner: &e.learner, warps: &e.warps, order: e.byStart()}
	ending := endings(placer.order)
	res := Result{Bookings: e.close(e.windows[:n], placer, ending, loading)}
	if n < len(e.windows) && e.windows[n].Start.Before(horizon) {
		horizon = e.windows[n].Start
	}
	e.closed = latest(e.closed, horizon)
	placer.until(e.closed)
	e.warps.book(e.windows[:n])
	e.windows = slices.Delete(e.windows, 0, n)
	res.Charges = e.settle(ending)
	e.loads = slices.DeleteFunc(e.loads, func(l ModelLoad) bool { return !l.End.After(e.closed) })
	return res
}

// follow keeps requests in flight among the tracked ones.
func (e *Engine) follow(inFlight []Request) {
	for _, t := range e.requests {
		t.inFlight = false
	}
	for _, r := range inFlight {
		t, ok := e.requests[r.ID]
		if !ok {
			t = &tracked{OpenRequest: OpenRequest{Request: r}}
			e.requests[r.ID] = t
		}
		if t.inFlight = t.Request.End.IsZero(); t.inFlight {
			t.Request = r // more may be known of it by now
		}
	}
}

// close books windows, which are in time order.
func (e *Engine) close(windows []Window, placer *placer, ending *ending, loading []ModelLoad) []Booking {
	if len(windows) == 0 {
		return nil
	}
	order := placer.order
	bookings := make([]Booking, 0, len(windows))
	next := 0
	var near []*tracked // started before the window's end plus guard, not over before its start minus guard
	for _, w := range windows {
		for next < len(order) && order[next].Request.Start.Before(w.End.Add(e.config.QuietGuard)) {
			near = append(near, order[next])
			next++
		}
		near = slices.DeleteFunc(near, func(t *tracked) bool {
			return t.phases(w.End).whole.end.Before(w.Start.Add(-e.config.QuietGuard))
		})
		// What began or ended in a gap: an Advance may have ended there.
		placer.until(w.Start)
		e.chargeUntil(w.Start, ending)
		e.turn(w.Start)
		placer.until(w.End)
		c := company{from: w.Start, to: w.End}
		for _, t := range near {
			if t.phases(w.End).whole.overlap(w.Start, w.End) > 0 {
				c.requests = append(c.requests, t)
			}
		}
		c.loads = touching(e.loads, loading, w)
		b := e.book(w, c)
		e.tally(b, c)
		settling := !e.lastEnd.Before(w.Start.Add(-e.config.QuietGuard))
		if len(near) == 0 && !settling && len(c.loads) == 0 && e.quiet(w) {
			e.baseline.add(w)
		}
		bookings = append(bookings, b)
	}
	return bookings
}

// settled is until when windows can be booked when nothing more can arrive
// about the time before horizon. Whether a window is quiet depends on requests
// up to the guard after it. And how a request's tokens lie in its time depends
// on all of its company, which must be over too.
func (e *Engine) settled(horizon time.Time) time.Time {
	until := horizon.Add(-e.config.QuietGuard)
	limit := horizon.Add(-maxCompany)
	for _, t := range e.requests {
		if t.Request.End.After(horizon) && t.Request.Start.After(limit) {
			until = earliest(until, t.Request.Start)
		}
	}
	return until
}

// turn begins a new step at t when the last one is over: what was learned in it
// counts from now on.
func (e *Engine) turn(t time.Time) {
	step := t.Truncate(baselineStep)
	if !e.baseline.turn(step, e.config.AssumedBaseline) {
		return
	}
	e.slopes.fold(step)
	e.learner.fold(step, e.baseline.current)
	if watts, err, ok := e.learner.restless(step); ok {
		e.baseline.shown(watts, err)
	}
}

// quiet reports whether the servers were idle in w as far as anybody looked.
func (e *Engine) quiet(w Window) bool {
	if w.Usage == nil {
		return true
	}
	return !slices.ContainsFunc(w.Usage.Servers, func(s ServerUse) bool {
		return !s.Idle(w.End.Sub(w.Start), e.config.QuietShare)
	})
}

func touching(loads, loading []ModelLoad, w Window) []ModelLoad {
	var found []ModelLoad
	for _, list := range [][]ModelLoad{loads, loading} {
		for _, l := range list {
			if spanOfLoad(l, w.End).overlap(w.Start, w.End) > 0 {
				found = append(found, l)
			}
		}
	}
	slices.SortStableFunc(found, func(x, y ModelLoad) int { return x.Start.Compare(y.Start) })
	return found
}

// byStart lists the tracked requests by start, then id.
func (e *Engine) byStart() []*tracked {
	order := make([]*tracked, 0, len(e.requests))
	for _, t := range e.requests {
		order = append(order, t)
	}
	slices.SortFunc(order, func(x, y *tracked) int {
		if d := x.Request.Start.Compare(y.Request.Start); d != 0 {
			return d
		}
		return strings.Compare(x.Request.ID, y.Request.ID)
	})
	return order
}

// State is what New needs, with the open windows, to go on from here.
func (e *Engine) State() State {
	s := State{
		Closed: e.closed, Loads: slices.Clone(e.loads), Quiet: slices.Clone(e.baseline.minutes), Step: e.baseline.step,
		LastEnd: e.lastEnd, Learned: e.learner.learned(), Learning: e.learner.step.clone(), Others: e.learner.others, Lags: e.warps.state(), Slopes: e.slopes,
	}
	for _, t := range e.byStart() {
		s.Requests = append(s.Requests, t.OpenRequest)
	}
	return s
}

// Open is the energy and the time of the windows that are not booked yet.
func (e *Engine) Open() (energy.Joules, time.Duration) {
	var sum energy.Joules
	var d time.Duration
	for _, w := range e.windows {
		sum += w.Energy
		d += w.End.Sub(w.Start)
	}
	return sum, d
}

// OpenFrom is the time from which on windows of the length d in all are open;
// zero when fewer are.
func (e *Engine) OpenFrom(d time.Duration) time.Time {
	for i := len(e.windows) - 1; i >= 0; i-- {
		if d -= e.windows[i].End.Sub(e.windows[i].Start); d < 0 {
			return e.windows[i].End
		}
	}
	return time.Time{}
}

// Baseline is the power that windows of the scope that was booked last have as
// their baseline, and whether it is assumed for want of a quiet window.
func (e *Engine) Baseline() (w energy.Watts, assumed bool) {
	if e.baseline.since.IsZero() {
		return e.config.AssumedBaseline, true
	}
	if !e.slopes.Scope.Whole() {
		return e.baseline.current.all, e.baseline.current.assumed
	}
	return e.drawn.watts, e.drawn.assumed
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
