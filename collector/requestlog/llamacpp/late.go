package llamacpp

import (
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// held is a release that waits for the timings of its task: builds from August
// 2024 to late 2025 print them after it. The thread that serves the slots prints
// both without a line in between; lines of other threads may come between them.
type held struct {
	Slot   int64      `cbor:"1,keyasint"`
	Task   int64      `cbor:"2,keyasint"`
	N      int64      `cbor:"3,keyasint"`
	Flag   bool       `cbor:"4,keyasint"`
	At     slots.Mark `cbor:"5,keyasint"`
	Offset int64      `cbor:"6,keyasint"`
}

// hold keeps a release back. It is false when no timings can follow.
func (p *process) hold(m message.Message, at slots.Mark, l requestlog.Line) bool {
	i := p.Tasks.Find(m.Task)
	if i < 0 {
		return false
	}
	if t := &p.Tasks.Tasks[i]; t.Slot != m.Slot || t.Prompt.Known || t.Disputed || t.Cancelled || t.Failed {
		return false
	}
	p.Held = &held{Slot: m.Slot, Task: m.Task, N: m.N, Flag: m.Flag, At: at, Offset: l.Offset}
	return true
}

// pass lets the release that is held back go when the message shows that no
// timings of its task follow any more.
func (p *process) pass(m message.Message) {
	h := p.Held
	if h == nil {
		return
	}
	switch {
	case m.Kind == message.Begun, m.Kind.Timing(), m.Kind == message.Drafted:
		if m.Slot == h.Slot && m.Task == h.Task {
			return
		}
	case m.Kind <= message.Broken, m.Kind == message.Cancel, m.Kind == message.Failed, m.Kind == message.Embeds:
		if i := p.Tasks.Find(h.Task); i >= 0 && !p.Tasks.Tasks[i].Timed() {
			return
		}
	}
	p.release()
}

// release lets the release that is held back go.
func (p *process) release() {
	h := p.Held
	if h == nil {
		return
	}
	p.Held = nil
	m := message.Message{Kind: message.Release, Slot: h.Slot, Task: h.Task, N: h.N, Flag: h.Flag}
	p.slot(m, h.At, 0, requestlog.Line{Offset: h.Offset})
}
