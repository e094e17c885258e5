package lmstudio

import (
	"slices"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// handOver makes the request of an open one that has ended.
func (p *Parser) handOver(i int) {
	r := p.s.Open[i]
	p.s.Open = slices.Delete(p.s.Open, i, i+1)
	q := attribution.Request{
		ID: p.id(r.Sec, r.Offset), Server: p.opt.Server, Model: p.model(r.Model), Outcome: r.outcome(), Position: r.Position,
	}
	start := r.Begin
	if r.Prefill.At != 0 {
		start = r.Prefill
	}
	q.Start, q.FirstToken, q.End = start.time(), r.First.time(), r.End.time()
	q.Uncertainty = max(start.Half, r.End.Half, r.Doubt)
	if w := p.work(r.Work); w >= 0 {
		x := p.s.Works[w]
		p.s.Works = slices.Delete(p.s.Works, w, w+1)
		x.counts(&q, r.Usage)
		x.phases(&q)
		if x.Outcome == attribution.OutcomeCancelled && q.Outcome == attribution.OutcomeOK {
			q.Outcome = attribution.OutcomeCancelled
		}
	}
	p.counts(&q, r.Usage)
	order(&q, r.Begin)
	p.requests = append(p.requests, q)
	p.tidy()
}

func (r *open) outcome() attribution.Outcome {
	switch {
	case r.Failed:
		return attribution.OutcomeError
	case r.Cancelled:
		return attribution.OutcomeCancelled
	}
	return attribution.OutcomeOK
}

// orphan makes the request of a work that no request of the server had, such as
// one of the app's own chat.
func (p *Parser) orphan(w *work) attribution.Request {
	q := attribution.Request{
		ID: p.id(w.Sec, w.Offset), Server: p.opt.Server, Model: p.model(""), Outcome: attribution.OutcomeOK, Position: w.Position,
		Start: w.Begin.time(), End: w.End.time(), Uncertainty: max(w.Begin.Half, w.End.Half),
	}
	if w.Outcome != "" {
		q.Outcome = w.Outcome
	}
	w.counts(&q, usage{})
	w.phases(&q)
	begin := w.Begin
	if w.Kind == kindSplash || w.Kind == kindSerial { // it was not seen to begin
		begin = mark{}
	}
	p.counts(&q, usage{})
	order(&q, begin)
	return q
}

// counts sets what the engine says of the tokens.
func (w *work) counts(q *attribution.Request, u usage) {
	q.Input, q.Cached = attribution.Count(w.Input), attribution.Count(w.Cached)
	q.Output, q.Context = attribution.Count(w.Output), attribution.Count(w.Context)
	q.Reused = attribution.Fraction{Of: float64(w.Reused.Thousandths) / 1000, Known: w.Reused.Known}
	if w.Runs && q.Output.Known && !u.told() {
		// A run decodes one token. The first token of a reply comes out of the
		// prompt's last run, which counts as one of them only when it was alone.
		if w.Input.N > 1 && q.Outcome == attribution.OutcomeOK {
			q.Output.N++
		}
		q.TokensEstimated = true
	}
}

// phases places the request by how long the engine's phases took.
func (w *work) phases(q *attribution.Request) {
	if w.Prompt == 0 && w.Eval == 0 {
		if w.First != 0 {
			q.FirstToken = mark{At: w.First}.time()
		}
		return
	}
	q.FirstToken = w.End.time().Add(-w.Eval)
	q.Start = q.FirstToken.Add(-w.Prompt)
}

// counts sets what the response says of the tokens, which goes before what the
// engine says, and what follows from the two.
func (p *Parser) counts(q *attribution.Request, u usage) {
	if u.told() {
		q.Output = attribution.Known(u.Output.N)
		if u.Cached.Known {
			q.Cached = attribution.Count(u.Cached)
		}
		switch {
		case q.Cached.Known && q.Cached.N <= u.whole():
			q.Input = attribution.Known(u.whole() - q.Cached.N)
		case p.opt.NoCache:
			q.Input, q.Cached = attribution.Known(u.whole()), attribution.Known(0)
		default:
			q.Input, q.Cached = attribution.Count{}, attribution.Count{}
		}
		q.Context = attribution.Known(u.whole() + u.Output.N)
		q.Reused = attribution.Fraction{}
	}
	if !q.Context.Known && q.Input.Known && q.Cached.Known && q.Output.Known {
		q.Context = attribution.Known(q.Input.N + q.Cached.N + q.Output.N)
	}
}

// order puts the times in order, none of them before the request's first line.
func order(q *attribution.Request, begin mark) {
	if begin.At != 0 {
		if earliest := begin.time().Add(-begin.Half); q.Start.Before(earliest) {
			q.Start = earliest
		}
	}
	if q.End.Before(q.Start) {
		q.Start = q.End
	}
	if q.FirstToken.IsZero() {
		return
	}
	if q.FirstToken.Before(q.Start) {
		q.FirstToken = q.Start
	}
	if q.FirstToken.After(q.End) {
		q.FirstToken = q.End
	}
}

// id names a request by the stamp and the place of the line that it began with.
// Two files have no line with both alike.
func (p *Parser) id(sec, offset int64) string {
	return p.opt.Server + "/" + strconv.FormatInt(sec, 10) + "/" + strconv.FormatInt(offset, 10)
}

func (p *Parser) model(told string) string {
	if p.opt.Model != "" {
		return p.opt.Model
	}
	return told
}

// result keeps what a task's request says.
func (w *work) result(q attribution.Request, t *slots.Task) {
	if w.Whole = t.Whole; !w.Whole.Known && q.Input.Known && q.Cached.Known {
		w.Whole = slots.Count{N: q.Input.N + q.Cached.N, Known: true}
	}
	w.Input, w.Cached = slots.Count(q.Input), slots.Count(q.Cached)
	w.Output, w.Context = slots.Count(q.Output), slots.Count(q.Context)
	w.Reused = slots.Fraction{Thousandths: int64(q.Reused.Of*1000 + 0.5), Known: q.Reused.Known}
	w.Outcome, w.Broken = q.Outcome, !t.Timed()
	if t.Timed() {
		w.Prompt, w.Eval = t.Prompt.Took, t.Eval.Took
		if w.Eval == 0 {
			w.Eval = time.Microsecond // told, and too short to print
		}
	} else if !q.FirstToken.IsZero() {
		w.First = q.FirstToken.UnixNano()
	}
}
