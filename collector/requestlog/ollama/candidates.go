package ollama

import (
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

const (
	// idleSlack is by how much the number of a task may be more than the steps
	// before it account for: cancellations and the like take numbers too.
	idleSlack = 16
	// batchTokens is the least number of prompt tokens that a runner takes in one
	// step, and so for one number.
	batchTokens = 128
)

// candidates returns the runners that can have launched a task, by index. A
// runner numbers all that it does, one number a step of its loop, so its tasks'
// numbers grow but for those that waited together, and while it has nothing to do the next number is known nearly
// to one. What it is not known to have done since makes no difference.
func (p *Parser) candidates(m message.Message, c *choice) []int {
	all := p.which(func(r *runner) bool {
		return !r.Mute && (r.Slots == 0 || m.Slot < r.Slots) && r.canLaunch(m.Task)
	})
	if len(all) < 2 {
		return all
	}
	all = p.narrow(all, func(r *runner) bool { return m.Task >= r.Next })
	all = p.narrow(all, func(r *runner) bool { return !r.Loading })
	all = p.narrow(all, func(r *runner) bool { return r.Table.On(m.Slot) < 0 })
	all = p.narrow(all, func(r *runner) bool {
		return r.Doubt || len(r.Table.Tasks) > 0 || m.Task-r.Next <= r.Slack+idleSlack
	})
	if c == nil || !c.HeldKnown {
		return all
	}
	return p.narrow(all, func(r *runner) bool {
		tokens, ok := r.holds(m.Slot)
		return !ok || tokens == c.Held
	})
}

// canLaunch is true for a number that r can launch next. Tasks that waited for
// slots which are then free at once are launched last come, first served.
func (r *runner) canLaunch(task int64) bool {
	swapped := len(r.Table.Tasks) > 0 && task > r.Launched-idleSlack && r.Table.Find(task) < 0
	return swapped || task > r.Launched
}

func (p *Parser) which(fits func(*runner) bool) []int {
	var out []int
	for i := range p.runners {
		if fits(&p.runners[i]) {
			out = append(out, i)
		}
	}
	return out
}

// narrow keeps the runners that fit, or all when none does.
func (p *Parser) narrow(all []int, fits func(*runner) bool) []int {
	kept := slices.DeleteFunc(slices.Clone(all), func(i int) bool { return !fits(&p.runners[i]) })
	if len(kept) == 0 {
		return all
	}
	return kept
}

// doubt notes that r may have done more than is known of it.
func (r *runner) doubt() {
	r.Doubt, r.HeldDoubt, r.Held = true, true, nil
}

// launched takes in the number of a task that r has launched.
func (r *runner) launched(task int64) {
	if len(r.Table.Tasks) == 1 {
		r.Slack = 0
	}
	r.Launched = max(r.Launched, task)
}

// learn keeps what a released task says of the numbers that follow and of what
// its slot holds.
func (r *runner) learn(e *slots.Ended) {
	t, n := &e.Task, e.Tokens.N
	steps, slack := int64(0), n
	switch {
	case t.Drafted: // a step may give several tokens
	case t.Timed():
		steps, slack = t.Eval.Tokens, t.Prompt.Tokens/batchTokens
	case t.Whole.Known && n >= t.Whole.N:
		steps, slack = n-t.Whole.N, t.Whole.N/batchTokens+1
	}
	r.Next = max(r.Next, t.ID+1+steps)
	r.Slack += slack
	r.Doubt = false
	if e.Outcome == attribution.OutcomeOK && !t.Timed() { // an embedding, which leaves nothing
		n = 0
	}
	for i := range r.Held {
		if r.Held[i].Slot == t.Slot {
			r.Held[i].Tokens = n
			return
		}
	}
	if len(r.Held) < maxHeld {
		r.Held = append(r.Held, held{t.Slot, n})
	}
}

// holds returns how many tokens a slot's cache holds. It is false when that is
// not known.
func (r *runner) holds(slot int64) (int64, bool) {
	for _, h := range r.Held {
		if h.Slot == slot {
			return h.Tokens, true
		}
	}
	return 0, !r.HeldDoubt
}
