package collector

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/scope"
)

// The defaults of Config.
const (
	// DefaultMaxOpen bounds how long a window waits for requests that may
	// still touch it; a request that runs for longer is booked as it goes.
	DefaultMaxOpen = 30 * time.Minute
	// DefaultMaxLate is how long a window in which a server was at work waits
	// for the line that says for whom, in a log that speaks only at the end.
	DefaultMaxLate = 5 * time.Minute
	// DefaultMaxHeld bounds how long a window waits for process stats.
	DefaultMaxHeld = 20 * time.Second
)

// Log is one request log and the server it belongs to.
type Log struct {
	Source LogSource
	Server string // the configured server name
}

// Config says what a Collector reads and by what rules it books.
type Config struct {
	Attribution attribution.Config
	Logs        []Log
	// ProcessStats is false when no process source exists: windows are then
	// not held for one.
	ProcessStats bool
	// Scope says which meters of the whole machine will be read; none: windows
	// are those of the SoC, or of a calibration that is stored.
	Scope   scope.Config
	MaxOpen time.Duration // 0 means DefaultMaxOpen
	MaxLate time.Duration // 0 means DefaultMaxLate
	MaxHeld time.Duration // 0 means DefaultMaxHeld
	Logger  zerolog.Logger
}

// Collector takes in measurements and books them. It is not safe for
// concurrent use.
type Collector struct {
	config   Config
	engine   *attribution.Engine
	sink     Sink
	logs     []*logState
	held     []attribution.Window // waiting for process stats
	gaps     []attribution.Gap    // that came after the first of them
	scoper   *scope.Scoper        // windows and gaps that wait for a meter
	uses     uses
	batch    attribution.Batch
	measured time.Time // everything before it is a window or a gap; zero before the first
	latest   time.Time // end of the request that ended last
	behind   bool      // the clock was set back to before measured
	status   Status
	// unaligned are booked windows that wait to be compared with the logs;
	// all that end by aligned were, or never will be.
	unaligned []attribution.Window
	aligned   time.Time
	gpu       bool // GPU times were readable once: where they are not now, idle is not known
}

// New returns a collector that goes on from what sink has stored.
func New(config Config, from attribution.Resume, sink Sink) *Collector {
	if config.MaxOpen == 0 {
		config.MaxOpen = DefaultMaxOpen
	}
	if config.MaxLate == 0 {
		config.MaxLate = DefaultMaxLate
	}
	if config.MaxHeld == 0 {
		config.MaxHeld = DefaultMaxHeld
	}
	c := &Collector{config: config, engine: attribution.New(config.Attribution, from), sink: sink}
	var err error
	if c.scoper, err = scope.New(config.Scope, from.Scoping, from.Calibrations); err != nil {
		config.Logger.Warn().Err(err).Msg("what was known of the meters is lost; their accounts begin anew")
	}
	c.measured = latest(from.LastEnd, c.scoper.Newest())
	for _, l := range config.Logs {
		inFlight := inFlightOf(from.State, l.Server)
		c.logs = append(c.logs, &logState{Log: l, clock: newClock(inFlight), update: attribution.LogUpdate{InFlight: inFlight}})
	}
	return c
}

// inFlightOf is what was under way on a server at the last commit: it still is
// until the log says otherwise, which may not be readable at first.
func inFlightOf(s attribution.State, server string) []attribution.Request {
	var list []attribution.Request
	for _, r := range s.Requests {
		if r.Request.Server == server && r.Request.End.IsZero() {
			list = append(list, r.Request)
		}
	}
	return list
}

// Measure takes the next window or gap. Measurements come in time order.
func (c *Collector) Measure(m attribution.Measurement) {
	switch {
	case m.Gap != nil:
		c.gap(*m.Gap)
	case m.Window != nil:
		c.window(*m.Window)
	}
}

func (c *Collector) gap(g attribution.Gap) {
	if g.Start.Before(c.measured) {
		g.Start = c.measured
	}
	if !g.Start.Before(g.End) {
		return
	}
	c.missing(g.Start)
	c.measured = g.End
	c.pass(g)
	c.settle()
}

// pass has a gap wait for the windows before it: what is stored of time must not
// reach past what a crash would lose.
func (c *Collector) pass(g attribution.Gap) {
	if len(c.held) > 0 {
		c.gaps = append(c.gaps, g)
		return
	}
	c.scoper.Add(attribution.Measurement{Gap: &g})
}

// missing books the time between what was measured last and t as a gap: the
// daemon was not running, or its source had not begun.
func (c *Collector) missing(t time.Time) {
	if !c.measured.IsZero() && c.measured.Before(t) {
		c.pass(attribution.Gap{Start: c.measured, End: t, Reason: attribution.GapStart})
	}
}

func (c *Collector) window(w attribution.Window) {
	length := w.End.Sub(w.Start)
	if w.Start.Before(c.measured) { // a restart within one window
		w.Start = c.measured
	}
	if !w.End.After(w.Start) {
		// The clock was set back over a restart. Time cannot be booked again,
		// but the energy is real: it goes to windows of half their length until
		// the clock has caught up.
		w.End = w.Start.Add((length + 1) / 2)
		c.noteClock(w)
	} else {
		c.behind = false
	}
	c.missing(w.Start)
	c.measured = w.End
	c.status.LastSample = w.End
	if c.config.ProcessStats {
		c.held = append(c.held, w)
		return
	}
	c.scoper.Add(attribution.Measurement{Window: &w})
	c.settle()
}

// noteClock logs once that windows run ahead of the clock.
func (c *Collector) noteClock(w attribution.Window) {
	if !c.behind {
		c.config.Logger.Warn().Time("measured_until", w.Start).Msg("the clock was set back; samples are placed later than it says until it has caught up")
	}
	c.behind = true
}

