package llamacpp

import (
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// task is a request in flight.
type task struct {
	ID     int64 `cbor:"1,keyasint"`
	Slot   int64 `cbor:"2,keyasint"`
	Launch mark  `cbor:"3,keyasint"`

	Child     bool `cbor:"4,keyasint"`
	Cancelled bool `cbor:"5,keyasint"`
	Failed    bool `cbor:"6,keyasint"`
	Drafted   bool `cbor:"7,keyasint"`
	Disputed  bool `cbor:"8,keyasint"` // its timing lines contradict each other

	Prompt timing `cbor:"9,keyasint"`
	Eval   timing `cbor:"10,keyasint"`
	// Printed is when the eval line was printed.
	Printed mark `cbor:"11,keyasint"`

	Whole  count `cbor:"12,keyasint"` // the prompt, cached tokens included
	Cached count `cbor:"13,keyasint"`
	// Reused is what the slot's cache held of the prompt when it was chosen.
	Reused fraction `cbor:"14,keyasint"`
}

// timing is one timing line.
type timing struct {
	Known  bool          `cbor:"1,keyasint"`
	Took   time.Duration `cbor:"2,keyasint"`
	Tokens int64         `cbor:"3,keyasint"`
}

// fraction is an attribution.Fraction in a checkpoint.
type fraction struct {
	Thousandths int64 `cbor:"1,keyasint"`
	Known       bool  `cbor:"2,keyasint"`
}

// count is an attribution.Count in a checkpoint.
type count struct {
	N     int64 `cbor:"1,keyasint"`
	Known bool  `cbor:"2,keyasint"`
}

func (t *task) timed() bool { return t.Prompt.Known && t.Eval.Known && !t.Disputed }

// ended is a task that has ended, with all that its request is made of.
type ended struct {
	Task      task                `cbor:"1,keyasint"`
	End       mark                `cbor:"2,keyasint"`
	Tokens    count               `cbor:"3,keyasint"` // in the context, as the release line says
	Truncated bool                `cbor:"4,keyasint"`
	Outcome   attribution.Outcome `cbor:"5,keyasint"`
	Position  int64               `cbor:"6,keyasint"`
	Model     string              `cbor:"7,keyasint"`
}

// request makes the request of an ended task.
func (p *Parser) request(e ended) attribution.Request {
	r := attribution.Request{
		ID: p.id(e.Task.ID), Server: p.opt.Server, Model: e.Model,
		Outcome: e.Outcome, Position: e.Position,
	}
	p.place(&r, e)
	e.tokens(&r)
	return r
}

func (p *Parser) id(task int64) string {
	return p.opt.Server + "/" + p.run.Key + "/" + strconv.FormatInt(task, 10)
}

// placeSlack is how far a first token computed from a duration may lie outside
// its request before it is called unknown.
const placeSlack = 50 * time.Millisecond

// roundingSlack is how far times may differ for the rounding of the timing lines,
// which print hundredths of milliseconds.
const roundingSlack = 100 * time.Microsecond

// place sets the times of r; they stay zero when nothing tells them.
func (p *Parser) place(r *attribution.Request, e ended) {
	end, spread, ok := p.run.wall(e.End)
	if !ok {
		return
	}
	t := &e.Task
	start, startSpread, ok := p.run.wall(t.Launch)
	if !ok { // launched before anybody looked
		start, startSpread = end, 0
		if bound := p.run.latest(t.Launch); !bound.IsZero() {
			start = min(end, bound.UnixNano())
		}
		if t.timed() {
			start = min(start, end-int64(t.Prompt.Took+t.Eval.Took))
		}
	}
	r.Start, r.End = unix(min(start, end)), unix(end)
	r.Uncertainty = max(spread, startSpread)
	if !t.timed() {
		return
	}
	printed, _, ok := p.run.wall(t.Printed)
	if !ok {
		return
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

// tokens sets the counts of r; see the package comment for the arithmetic.
func (e *ended) tokens(r *attribution.Request) {
	t := &e.Task
	n := e.Tokens.N
	switch {
	case t.timed():
		in, out := t.Prompt.Tokens, t.Eval.Tokens
		r.Input, r.Output = attribution.Known(in), attribution.Known(out)
		r.Cached = attribution.Count(t.Cached)
		sum := n + 1 - in - out
		if !t.Cached.Known && e.Tokens.Known && !e.Truncated && !t.Drafted && !t.Child && sum >= 0 {
			r.Cached = attribution.Known(sum)
		}
		if e.Tokens.Known {
			r.Context = attribution.Known(n + 1)
		}
	case e.Tokens.Known && t.Whole.Known && t.Cached.Known && !e.Truncated && !t.Drafted && n >= t.Cached.N:
		r.Cached = attribution.Count(t.Cached)
		r.Context = attribution.Known(n)
		r.Input = attribution.Known(n - t.Cached.N)
		r.Output = attribution.Known(0)
		if n >= t.Whole.N { // prefilled: the last token sampled is not in the context
			r.Input = attribution.Known(t.Whole.N - t.Cached.N)
			r.Output = attribution.Known(n + 1 - t.Whole.N)
			r.Context = attribution.Known(n + 1)
		}
	case e.Tokens.Known:
		r.Context = attribution.Count(e.Tokens)
		r.Reused = attribution.Fraction{Of: float64(t.Reused.Thousandths) / 1000, Known: t.Reused.Known}
	}
	if t.Child { // its parent prefilled the prompt for it
		r.Input, r.Cached = attribution.Known(0), attribution.Count{}
	}
}
