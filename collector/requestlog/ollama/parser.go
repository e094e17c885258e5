package ollama

import (
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// maxWaiting bounds how many completed requests wait for a wall time. Those
// beyond it are handed over without.
const maxWaiting = 8192

// Parser reads the log of one Ollama server. It implements requestlog.Parser.
type Parser struct {
	opt     requestlog.Options
	run     run
	runners []runner // started and not known to have ended, oldest first
	strays  []stray  // tasks in flight of which it is not known whose they are
	choices []choice // of slots not launched yet, oldest first
	// blurred are the tasks in flight that another could have been, by position.
	blurred map[int64]bool
	access  access
	cut     cut
	spoke   bool  // the run's log has shown the launch of a task
	newest  int64 // port of the runner loaded last

	told     span       // when the last line was written that told its time
	latest   int64      // the same, whatever told it, Unix ns
	open     bool       // a moment waits for the next line that tells a time
	last     slots.Mark // of the latest line of a runner
	lastLine int64      // where that line began

	waiting  []slots.Ended // to be handed over once a line tells a time
	requests []attribution.Request
	loads    []attribution.ModelLoad
	remote   []attribution.RemoteCall
	scratch  []*slots.Table
}

// New returns a parser that expects the beginning of a log.
func New(opt requestlog.Options) *Parser {
	return &Parser{opt: opt, blurred: map[int64]bool{}}
}

// SpeaksAtEnd is false once the log has shown a launch, while no runner is up
// that tells none.
func (p *Parser) SpeaksAtEnd() bool { return !p.spoke || p.mute() }

// mute is true when a runner may be up that tells nothing of its requests.
func (p *Parser) mute() bool {
	for i := range p.runners {
		if p.runners[i].Mute {
			return true
		}
	}
	return false
}

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	if len(l.Data) == 0 {
		return p.rest(l.Data, l)
	}
	verdict := requestlog.Ignored
	for rest := l.Data; len(rest) > 0; {
		var piece []byte
		piece, rest = split(rest)
		if v := p.parse(piece, len(rest) > 0, l); v != requestlog.Ignored && verdict != requestlog.Used {
			verdict = v
		}
	}
	return verdict
}

// parse takes a line, or the piece of one that another process's line cut short.
func (p *Parser) parse(b []byte, short bool, l requestlog.Line) requestlog.Verdict {
	switch b[0] {
	case 's':
		return p.child(b, short, l)
	case '[':
		if g, ok := readGin(b); ok {
			return p.call(g, l)
		}
	case 't':
		if s, ok := readSlog(b); ok {
			return p.event(s, l)
		}
	case '2':
		if at, ok := readOldBegin(b); ok {
			p.run.Stamp = at.UnixNano()
			p.begin(l)
			return requestlog.Used
		}
	}
	p.tell(arrived(l))
	return p.rest(b, l)
}

// child takes a line of a runner.
func (p *Parser) child(b []byte, short bool, l requestlog.Line) requestlog.Verdict {
	p.tell(arrived(l))
	m := message.Read(b, false)
	if short && !whole(m) {
		p.cut.keep(b)
		return requestlog.Ignored
	}
	if m.Kind == message.None {
		return p.rest(b, l)
	}
	return p.slot(m, l)
}

// rest takes a line of no shape: what another process's line had cut off, it may be.
func (p *Parser) rest(b []byte, l requestlog.Line) requestlog.Verdict {
	joined, ok := p.cut.join(b)
	if !ok {
		return requestlog.Ignored
	}
	return p.slot(message.Read(joined, false), l)
}
