package llamacpp

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// maxLoose bounds how many timings wait for the slot that they are of.
const maxLoose = 64

// applyLoose acts on messages of builds before February 2024. They name the slot
// but not the task, or, in timings, neither: a server prints the timings of all
// tasks that end with a batch and then releases their slots, in the same order.
func (p *process) applyLoose(m message.Message, at slots.Mark, stamp time.Duration, l requestlog.Line) requestlog.Verdict {
	if m.Slot == message.NoNumber {
		return p.applyTiming(m, at)
	}
	i := p.Tasks.On(m.Slot)
	if i < 0 {
		return requestlog.Ignored
	}
	m.Task = p.Tasks.Tasks[i].ID
	if m.Kind == message.Release {
		m.N = p.claim(&p.Tasks.Tasks[i], m.N)
		p.left(m.Task)
	}
	verdict := p.slot(m, at, stamp, l)
	if len(p.Tasks.Tasks) == 0 {
		p.Loose = nil
	}
	return verdict
}

// applyTiming keeps a timing until a slot is released.
func (p *process) applyTiming(m message.Message, at slots.Mark) requestlog.Verdict {
	last := len(p.Loose) - 1
	timing := slots.Timing{Known: true, Took: m.Took, Tokens: m.N}
	switch {
	case len(p.Tasks.Tasks) == 0:
		return requestlog.Ignored
	case m.Kind == message.PromptTime && last+1 < maxLoose:
		p.Loose = append(p.Loose, slots.Task{Prompt: timing})
	case m.Kind == message.EvalTime && last >= 0 && !p.Loose[last].Eval.Known:
		p.Loose[last].Eval, p.Loose[last].Printed = timing, at
	case m.Kind == message.TotalTime && last >= 0 && p.Loose[last].Eval.Known:
		off := m.Took - p.Loose[last].Prompt.Took - p.Loose[last].Eval.Took
		p.Loose[last].Disputed = off.Abs() > 20*time.Microsecond
	default:
		return requestlog.Malformed
	}
	return requestlog.Used
}

// claim gives the task the timings that fit it, and returns the tokens in its
// context, of which the log says n.
func (p *process) claim(t *slots.Task, n int64) int64 {
	i := slices.IndexFunc(p.Loose, func(x slots.Task) bool { return p.fits(t, x, n) })
	if i < 0 {
		return n
	}
	x := p.Loose[i]
	p.Loose = slices.Delete(p.Loose, i, i+1)
	t.Prompt, t.Eval, t.Printed, t.Disputed = x.Prompt, x.Eval, x.Printed, x.Disputed
	if t.Cached.Known && t.Timed() {
		return t.Cached.N + x.Prompt.Tokens + x.Eval.Tokens - 1
	}
	return n
}

// fits is true when the timings x can be the task's: its cached tokens, if they
// are told, and those of the timings are what is in the cache, give or take the
// token that was sampled last. Without others there is nothing to mix it up with.
func (p *process) fits(t *slots.Task, x slots.Task, n int64) bool {
	switch {
	case !x.Eval.Known:
		return false
	case len(p.Loose) == 1 && len(p.Tasks.Tasks) == 1:
		return true
	case !t.Cached.Known || t.Whole.Known && x.Prompt.Tokens != t.Whole.N-t.Cached.N:
		return false
	}
	over := t.Cached.N + x.Prompt.Tokens + x.Eval.Tokens - n
	return over == 0 || over == 1
}
