package llamacpp

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// apply acts on a message.
func (p *process) apply(r reading, at slots.Mark, l requestlog.Line) requestlog.Verdict {
	m := r.msg
	p.pass(m)
	switch m.Kind {
	case message.None, message.Idle:
		return requestlog.Ignored
	case message.Broken:
		return requestlog.Malformed
	case message.Initializing:
		p.Run.Greeted = true
		return requestlog.Used
	case message.Loading, message.Loaded, message.LoadFailed, message.Opened:
		return p.applyLoad(m, at)
	case message.Embeds:
		p.Embeds = true
		return requestlog.Used
	case message.Begun:
		p.Block = block{Open: true, Slot: m.Slot, Task: m.Task, At: at}
		return requestlog.Used
	case message.Spawned, message.Exited:
		return requestlog.Used // see Parser.Parse
	}
	switch {
	case p.Router: // it has no slots
		return requestlog.Ignored
	case m.Slot == message.NoNumber || m.Task == message.NoNumber:
		return p.applyLoose(m, at, r.stamp, l)
	case m.Kind == message.Release && m.Early && p.hold(m, at, l):
		return requestlog.Used
	}
	return p.slot(m, at, r.stamp, l)
}

// slot acts on a message about slots and tasks.
func (p *process) slot(m message.Message, at slots.Mark, stamp time.Duration, l requestlog.Line) requestlog.Verdict {
	if m.Kind == message.Release && p.Run.Shape.dated() {
		p.left(m.Task)
	}
	ended, verdict := p.Tasks.Apply(m, at, l.Offset)
	if m.Kind == message.Launch && verdict == requestlog.Used {
		p.launched(stamp, l)
	}
	if ended != nil {
		p.end(*ended)
	}
	return verdict
}

// launched notes what a launch says beside itself: a load that nothing ended is
// over, and nothing tells since when.
func (p *process) launched(stamp time.Duration, l requestlog.Line) {
	p.Load = nil
	if p.Run.Key == "" {
		p.Run.setKey(l, stamp)
	}
}

// left takes a task without timings as left by its client, where the log has no
// line that says so. A server of embeddings has no timings at all.
func (p *process) left(task int64) {
	i := p.Tasks.Find(task)
	if i < 0 || p.Embeds {
		return
	}
	t := &p.Tasks.Tasks[i]
	t.Cancelled = t.Cancelled || !t.Prompt.Known && !t.Eval.Known && !t.Disputed
}

func (p *process) applyLoad(m message.Message, at slots.Mark) requestlog.Verdict {
	switch {
	case m.Kind == message.Opened:
		return p.opened(m, at)
	case m.Kind == message.Loading && len(p.Tasks.Tasks) > 0: // no server loads while it serves
		return requestlog.Malformed
	case m.Kind == message.Loading:
		p.Model = m.Text
		p.Load = &load{Model: p.modelName(), Begin: at}
	case p.Load == nil:
		return requestlog.Ignored
	default:
		p.endLoad(at)
	}
	return requestlog.Used
}

// opened takes the model from the file that the loader opens first, if nothing
// else has told it. Only dated logs say when that load ends.
func (p *process) opened(m message.Message, at slots.Mark) requestlog.Verdict {
	if p.Model != "" || m.Text == "" || len(p.Tasks.Tasks) > 0 || p.Load != nil {
		return requestlog.Ignored
	}
	p.Model = m.Text
	if p.Run.Shape.dated() {
		p.Load = &load{Model: p.modelName(), Begin: at}
	}
	return requestlog.Used
}
