package llamacpp

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// stampReset is by how much a stamp must be smaller than one before to show
// that the process began anew; threads may swap neighbouring lines.
const stampReset = time.Second

// process is one llama-server as the log tells of it: the one that writes the
// log, or one that a router runs.
type process struct {
	opt requestlog.Options
	out *found
	state
}

// found is what became complete since the last Take.
type found struct {
	requests []attribution.Request
	loads    []attribution.ModelLoad
}

// state is what a checkpoint keeps of a process.
type state struct {
	Run   run          `cbor:"1,keyasint"`
	Runs  int64        `cbor:"2,keyasint"` // begun
	Model string       `cbor:"3,keyasint"` // of the run, from the log
	Load  *load        `cbor:"4,keyasint"`
	Tasks slots.Table  `cbor:"5,keyasint"`
	Block block        `cbor:"6,keyasint"`
	Held  *held        `cbor:"7,keyasint"`
	Loose []slots.Task `cbor:"8,keyasint"` // timings that name no slot, in order
	// Embeds is true when the run answered a request for embeddings.
	Embeds bool `cbor:"9,keyasint"`
	// Waiting are ended tasks of this run, to be handed over once it has a wall time.
	Waiting []slots.Ended `cbor:"10,keyasint"`
	// Router is true for the process that runs others.
	Router bool   `cbor:"11,keyasint"`
	Child  *child `cbor:"12,keyasint"` // what its router knows of it; nil: no child
	// Placed is true once the other processes were told of this one's clock.
	Placed bool   `cbor:"13,keyasint"`
	Hint   sample `cbor:"14,keyasint"` // what they told of this one's
}

type load struct {
	Model string     `cbor:"1,keyasint"`
	Begin slots.Mark `cbor:"2,keyasint"`
}

// block is a block of timings that is being printed.
type block struct {
	Open bool       `cbor:"1,keyasint"`
	Slot int64      `cbor:"2,keyasint"`
	Task int64      `cbor:"3,keyasint"`
	At   slots.Mark `cbor:"4,keyasint"`
}

// parse takes the next line of the process. What it returns beside the verdict
// is the line's message, of kind None for a line that is not the process's.
func (p *process) parse(data []byte, l requestlog.Line) (reading, requestlog.Verdict) {
	if p.Block.Open {
		if m := message.Continue(data); m.Kind != message.None {
			return reading{}, p.proceed(m, l)
		}
		p.Block.Open = false
	}
	r, ok := read(data)
	if !ok {
		p.date(l)
		return reading{}, requestlog.Ignored
	}
	if r.msg.Kind == message.Opened && r.shape == shapePlain && p.Run.Shape.dated() {
		return reading{}, p.applyLoad(r.msg, r.mark(l)) // the loader has a log of its own
	}
	if !p.enter(r, l) {
		return reading{}, requestlog.Ignored
	}
	at := r.mark(l)
	p.Run.Last, p.Run.LastLine = at, l.Offset
	if r.shape.stamped() {
		p.Run.Clock.observe(r.stamp, l)
	}
	if len(p.Waiting) > 0 {
		p.settle()
	}
	return r, p.apply(r, at, l)
}

// date lets a line without a stamp place a run that nothing else has placed:
// the last line of a file is the only one whose time its modification tells,
// and it may be the rest of a message of several lines.
func (p *process) date(l requestlog.Line) {
	if !p.Run.Begun || !p.Run.Shape.stamped() || l.Spread != 0 || p.Run.Clock.best().Known {
		return
	}
	p.Run.Clock.observe(p.Run.Last.Stamp, l)
	p.settle()
}

// proceed takes a line of the block of timings that is being printed.
func (p *process) proceed(m message.Message, l requestlog.Line) requestlog.Verdict {
	p.date(l)
	if m.Kind == message.Broken {
		return requestlog.Malformed
	}
	m.Slot, m.Task = p.Block.Slot, p.Block.Task
	at := p.Block.At
	if !p.Run.Shape.stamped() {
		at = reading{shape: shapePlain}.mark(l)
	}
	return p.slot(m, at, 0, l)
}

// enter finds the run that the line belongs to, beginning a new one when the
// line shows that. It is false for lines of no run.
func (p *process) enter(r reading, l requestlog.Line) bool {
	sh, m := r.shape, r.msg
	switch {
	case !p.Run.Begun:
		if !sh.stamped() && m.Kind <= message.Broken {
			return false
		}
		p.begin(r, l)
		if !p.opt.ProcessStart.IsZero() {
			p.Run.Clock.Fixed = p.opt.ProcessStart.UnixNano()
		}
	case sh != p.Run.Shape:
		// Plain lines in a stamped run are text, and text may say anything.
		if m.Kind != message.Initializing || !sh.stamped() && len(p.Tasks.Tasks) > 0 {
			return false
		}
		p.begin(r, l)
	case p.foreign(r, l):
		return false
	case sh.stamped() && r.stamp+stampReset < p.Run.Last.Stamp:
		p.begin(r, l)
	case m.Kind == message.Initializing && (p.Run.Greeted || p.Run.Key != ""):
		p.begin(r, l)
	}
	return true
}

// foreign is true for a line that is not on the list and whose stamp cannot be
// while requests are in flight: it stands in somebody's text.
func (p *process) foreign(r reading, l requestlog.Line) bool {
	if !r.shape.stamped() || len(p.Tasks.Tasks) == 0 || r.msg.Kind > message.Broken {
		return false
	}
	best := p.Run.Clock.best()
	return r.stamp+stampReset < p.Run.Last.Stamp ||
		best.Known && !l.Arrival.IsZero() && unix(best.Start+int64(r.stamp)).After(l.Arrival.Add(clockStep))
}

// begin ends the present run and begins another.
func (p *process) begin(r reading, l requestlog.Line) {
	p.close()
	p.flush()
	p.state = state{
		Runs: p.Runs + 1, Child: p.Child, Hint: p.Hint,
		Run: run{Begun: true, Shape: r.shape, Offset: l.Offset, First: r.stamp},
	}
	p.Run.Clock.Hint = p.Hint
}

// close ends all that the process had under way: it is gone.
func (p *process) close() {
	p.release()
	for len(p.Tasks.Tasks) > 0 {
		p.end(p.Tasks.Drop(0, p.Run.Last, p.Run.LastLine))
	}
	p.endLoad(p.Run.Last)
}
