package lmstudio

import (
	"bytes"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// engineStarts are how the entries begin in which an engine's lines are read. An
// entry that begins with anything else may be somebody's text, and no line of it
// is.
func engineStarts() []string {
	return []string{
		"slot ", "srv ", "LlamaV4", "llama_", "Sampling", "sampling", "Looking for non-prefix", "Cache reuse summary: ",
		"Total prompt tokens: ", "Prompt tokens to decode: ", "BeginProcessingPrompt", "FinishedProcessingPrompt",
		"Target model ", "target model ", "Draft model ", "draft model ", "prompt eval time =", "eval time =", "total time =",
		"graphs reused =", "draft acceptance =", "Prompt cache", "VLM prompt cache", "Loading model from ", "Model loaded successfully", "BatchedModelKit loaded successfully",
	}
}

// undress takes off what an engine's line wears: the tags of the MLX engine's
// loggers, the stamp and the level of llama-server. The log's writer may have cut
// an output in the middle of that.
func undress(line []byte) []byte {
	s := linescan.Scanner{Rest: line}
	for range 3 {
		if tag(&s) == nil {
			break
		}
		s.Try(": ")
	}
	stamped := s
	stamped.NumberTo('.')
	stamped.Digits(2)
	stamped.Byte('.')
	stamped.Digits(3)
	stamped.Byte('.')
	stamped.Digits(3)
	if !stamped.Bad {
		s = stamped
		s.Spaces()
	}
	if len(s.Rest) > 2 && s.Rest[1] == ' ' && bytes.IndexByte([]byte("IWDE"), s.Rest[0]) >= 0 {
		s.Rest = s.Rest[2:]
	}
	return s.Rest
}

// isEngine is true for the first line of an entry that an engine wrote.
func (p *Parser) isEngine(line []byte) bool {
	bare := bytes.TrimLeft(line, " ")
	for _, start := range p.starts {
		if bytes.HasPrefix(bare, start) {
			return true
		}
	}
	return len(bare) == 0
}

// engine acts on a line of an engine.
func (p *Parser) engine(line []byte, l requestlog.Line) requestlog.Verdict {
	s := linescan.Scanner{Rest: line}
	if s.Try("slot ") || s.Try("srv ") {
		return p.server(line, l)
	}
	s.Spaces()
	switch {
	case s.Try("prompt eval time ="):
		return p.timing(s, message.PromptTime)
	case s.Try("eval time ="):
		return p.timing(s, message.EvalTime)
	case s.Try("total time ="):
		return p.timing(s, message.TotalTime)
	case s.Try("Prompt cache restore: cached_tokens="):
		return p.restored(s)
	case s.Try("Prompt cache: using "):
		return p.reused(s)
	case s.Try("LlamaV4::load called with model path: "):
		return p.loading(s.Rest)
	case s.Try("Loading model from "):
		return p.loading(bytes.TrimRight(s.Rest, "."))
	case s.Try("Model loaded successfully"), s.Try("BatchedModelKit loaded successfully"):
		return used(p.loaded(p.now))
	}
	return p.serial(s)
}

// server acts on a line of llama-server.
func (p *Parser) server(line []byte, l requestlog.Line) requestlog.Verdict {
	m := message.Read(line, false)
	switch m.Kind {
	case message.None:
		return p.ready(line)
	case message.Begun:
		p.s.Heading = heading{m.Slot, m.Task, true}
		return requestlog.Used
	case message.Broken:
		return requestlog.Malformed
	case message.Initializing, message.Loaded:
		return used(p.loaded(p.now))
	case message.Loading:
		return p.loadingID(m.Text)
	case message.LoadFailed:
		return used(p.loaded(p.now))
	}
	return p.task(m, l)
}

// ready reads the line that says that a model is.
func (p *Parser) ready(line []byte) requestlog.Verdict {
	s := linescan.Scanner{Rest: line}
	s.Text("srv ")
	s.Spaces()
	s.Text("load_model: initializing, n_slots = ")
	return used(!s.Bad && p.loaded(p.now))
}

// heading is the slot and task that timing lines without them are about.
type heading struct {
	Slot  int64 `cbor:"1,keyasint"`
	Task  int64 `cbor:"2,keyasint"`
	Known bool  `cbor:"3,keyasint"`
}

// timing reads a timing line that stands under a heading.
func (p *Parser) timing(s linescan.Scanner, k message.Kind) requestlog.Verdict {
	if !p.s.Heading.Known {
		return requestlog.Ignored
	}
	m := message.Message{Kind: k, Slot: p.s.Heading.Slot, Task: p.s.Heading.Task}
	s.Spaces()
	m.Took = message.Millis(&s)
	s.Text(" ms / ")
	s.Spaces()
	m.N = s.Number()
	s.Text(" tokens")
	if s.Bad {
		return requestlog.Malformed
	}
	_, verdict := p.s.Slots.table().Apply(m, slotMark(p.now), p.offset)
	p.s.Slots.keep()
	return verdict
}

// task acts on a message about the tasks of llama-server.
func (p *Parser) task(m message.Message, l requestlog.Line) requestlog.Verdict {
	t := p.s.Slots.table()
	defer p.s.Slots.keep()
	if i := t.Find(m.Task); m.Kind == message.Launch && i >= 0 {
		if !p.outlived(m.Task) { // two servers number alike: neither's lines can be told
			t.Tasks[i].Disputed = true
			return requestlog.Malformed
		}
		p.taskEnded(t.Drop(i, slotMark(p.now), l.Offset))
	}
	over, verdict := t.Apply(m, slotMark(p.now), l.Offset)
	if over != nil {
		p.taskEnded(*over)
	}
	if m.Kind == message.Launch && verdict == requestlog.Used {
		p.birth(work{Kind: kindSlot, Task: m.Task, Era: p.s.Era})
	}
	return verdict
}

// outlived is true when a model was loaded since the task began: its server may
// have died with it, and another begun to count anew.
func (p *Parser) outlived(task int64) bool {
	for i := range p.s.Works {
		if w := &p.s.Works[i]; w.Kind == kindSlot && w.Task == task && !w.Ended {
			return w.Era < p.s.Era
		}
	}
	return true
}

// taskEnded deals with a task that was released, or whose slot went on without.
func (p *Parser) taskEnded(e slots.Ended) {
	for i := range p.s.Works {
		w := &p.s.Works[i]
		if w.Kind != kindSlot || w.Ended || w.Task != e.Task.ID {
			continue
		}
		q := e.Request(still{})
		w.result(q, &e.Task)
		if e.Outcome == attribution.OutcomeError && !e.Tokens.Known {
			w.Mixed = w.Orphan // it may run on in another server
		}
		p.ended(w)
		return
	}
}

// table is a slots.Table in the parser's state.
type table struct {
	Tasks []slots.Task `cbor:"1,keyasint"`
	Next  slots.Choice `cbor:"2,keyasint"`

	live slots.Table
}

func (t *table) table() *slots.Table {
	t.live = slots.Table{Tasks: t.Tasks, Next: t.Next}
	return &t.live
}

func (t *table) keep() { t.Tasks, t.Next = t.live.Tasks, t.live.Next }

func used(yes bool) requestlog.Verdict {
	if yes {
		return requestlog.Used
	}
	return requestlog.Ignored
}
