package attribution

import (
	"slices"
	"time"
)

// Unclaimed is the start of the first open window in which a server was at work
// though no request or load that is known of is near it: one may still come.
// Zero when there is none.
func (e *Engine) Unclaimed(server string) time.Time {
	var known []span
	for _, t := range e.byStart() {
		if t.Request.Server == server {
			known = append(known, t.phases(e.closed).whole)
		}
	}
	for _, l := range e.loads {
		if l.Server == server {
			known = append(known, spanOfLoad(l, l.End))
		}
	}
	near := func(w Window) bool {
		from, to := w.Start.Add(-e.config.QuietGuard), w.End.Add(e.config.QuietGuard)
		return slices.ContainsFunc(known, func(s span) bool { return s.overlap(from, to) > 0 })
	}
	for _, w := range e.windows {
		if w.Usage == nil || near(w) {
			continue
		}
		i := slices.IndexFunc(w.Usage.Servers, func(s ServerUse) bool { return s.Server == server })
		if i >= 0 && !w.Usage.Servers[i].Idle(w.End.Sub(w.Start), unclaimedShare) {
			return w.Start
		}
	}
	return time.Time{}
}

// unclaimedShare is the share of a core or of the GPU from which a server is at
// work for somebody.
const unclaimedShare = 0.2
