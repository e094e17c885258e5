// Package message recognises the messages of llama.cpp's llama-server in a
// log line that has been stripped of what it wears: stamp, level, colours, JSON.
// The formats whose logs hold such lines read them through it, so that the
// allow-list stands once. It keeps numbers, durations and model ids, never text.
package message

import "time"

// MaxDuration bounds every time read: a process that has run for 30 years is a
// forgery.
const MaxDuration = 30 * 365 * 24 * time.Hour

// Kind is which message of the allow-list a line is.
type Kind uint8

// The kinds. The comments say which fields of a Message are set beside Slot and
// Task.
const (
	None   Kind = iota // not on the list
	Broken             // begins like one of the list, and does not go on like it
	Initializing
	Loading // Text: the model's id
	Loaded
	LoadFailed
	Chosen // N: thousandths of the prompt that are in the slot's cache; Held; no Task
	Launch // Flag: a child, whose parent prefills the prompt
	Prompt // N: tokens, cached ones included; Context
	Cached // N: tokens
	PromptTime
	EvalTime
	TotalTime
	Drafted // speculative decoding took part
	Cancel  // no Slot
	Failed  // Flag: turned away, the prompt being too long; no Slot
	Release // N: tokens in the context; Flag: it was truncated; Early
	Found   // N: thousandths of the prompt that a saved prompt brings to the slot chosen; no Slot, no Task
	Begun   // the slot's timings follow, in lines without any prefix; see Continue
	Progress
	Idle    // no slot has a task; no Slot, no Task
	Embeds  // a request for embeddings was answered; no Slot, no Task
	Opened  // Text: the id of the model whose file was opened
	Spawned // a router started a server: Text: its model, or ""; N: its port
	Exited  // a router's server ended: Text: its model, or ""
)

// NoNumber as a Message's Slot, Task or N says that the line does not tell it,
// where lines of that kind do in other builds.
const NoNumber = -1

// Message is what a line says.
type Message struct {
	Kind Kind
	Slot int64
	Task int64
	N    int64         // a number of tokens, unless Kind says otherwise
	Took time.Duration // of the timing kinds, which have N too; of Progress, since the first token
	Flag bool
	Text string
	// Context is the size of the slot's context in tokens.
	Context int64
	// Held is how many tokens the slot's cache held, where that is told.
	Held      int64
	HeldKnown bool
	// Early says of a Release that its task's timings come after it, if it has any.
	Early bool
}

// Slotted is true for the kinds that speak of a slot or a task.
func (k Kind) Slotted() bool {
	switch k {
	case Chosen, Found, Launch, Prompt, Cached, PromptTime, EvalTime, TotalTime, Drafted, Progress, Cancel, Failed, Release:
		return true
	}
	return false
}

// Timing is true for the kinds that tell how long a task's phases took.
func (k Kind) Timing() bool { return k == PromptTime || k == EvalTime || k == TotalTime }
