package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// request is one task of the server, from its arrival to its end.
type request struct {
	session  *session
	id       int // task number; -1 before the server has taken it in
	slot     int
	prompt   int // tokens, cached ones included
	prefix   int // leading tokens that the source's other sessions have too
	output   int // tokens the client wants
	cancel   bool
	cancelAt float64 // ratio of the work after which it is given up

	cached, fresh, out  int // tokens so far
	stopFresh, stopOut  int // where it ends
	arrival, start      time.Duration
	first, end          time.Duration // first: 0 before the first token
	told                time.Duration // when the log last told of progress
	toldOut             int
	prefill, decode     energy.Joules
	unmeasured          energy.Joules
	wall                taken
	outcome             attribution.Outcome
	inStep, inStepTotal int // prompt tokens of each, and of all steps under way
}

// launch fixes what the request will do now that its cached tokens are known.
// One cancellation in five comes while the prompt is still being read.
func (r *request) launch(cached int, start time.Duration) {
	r.cached, r.start = cached, start
	r.stopFresh, r.stopOut = r.prompt-cached, r.output
	r.outcome = attribution.OutcomeOK
	if !r.cancel {
		return
	}
	r.outcome = attribution.OutcomeCancelled
	if r.cancelAt < 0.2 {
		r.stopFresh = max(1, int(float64(r.stopFresh)*r.cancelAt/0.2))
		r.stopOut = 0
		return
	}
	r.stopOut = max(1, int(float64(r.output-1)*(r.cancelAt-0.2)/0.8))
}

// decoding is true from the first token on.
func (r *request) decoding() bool { return r.out > 0 }

// promptLeft is how many prompt tokens are still to be read.
func (r *request) promptLeft() int { return r.stopFresh - r.fresh }

// outLeft is how many tokens are still to be generated.
func (r *request) outLeft() int { return r.stopOut - r.out }

// finished is true when the server lets go of the request.
func (r *request) finished() bool { return r.promptLeft() <= 0 && r.outLeft() <= 0 }

// tokens is how many tokens the slot's cache holds for it. The newest token
// has not been through the model yet.
func (r *request) tokens() int {
	n := r.cached + r.fresh + r.out
	if r.out > 0 {
		n--
	}
	return n
}

// contextBlock is how many tokens of a context are looked at together: the
// context is filled up to a multiple of it, as llama.cpp does.
const contextBlock = 256

// block is how many tokens of context its next step looks at.
func (r *request) block() int { return (r.tokens() + contextBlock - 1) / contextBlock * contextBlock }

// energy is what it has cost so far.
func (r *request) energy() energy.Joules { return r.prefill + r.decode }
