package slots

import (
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
)

// Max bounds slot numbers, and so how many tasks are in flight.
const Max = 1024

// Table holds what is in flight on one server. The zero Table is an idle one.
type Table struct {
	Tasks []Task // in order of launch
	Next  Choice // of the slot for the task that is launched next
}

// Choice is what a slot's cache holds of the prompt that it was chosen for.
type Choice struct {
	Slot   int64    `cbor:"1,keyasint"`
	Reused Fraction `cbor:"2,keyasint"`
}

// Apply acts on a message about slots and tasks that came at the given moment, in
// a line at position. It returns the task that has ended with it, if one has.
func (t *Table) Apply(m message.Message, at Mark, position int64) (*Ended, requestlog.Verdict) {
	switch m.Kind {
	case message.Chosen:
		t.Next = Choice{m.Slot, Fraction{m.N, true}}
		return nil, requestlog.Used
	case message.Found:
		return nil, t.found(m)
	case message.Launch:
		return t.launch(m, at, position)
	}
	i := t.Find(m.Task)
	if i < 0 || !m.Kind.Slotted() { // launched before the log began, or never
		return nil, requestlog.Ignored
	}
	task := &t.Tasks[i]
	switch m.Kind {
	case message.Cancel:
		task.Cancelled = true
		return nil, requestlog.Used
	case message.Failed:
		task.Failed, task.Refused = true, m.Flag
		return nil, requestlog.Used
	}
	if task.Slot != m.Slot {
		return nil, requestlog.Malformed
	}
	if m.Kind == message.Release {
		e := t.remove(i, Ended{End: at, Tokens: Count{m.N, true}, Truncated: m.Flag, Position: position})
		e.Outcome = e.Task.outcome()
		return &e, requestlog.Used
	}
	if !task.note(m, at) {
		return nil, requestlog.Malformed
	}
	return nil, requestlog.Used
}

// Find returns the index in Tasks of the task with a number, or -1.
func (t *Table) Find(task int64) int {
	return slices.IndexFunc(t.Tasks, func(x Task) bool { return x.ID == task })
}

// On returns the index in Tasks of the task on a slot, or -1.
func (t *Table) On(slot int64) int {
	return slices.IndexFunc(t.Tasks, func(x Task) bool { return x.Slot == slot })
}

// Drop ends task i unseen: its server, or its slot, went on without a release.
func (t *Table) Drop(i int, at Mark, position int64) Ended {
	return t.remove(i, Ended{End: at, Outcome: attribution.OutcomeError, Position: position})
}

func (t *Table) remove(i int, e Ended) Ended {
	e.Task = t.Tasks[i]
	t.Tasks = slices.Delete(t.Tasks, i, i+1)
	return e
}

func (t *Table) launch(m message.Message, at Mark, position int64) (*Ended, requestlog.Verdict) {
	if m.Slot >= Max || t.Find(m.Task) >= 0 {
		return nil, requestlog.Malformed
	}
	var before *Ended
	if i := t.On(m.Slot); i >= 0 {
		e := t.Drop(i, at, position)
		before = &e
	}
	task := Task{ID: m.Task, Slot: m.Slot, Launch: at, Child: m.Flag, Position: position}
	if t.Next.Slot == m.Slot {
		task.Reused = t.Next.Reused
	}
	t.Next = Choice{}
	t.Tasks = append(t.Tasks, task)
	return before, requestlog.Used
}

// found notes that the slot chosen last takes over a saved prompt, which holds
// more of the prompt than the slot did.
func (t *Table) found(m message.Message) requestlog.Verdict {
	if !t.Next.Reused.Known {
		return requestlog.Ignored
	}
	t.Next.Reused.Thousandths = m.N
	return requestlog.Used
}
