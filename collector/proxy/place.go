package proxy

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/proxy/usage"
)

// place sets Start and FirstToken of a request that has its End: within what
// was seen from outside, begun until End, as the server's own times have it.
func place(q *attribution.Request, begun time.Time, u usage.Usage) {
	q.Start, q.End = begun.UTC().Round(0), q.End.UTC().Round(0)
	if q.Start.After(q.End) { // a clock set back, or an answer to half a request
		q.Start = q.End
	}
	first := u.FirstContent
	if u.Decode.Known {
		byServer := u.Reported.Add(-u.Decode.D)
		// A chunk cannot have come before its token was there.
		if first.IsZero() || byServer.Before(first) {
			first = byServer
		}
	}
	if u.Load.Known { // the model is loaded before anything else
		q.Start = within(q.Start, q.Start.Add(u.Load.D), q.End)
	}
	if first.IsZero() {
		return
	}
	q.FirstToken = within(q.Start, first.UTC().Round(0), q.End)
	if u.Prefill.Known {
		q.Start = within(q.Start, q.FirstToken.Add(-u.Prefill.D), q.FirstToken)
	}
}

// within returns t, not before from and not after until.
func within(from, t, until time.Time) time.Time {
	switch {
	case t.Before(from):
		return from
	case t.After(until):
		return until
	}
	return t
}
