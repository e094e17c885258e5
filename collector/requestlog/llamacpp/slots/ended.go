package slots

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Ended is a task that has ended, with all that its request is made of.
type Ended struct {
	Task      Task                `cbor:"1,keyasint"`
	End       Mark                `cbor:"2,keyasint"`
	Tokens    Count               `cbor:"3,keyasint"` // in the context, as the release line says
	Truncated bool                `cbor:"4,keyasint"`
	Outcome   attribution.Outcome `cbor:"5,keyasint"`
	Position  int64               `cbor:"6,keyasint"`
	Model     string              `cbor:"7,keyasint"`
}

// Request makes the request of an ended task, without id and server.
func (e *Ended) Request(c Clock) attribution.Request {
	r := attribution.Request{Model: e.Model, Outcome: e.Outcome, Position: e.Position}
	e.place(c, &r)
	e.tokens(&r)
	return r
}

// placeSlack is how far a first token computed from a duration may lie outside
// its request before it is called unknown.
const placeSlack = 50 * time.Millisecond

// roundingSlack is how far times may differ for the rounding of the timing lines,
// which print hundredths of milliseconds.
const roundingSlack = 100 * time.Microsecond

// place sets the times of r; they stay zero when nothing tells them.
func (e *Ended) place(c Clock, r *attribution.Request) {
	end, spread, ok := c.Wall(e.End)
	if !ok {
		return
	}
	t := &e.Task
	start, startSpread, ok := c.Wall(t.Launch)
	if !ok { // launched before anybody looked
		start, startSpread = end, 0
		if bound := c.Latest(t.Launch); !bound.IsZero() {
			start = min(end, bound.UnixNano())
		}
		if t.Timed() {
			start = min(start, end-int64(t.Prompt.Took+t.Eval.Took))
		}
	}
	r.Start, r.End = unix(min(start, end)), unix(end)
	r.Uncertainty = max(spread, startSpread)
	if !t.Timed() {
		r.FirstToken = t.firstToken(c, r.Start, r.End)
		return
	}
	printed, _, ok := c.Wall(t.Printed)
	if !ok {
		return
	}
	if t.Launch.Stamp < 0 {
		r.Start = earlier(r.Start, startSpread, unix(printed-int64(t.Eval.Took+t.Prompt.Took)))
	}
	first := unix(printed - int64(t.Eval.Took))
	switch {
	case first.Before(r.Start) && r.Start.Sub(first) <= placeSlack+r.Uncertainty:
		first = r.Start
	case first.Before(r.Start) || first.After(r.End):
		return
	}
	r.FirstToken = first
	// A launched task may wait for the batch that is running: the server works
	// on it from the start of its prompt.
	if begun := first.Add(-t.Prompt.Took); begun.Sub(r.Start) > roundingSlack {
		r.Start = begun
	}
}

// firstToken tells from its progress when a task that was cancelled had begun to
// generate. It is zero when the task did not say, or what it said cannot be.
func (t *Task) firstToken(c Clock, start, end time.Time) time.Time {
	told, _, ok := c.Wall(t.Told)
	if !ok || !t.Progress.Known {
		return time.Time{}
	}
	first := unix(told - int64(t.Progress.Took))
	if first.Before(start) || first.After(end) {
		return time.Time{}
	}
	return first
}
