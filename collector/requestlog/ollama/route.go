package ollama

import (
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

const (
	// maxStrays bounds how many tasks in flight are of no runner yet.
	maxStrays = 64
	// maxChoices bounds how many slots are chosen and not launched yet.
	maxChoices = 16
)

// choice is that a runner, which one the line does not say, chose a slot.
type choice struct {
	Slot      int64        `cbor:"1,keyasint"`
	Choice    slots.Choice `cbor:"2,keyasint"`
	Held      int64        `cbor:"3,keyasint"`
	HeldKnown bool         `cbor:"4,keyasint"`
}

// stray is a task of one of several runners.
type stray struct {
	Ports []int64      `cbor:"1,keyasint"` // of those runners
	Tasks []slots.Task `cbor:"2,keyasint"` // what Table holds, in a checkpoint
	Table slots.Table  `cbor:"-"`          // has that task alone
}

// slot takes in a message of a llama-server.
func (p *Parser) slot(m message.Message, l requestlog.Line) requestlog.Verdict {
	at := p.mark(l)
	p.last, p.lastLine = at, l.Offset
	switch m.Kind {
	case message.Broken:
		return requestlog.Malformed
	case message.Chosen:
		if len(p.choices) == maxChoices {
			p.choices = slices.Delete(p.choices, 0, 1)
		}
		reused := slots.Choice{Slot: m.Slot, Reused: slots.Fraction{Thousandths: m.N, Known: true}}
		p.choices = append(p.choices, choice{m.Slot, reused, m.Held, m.HeldKnown})
		return requestlog.Used
	case message.Launch:
		return p.launch(m, at, l)
	case message.Prompt, message.Cached, message.PromptTime, message.EvalTime, message.TotalTime, message.Drafted,
		message.Cancel, message.Failed, message.Release:
		return p.task(m, at, l)
	}
	return requestlog.Ignored // of loads Ollama's own lines tell
}

// task takes in a message about a task.
func (p *Parser) task(m message.Message, at slots.Mark, l requestlog.Line) requestlog.Verdict {
	to := p.owner(m)
	if to == nil {
		return requestlog.Ignored
	}
	ended, verdict := to.Apply(m, at, l.Offset)
	if m.Kind == message.Prompt && verdict == requestlog.Used {
		p.adopt(m)
	}
	if ended != nil {
		p.released(to, *ended)
	}
	return verdict
}

// tables returns all tables, those of runners first.
func (p *Parser) tables() []*slots.Table {
	out := p.scratch[:0]
	for i := range p.runners {
		out = append(out, &p.runners[i].Table)
	}
	for i := range p.strays {
		out = append(out, &p.strays[i].Table)
	}
	p.scratch = out
	return out
}

// owner returns the table whose task a message is about, nil when there is none.
// Where two tasks in flight have the same slot and number it is the one that the
// message fits; if it fits both, nothing tells them apart and neither keeps a
// model.
func (p *Parser) owner(m message.Message) *slots.Table {
	var first, fitting *slots.Table
	fits := 0
	for _, t := range p.tables() {
		i := t.Find(m.Task)
		if i < 0 || m.Kind != message.Cancel && m.Kind != message.Failed && t.Tasks[i].Slot != m.Slot {
			continue
		}
		if first == nil {
			first = t
		}
		if t.Tasks[i].Fits(m) {
			if fits++; fits == 1 {
				fitting = t
			}
		}
	}
	switch fits {
	case 0:
		return first
	case 1:
		return fitting
	}
	for _, t := range p.tables() {
		if i := t.Find(m.Task); i >= 0 && t.Tasks[i].Fits(m) {
			p.blurred[t.Tasks[i].Position] = true
		}
	}
	return fitting
}

// launch gives a new task to its runner.
func (p *Parser) launch(m message.Message, at slots.Mark, l requestlog.Line) requestlog.Verdict {
	if m.Slot >= slots.Max {
		return requestlog.Malformed
	}
	p.run.setKey(l)
	p.spoke = true
	if !slices.ContainsFunc(p.runners, func(r runner) bool { return !r.Mute }) {
		p.unseen()
	}
	c := p.chosen(m.Slot)
	switch which := p.candidates(m, c); len(which) {
	case 0: // a number that no runner can have given
		return requestlog.Malformed
	case 1:
		return p.launchOn(&p.runners[which[0]], c, m, at, l.Offset)
	default:
		return p.launchStray(which, c, m, at, l.Offset)
	}
}

func (p *Parser) launchOn(r *runner, c *choice, m message.Message, at slots.Mark, position int64) requestlog.Verdict {
	if c != nil {
		r.Table.Next = c.Choice
	}
	ended, verdict := r.Table.Apply(m, at, position)
	if verdict == requestlog.Used {
		r.launched(m.Task)
	}
	if ended != nil {
		p.end(*ended, p.modelOf(r))
	}
	return verdict
}

// launchStray keeps a task that may be of several runners.
func (p *Parser) launchStray(which []int, c *choice, m message.Message, at slots.Mark, position int64) requestlog.Verdict {
	if len(p.strays) == maxStrays {
		p.end(p.strays[0].Table.Drop(0, at, position), p.common(p.strays[0].Ports))
		p.strays = slices.Delete(p.strays, 0, 1)
	}
	s := stray{}
	for _, i := range which {
		p.runners[i].doubt()
		s.Ports = append(s.Ports, p.runners[i].Port)
	}
	if c != nil {
		s.Table.Next = c.Choice
	}
	_, verdict := s.Table.Apply(m, at, position)
	p.oneEach(s, m)
	p.strays = append(p.strays, s)
	return verdict
}

// oneEach draws the one conclusion from two tasks on the same slot at a time of
// the same two runners: each has launched one of them.
func (p *Parser) oneEach(s stray, m message.Message) {
	for _, o := range p.strays {
		if o.Table.On(m.Slot) < 0 || len(s.Ports) != 2 || !slices.Equal(o.Ports, s.Ports) {
			continue
		}
		least := min(m.Task, o.Table.Tasks[0].ID)
		for _, port := range s.Ports {
			if r := p.onPort(port); r != nil {
				r.Launched = max(r.Launched, least)
			}
		}
	}
}

// chosen takes the oldest choice of a slot that was not launched yet.
func (p *Parser) chosen(slot int64) *choice {
	i := slices.IndexFunc(p.choices, func(c choice) bool { return c.Slot == slot })
	if i < 0 {
		return nil
	}
	c := p.choices[i]
	p.choices = slices.Delete(p.choices, i, i+1)
	return &c
}

// adopt gives a stray to its runner when the size of its context leaves one.
func (p *Parser) adopt(m message.Message) {
	i := slices.IndexFunc(p.strays, func(s stray) bool { return s.Table.Find(m.Task) >= 0 && s.Table.On(m.Slot) >= 0 })
	if i < 0 || m.Context == 0 {
		return
	}
	s := &p.strays[i]
	s.Ports = slices.DeleteFunc(s.Ports, func(port int64) bool {
		r := p.onPort(port)
		return r == nil || r.Context != 0 && r.Context != m.Context
	})
	if len(s.Ports) != 1 {
		return
	}
	r := p.onPort(s.Ports[0])
	if r.Table.Find(m.Task) >= 0 || r.Table.On(m.Slot) >= 0 {
		return
	}
	r.Table.Tasks = append(r.Table.Tasks, s.Table.Tasks...)
	r.launched(m.Task)
	p.strays = slices.Delete(p.strays, i, i+1)
}

func (p *Parser) onPort(port int64) *runner {
	i := slices.IndexFunc(p.runners, func(r runner) bool { return r.Port == port })
	if i < 0 {
		return nil
	}
	return &p.runners[i]
}

// released hands over a task that a table has let go of.
func (p *Parser) released(from *slots.Table, e slots.Ended) {
	if e.Outcome == attribution.OutcomeCancelled && e.Task.Timed() {
		e.Outcome = attribution.OutcomeOK
		p.cancelOther(e.Task.ID)
	}
	for i := range p.runners {
		if r := &p.runners[i]; &r.Table == from {
			r.learn(&e)
			p.end(e, p.modelOf(r))
			return
		}
	}
	for i := range p.strays {
		if s := &p.strays[i]; &s.Table == from {
			model := p.common(s.Ports)
			p.strays = slices.Delete(p.strays, i, i+1)
			p.end(e, model)
			return
		}
	}
}

// cancelOther marks the task in flight that was cancelled in truth, where one of
// the same number was taken for it.
func (p *Parser) cancelOther(task int64) {
	for _, t := range p.tables() {
		if i := t.Find(task); i >= 0 && !t.Tasks[i].Timed() {
			t.Tasks[i].Cancelled = true
			return
		}
	}
}

// common returns the model of all runners on the given ports, "" when they
// differ.
func (p *Parser) common(ports []int64) string {
	model := ""
	for k, port := range ports {
		r := p.onPort(port)
		if r == nil || k > 0 && p.modelOf(r) != model {
			return ""
		}
		model = p.modelOf(r)
	}
	return model
}
