package slots

import "github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"

// Fits is true when a message can be about this task as far as its numbers tell.
// Apply does not ask: it is for telling two tasks of the same number apart.
func (t *Task) Fits(m message.Message) bool {
	switch m.Kind {
	case message.Prompt:
		return !t.Whole.Known
	case message.Cached:
		return !t.Cached.Known && t.Whole.Known && m.N <= t.Whole.N
	case message.PromptTime:
		return !t.Prompt.Known && (!t.Whole.Known || !t.Cached.Known || m.N == t.Whole.N-t.Cached.N)
	case message.EvalTime:
		return t.Prompt.Known && !t.Eval.Known
	case message.TotalTime:
		return t.Timed() && m.N == t.Prompt.Tokens+t.Eval.Tokens
	case message.Drafted:
		return t.Eval.Known
	case message.Cancel, message.Failed:
		return !t.Eval.Known && !t.Cancelled && !t.Failed
	case message.Release:
		return t.fitsRelease(m)
	}
	return false
}

// fitsRelease is true when the context may be that long: the prompt and all tokens
// but the last one, or a prompt alone, or any part of what was cancelled.
func (t *Task) fitsRelease(m message.Message) bool {
	switch {
	case m.Flag || t.Drafted || !t.Whole.Known:
		return true
	case t.Eval.Known:
		return m.N+1 == t.Whole.N+t.Eval.Tokens
	case t.Cancelled || t.Failed:
		return true
	}
	return m.N == t.Whole.N
}
