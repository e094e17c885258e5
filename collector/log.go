package collector

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// logState is a log and what its last poll brought.
type logState struct {
	Log
	clock   *clock
	update  attribution.LogUpdate // of the last poll, without its requests, times corrected
	idle    time.Time             // the server was seen idle until here
	failing string                // the error of the last poll; empty when it went well
}

// poll reads what is new in one log. It returns how many requests were
// completed.
func (c *Collector) poll(l *logState, now time.Time) int {
	u, err := l.Source.Poll(now)
	c.note(l, err)
	for _, r := range u.Requests {
		if r.Start.IsZero() || r.End.IsZero() {
			c.status.Unplaced++
			continue
		}
		r = l.clock.ended(r)
		c.engine.AddRequest(r)
		if r.End.After(c.latest) {
			c.latest = r.End
		}
	}
	for _, m := range u.Loads {
		c.engine.AddLoad(l.clock.loaded(m))
	}
	c.batch.Remote = append(c.batch.Remote, u.Remote...)
	c.status.Lines = add(c.status.Lines, u.Lines)
	c.status.Unplaced += u.Unplaced
	n := len(u.Requests)
	if err != nil && u.Checkpoint == nil { // nothing was read: what was known before still holds
		return n
	}
	u.Requests, u.Loads, u.Remote = nil, nil, nil
	l.update = l.clock.update(u)
	return n
}

// Behind is true when a log had more to read than its last poll read.
func (c *Collector) Behind() bool {
	return slices.ContainsFunc(c.logs, func(l *logState) bool {
		b, ok := l.Source.(interface{ Behind() bool })
		return ok && b.Behind()
	})
}

// note logs a failing log once, and its recovery.
func (c *Collector) note(l *logState, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != "" && text != l.failing {
		c.config.Logger.Error().Err(err).Str("log", l.Source.Name()).Msg("request log cannot be read; energy is metered, requests are not")
	}
	if text == "" && l.failing != "" {
		c.config.Logger.Info().Str("log", l.Source.Name()).Msg("request log can be read again")
	}
	l.failing = text
}

// horizon of one log. One that speaks only when a request ends says nothing
// about what is under way; then it is the time until which the server's
// processes were idle.
func (l *logState) horizon() time.Time {
	h := l.update.Horizon
	if h.IsZero() {
		h = l.idle
	}
	for _, r := range l.update.InFlight {
		h = earliest(h, r.Start)
	}
	for _, m := range l.update.Loading {
		h = earliest(h, m.Start)
	}
	return h
}

// working is the share of a time in which a server had requests or loads under
// way, as far as its log tells: what begins later cannot be known yet.
func (c *Collector) working(server string, from, to time.Time) (float64, bool) {
	for _, l := range c.logs {
		if l.Server == server && !l.clock.told.IsZero() {
			return l.clock.working(from, to), true
		}
	}
	return 0, false
}

func add(a, b attribution.LineCounts) attribution.LineCounts {
	a.Used += b.Used
	a.Ignored += b.Ignored
	a.Malformed += b.Malformed
	a.Overlong += b.Overlong
	return a
}
