package slots

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
)

const (
	// timingSlack is how far the two phases may exceed the time since launch.
	timingSlack = 100 * time.Millisecond
	// totalSlack covers the rounding of the three timing lines to 10 µs.
	totalSlack = 20 * time.Microsecond
)

// Task is a request in flight.
type Task struct {
	ID     int64 `cbor:"1,keyasint"`
	Slot   int64 `cbor:"2,keyasint"`
	Launch Mark  `cbor:"3,keyasint"`

	Child     bool `cbor:"4,keyasint"`
	Cancelled bool `cbor:"5,keyasint"`
	Failed    bool `cbor:"6,keyasint"`
	Drafted   bool `cbor:"7,keyasint"`
	Disputed  bool `cbor:"8,keyasint"` // its timing lines contradict each other

	Prompt Timing `cbor:"9,keyasint"`
	Eval   Timing `cbor:"10,keyasint"`
	// Printed is when the eval line was printed.
	Printed Mark `cbor:"11,keyasint"`

	Whole  Count `cbor:"12,keyasint"` // the prompt, cached tokens included
	Cached Count `cbor:"13,keyasint"`
	// Reused is what the slot's cache held of the prompt when it was chosen.
	Reused Fraction `cbor:"14,keyasint"`

	// Position is where the launch line began in the log: a byte offset.
	Position int64 `cbor:"15,keyasint"`

	// Progress is how long the task had been generating, and how many tokens, when
	// it first said so; a request that is cancelled later says no more. Told is
	// when that was.
	Progress Timing `cbor:"16,keyasint"`
	Told     Mark   `cbor:"17,keyasint"`

	// Refused is true when the server turned the task away without working on it.
	Refused bool `cbor:"18,keyasint"`
}

// Timing is one timing line.
type Timing struct {
	Known  bool          `cbor:"1,keyasint"`
	Took   time.Duration `cbor:"2,keyasint"`
	Tokens int64         `cbor:"3,keyasint"`
}

// Fraction is an attribution.Fraction in a checkpoint.
type Fraction struct {
	Thousandths int64 `cbor:"1,keyasint"`
	Known       bool  `cbor:"2,keyasint"`
}

// Count is an attribution.Count in a checkpoint.
type Count struct {
	N     int64 `cbor:"1,keyasint"`
	Known bool  `cbor:"2,keyasint"`
}

// Timed is true when the timing lines told the task's tokens, without contradiction.
func (t *Task) Timed() bool { return t.Prompt.Known && t.Eval.Known && !t.Disputed }

func (t *Task) outcome() attribution.Outcome {
	switch {
	case t.Failed:
		return attribution.OutcomeError
	case t.Cancelled:
		return attribution.OutcomeCancelled
	}
	return attribution.OutcomeOK
}

// note keeps a fact about a task in flight. It is false when the fact cannot be.
func (t *Task) note(m message.Message, at Mark) bool {
	switch m.Kind {
	case message.Prompt:
		t.Whole = Count{m.N, true}
	case message.Cached:
		if !t.Cached.Known { // older builds repeat the line for every batch
			t.Cached = Count{m.N, true}
		}
	case message.Drafted:
		t.Drafted = true
	case message.Progress:
		t.progress(m, at)
	case message.PromptTime:
		return t.time(&t.Prompt, m, at)
	case message.EvalTime:
		if !t.Prompt.Known || !t.time(&t.Eval, m, at) {
			return false
		}
		t.Printed = at
	case message.TotalTime:
		off := m.Took - t.Prompt.Took - t.Eval.Took
		sum := t.Prompt.Tokens + t.Eval.Tokens
		if !t.Timed() || m.N != message.NoNumber && m.N != sum || off.Abs() > totalSlack {
			t.Disputed = true
			return false
		}
	}
	return true
}

// progress keeps the first such line: its speed, which has two decimals, is off
// by the least time there.
func (t *Task) progress(m message.Message, at Mark) {
	if !t.Progress.Known {
		t.Progress, t.Told = Timing{Known: true, Took: m.Took, Tokens: m.N}, at
	}
}

// time keeps one timing line: once, and no longer than the task has run.
func (t *Task) time(to *Timing, m message.Message, at Mark) bool {
	if ran, ok := between(t.Launch, at); to.Known || ok && t.Prompt.Took+m.Took > ran+timingSlack {
		t.Disputed = true
		return false
	}
	*to = Timing{Known: true, Took: m.Took, Tokens: m.N}
	return true
}
