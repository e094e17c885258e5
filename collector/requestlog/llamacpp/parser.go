package llamacpp

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

const (
	// maxWaiting bounds how many completed requests wait for a wall time. Those
	// beyond it are handed over without.
	maxWaiting = 8192
	// stampReset is by how much a stamp must be smaller than one before to show
	// that the process began anew; threads may swap neighbouring lines.
	stampReset = time.Second
)

// Parser reads the log of one llama-server. It implements requestlog.Parser.
type Parser struct {
	opt   requestlog.Options
	run   run
	model string
	load  *load
	tasks slots.Table

	waiting  []slots.Ended // of this run, to be handed over once it has a wall time
	requests []attribution.Request
	loads    []attribution.ModelLoad
}

type load struct {
	Model string     `cbor:"1,keyasint"`
	Begin slots.Mark `cbor:"2,keyasint"`
}

// New returns a parser that expects the beginning of a log.
func New(opt requestlog.Options) *Parser { return &Parser{opt: opt} }

// SpeaksAtEnd is false: the log tells launches.
func (p *Parser) SpeaksAtEnd() bool { return false }

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	sh, stamp, msg, ok := undress(l.Data)
	if !ok {
		p.date(l)
		return requestlog.Ignored
	}
	m := message.Read(msg, sh == shapeJSON)
	if !p.enter(sh, stamp, m, l) {
		return requestlog.Ignored
	}
	at := markOf(sh, stamp, l)
	p.run.Last, p.run.LastLine = at, l.Offset
	if sh != shapePlain {
		p.run.Clock.observe(stamp, l)
	}
	if len(p.waiting) > 0 {
		p.settle()
	}
	return p.apply(m, at, stamp, l)
}

// date lets a line without a stamp place a run that nothing else has placed:
// the last line of a file is the only one whose time its modification tells,
// and it may be the rest of a message of several lines.
func (p *Parser) date(l requestlog.Line) {
	if !p.run.Begun || p.run.Shape == shapePlain || l.Spread != 0 || p.run.Clock.best().Known {
		return
	}
	p.run.Clock.observe(p.run.Last.Stamp, l)
	p.settle()
}

// enter finds the run that the line belongs to, beginning a new one when the
// line shows that. It is false for lines of no run.
func (p *Parser) enter(sh shape, stamp time.Duration, m message.Message, l requestlog.Line) bool {
	switch {
	case !p.run.Begun:
		if sh == shapePlain && (m.Kind == message.None || m.Kind == message.Broken) {
			return false
		}
		p.begin(sh, stamp, l)
		if !p.opt.ProcessStart.IsZero() {
			p.run.Clock.Fixed = p.opt.ProcessStart.UnixNano()
		}
	case sh != p.run.Shape:
		// Plain lines in a stamped run are text, and text may say anything.
		if m.Kind != message.Initializing || sh == shapePlain && len(p.tasks.Tasks) > 0 {
			return false
		}
		p.begin(sh, stamp, l)
	case p.foreign(sh, stamp, m, l):
		return false
	case sh != shapePlain && stamp+stampReset < p.run.Last.Stamp:
		p.begin(sh, stamp, l)
	case m.Kind == message.Initializing && (p.run.Greeted || p.run.Key != ""):
		p.begin(sh, stamp, l)
	}
	return true
}

// foreign is true for a line that is not on the list and whose stamp cannot be
// while requests are in flight: it stands in somebody's text.
func (p *Parser) foreign(sh shape, stamp time.Duration, m message.Message, l requestlog.Line) bool {
	if sh == shapePlain || len(p.tasks.Tasks) == 0 || m.Kind > message.Broken {
		return false
	}
	best := p.run.Clock.best()
	return stamp+stampReset < p.run.Last.Stamp ||
		best.Known && !l.Arrival.IsZero() && unix(best.Start+int64(stamp)).After(l.Arrival.Add(clockStep))
}

// begin ends the present run and begins another.
func (p *Parser) begin(sh shape, stamp time.Duration, l requestlog.Line) {
	for len(p.tasks.Tasks) > 0 {
		p.end(p.tasks.Drop(0, p.run.Last, p.run.LastLine))
	}
	p.endLoad(p.run.Last)
	p.flush()
	p.model = ""
	p.run = run{Begun: true, Shape: sh, Offset: l.Offset, First: stamp}
}

// apply acts on a message.
func (p *Parser) apply(m message.Message, at slots.Mark, stamp time.Duration, l requestlog.Line) requestlog.Verdict {
	switch m.Kind {
	case message.None:
		return requestlog.Ignored
	case message.Broken:
		return requestlog.Malformed
	case message.Initializing:
		p.run.Greeted = true
		return requestlog.Used
	case message.Loading, message.Loaded, message.LoadFailed:
		return p.applyLoad(m, at)
	}
	ended, verdict := p.tasks.Apply(m, at, l.Offset)
	if m.Kind == message.Launch && verdict == requestlog.Used && p.run.Key == "" {
		p.run.setKey(l, stamp)
	}
	if ended != nil {
		p.end(*ended)
	}
	return verdict
}

func (p *Parser) applyLoad(m message.Message, at slots.Mark) requestlog.Verdict {
	switch {
	case m.Kind == message.Loading && len(p.tasks.Tasks) > 0: // no server loads while it serves
		return requestlog.Malformed
	case m.Kind == message.Loading:
		p.model = m.Text
		p.load = &load{Model: p.modelName(), Begin: at}
	case p.load == nil:
		return requestlog.Ignored
	default:
		p.endLoad(at)
	}
	return requestlog.Used
}
