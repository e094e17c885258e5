package llamacpp

import (
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
)

// Parser reads the log of one llama-server, or of a router and its servers. It
// implements requestlog.Parser.
type Parser struct {
	opt      requestlog.Options
	main     process    // the one that writes the log
	children []*process // those that it runs, in the order in which they were started
	out      found
	buf      []byte
}

// New returns a parser that expects the beginning of a log.
func New(opt requestlog.Options) *Parser {
	p := &Parser{opt: opt}
	p.main = process{opt: opt, out: &p.out}
	return p
}

// SpeaksAtEnd is false: the log tells launches.
func (p *Parser) SpeaksAtEnd() bool { return false }

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	if port, rest, ok := cutPort(l.Data); ok {
		return p.parseChild(port, rest, l)
	}
	runs := p.main.Runs
	r, verdict := p.main.parse(l.Data, l)
	if p.main.Runs != runs {
		p.restarted()
	}
	p.relate(&p.main)
	switch r.msg.Kind {
	case message.Spawned:
		return p.spawned(r, r.mark(l))
	case message.Exited:
		return p.exited(r.msg.Text, r.mark(l))
	case message.None:
		if r.shape == shapeJSON && len(r.text) > 0 && r.text[0] == '[' {
			return p.parseWrapped(r.text, l)
		}
	}
	return verdict
}

// parseWrapped takes a line of a server that its router's JSON line holds.
func (p *Parser) parseWrapped(text []byte, l requestlog.Line) requestlog.Verdict {
	port, rest, ok := cutPort(text)
	if !ok {
		return requestlog.Ignored
	}
	p.buf = unescape(p.buf, rest)
	return p.parseChild(port, p.buf, l)
}