func (c *Collector) reject(w attribution.Window, err error) {
	c.status.Rejected++
	c.config.Logger.Warn().Err(err).Time("start", w.Start).Time("end", w.End).Msg("sample not booked: was the clock set back?")
}

// Use takes the next span of process use. It opens the windows that end before
// the span: only now are all windows of the span before it there, which that
// span's use is spread over.
func (c *Collector) Use(s attribution.UsageSpan) {
	if !s.Start.Before(s.End) {
		return
	}
	c.uses.add(s)
	c.gpu = c.gpu || s.Usage.GPUKnown
	c.uses.forget(s.End.Add(-2 * c.config.MaxHeld)) // no window is held for so long
	for _, l := range c.logs {
		if (s.Usage.GPUKnown || !c.gpu) && idle(s, l.Server, attribution.DefaultQuietShare) {
			l.idle = s.End
		}
	}
	c.release(s.Start)
}

// release opens the held windows that end by t, with the use known for them.
func (c *Collector) release(t time.Time) {
	c.uses.settle(t, c.held, c.working)
	n := 0
	for n < len(c.held) && !c.held[n].End.After(t) {
		w := c.held[n]
		w.Usage = c.uses.of(w)
		c.scoper.Add(attribution.Measurement{Window: &w})
		n++
	}
	c.held = append(c.held[:0], c.held[n:]...)
	c.settle()
	if n > 0 && len(c.held) > 0 {
		c.uses.forget(c.held[0].Start)
	}
}

// Poll reads the logs and books what is settled. It returns how many requests
// were completed.
func (c *Collector) Poll(now time.Time) int {
	c.release(latest(now, c.measured).Add(-c.config.MaxHeld)) // windows may be ahead of a clock that was set back
	c.settle()
	completed := 0
	for _, l := range c.logs {
		completed += c.poll(l, now)
	}
	c.advance(c.horizon())
	return completed
}

// horizon is the time before which nothing can arrive any more. The logs may
// hold it back, but not for longer than the open windows are bounded by; sleep
// does not count, since nothing is measured in it.
func (c *Collector) horizon() time.Time {
	h := c.measured
	if len(c.held) > 0 {
		h = c.held[0].Start
	}
	if first, waits := c.scoper.First(); waits {
		h = earliest(h, first)
	}
	for _, l := range c.logs {
		h = earliest(h, l.horizon())
		if l.update.Horizon.IsZero() {
			h = earliest(h, c.unclaimed(l))
		}
	}
	return latest(h, c.engine.OpenFrom(c.config.MaxOpen))
}

// unclaimed is until when the server's work is known to be somebody's, or has
// waited too long for a line that says whose.
func (c *Collector) unclaimed(l *logState) time.Time {
	t := c.engine.Unclaimed(l.Server)
	if t.IsZero() {
		return c.measured
	}
	return latest(t, c.measured.Add(-c.config.MaxLate))
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (c *Collector) advance(horizon time.Time) {
	var inFlight []attribution.Request
	var loading []attribution.ModelLoad
	for _, l := range c.logs {
		for _, r := range l.update.InFlight {
			if !r.Start.IsZero() { // else the log does not tell yet when it began
				inFlight = append(inFlight, r)
			}
		}
		for _, m := range l.update.Loading {
			if !m.Start.IsZero() {
				loading = append(loading, m)
			}
		}
	}
	res := c.engine.Advance(horizon, inFlight, loading)
	c.status.InFlight = len(inFlight)
	c.batch.Bookings = append(c.batch.Bookings, res.Bookings...)
	c.batch.Charges = append(c.batch.Charges, res.Charges...)
	c.align(res.Bookings)
}

// Flush opens the windows that are still held, with what is known of them: it
// is for the end, when nobody will say more.
func (c *Collector) Flush() { c.release(c.measured) }

// Finish books everything that is left, as if nothing more could arrive. It is
// for the end of a recording; a daemon leaves its open windows to the next run.
func (c *Collector) Finish() {
	c.Flush()
	c.enter(c.scoper.Flush())
	end := latest(c.measured, c.latest)
	for _, l := range c.logs {
		for _, r := range l.update.InFlight {
			end = latest(end, r.Start)
		}
		l.update.InFlight, l.update.Loading = nil, nil
	}
	if end.IsZero() {
		return // nothing ever came
	}
	guard := cmp.Or(c.config.Attribution.QuietGuard, attribution.DefaultQuietGuard)
	c.advance(end.Add(guard + time.Millisecond)) // a request lasts a millisecond at least
}

// Commit hands the sink what came since the last commit. When the sink fails
// the batch is kept for the next commit.
func (c *Collector) Commit(ctx context.Context, now time.Time) error {
	c.batch.At = now
	c.batch.State = c.engine.State()
	c.batch.Checkpoints = c.batch.Checkpoints[:0]
	for _, l := range c.logs {
		if l.update.Checkpoint != nil {
			c.batch.Checkpoints = append(c.batch.Checkpoints, attribution.Checkpoint{Source: l.Source.Name(), Data: l.update.Checkpoint})
		}
	}
	scoping, err := c.scoper.State()
	if err != nil {
		return err
	}
	c.batch.Scoping = scoping
	c.batch.Calibrations = append(c.batch.Calibrations, c.scoper.TakeCalibrations()...)
	if err := c.sink.Commit(ctx, c.batch); err != nil {
		return fmt.Errorf("commit %d bookings: %w", len(c.batch.Bookings), err)
	}
	c.batch = attribution.Batch{}
	return nil
}
