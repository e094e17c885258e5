package slots

import "github.com/sovmeter/sovmeter/collector/attribution"

// tokens sets the counts of r; see the package comment for the arithmetic.
func (e *Ended) tokens(r *attribution.Request) {
	t := &e.Task
	n := e.Tokens.N
	switch {
	case t.Timed():
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
	case t.Refused: // what the slot holds is of another
		r.Input, r.Cached, r.Output = attribution.Known(0), attribution.Known(0), attribution.Known(0)
	case e.Tokens.Known && t.Whole.Known && t.Cached.Known && !e.Truncated && !t.Drafted && min(n, t.Whole.N) >= t.Cached.N:
		r.Cached = attribution.Count(t.Cached)
		r.Context = attribution.Known(n)
		r.Input = attribution.Known(n - t.Cached.N)
		r.Output = attribution.Known(0)
		if n >= t.Whole.N && e.Outcome != attribution.OutcomeOK { // prefilled: the last token sampled is not in the context
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
