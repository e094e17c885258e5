package lmstudio

import (
	"bytes"
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Parser reads the server log of LM Studio. It implements requestlog.Parser.
type Parser struct {
	opt    requestlog.Options
	s      state
	starts [][]byte

	// Of the line that is being parsed.
	now    mark
	offset int64

	requests []attribution.Request
	loads    []attribution.ModelLoad
}

// New returns a parser that expects the beginning of a log.
func New(opt requestlog.Options) *Parser {
	p := &Parser{opt: opt}
	p.s.Clock.zone = opt.Zone
	for _, s := range engineStarts() {
		p.starts = append(p.starts, []byte(s))
	}
	return p
}

// SpeaksAtEnd is false: the log tells when a request begins.
func (p *Parser) SpeaksAtEnd() bool { return false }

// section is what the lines of the present entry are.
type section uint8

const (
	sectionText   section = iota // not read
	sectionEngine                // an engine's lines
	sectionBody                  // a response
)

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	data := bytes.TrimSuffix(l.Data, []byte{'\r'})
	p.offset = l.Offset
	if h, ok := readHead(data); ok {
		sec, ok := p.s.Clock.believe(h.stamp, l)
		if !ok {
			return requestlog.Malformed
		}
		p.now = at(sec, l)
		p.s.Now = p.now
		return p.entry(h, l)
	}
	if p.now.At == 0 {
		p.now = p.s.Now
	}
	switch p.s.Section {
	case sectionEngine:
		return p.engine(undress(data), l)
	case sectionBody:
		done, used := p.s.Body.Body.take(data)
		if done {
			p.s.Section = sectionText
			p.respond()
			return requestlog.Used
		}
		if used {
			return requestlog.Used
		}
	}
	return requestlog.Ignored
}

// entry acts on the first line of an entry.
func (p *Parser) entry(h head, l requestlog.Line) requestlog.Verdict {
	if p.s.Body != nil {
		p.respond() // its end was cut off, or was too long to be read
	}
	p.s.Section = sectionText
	p.expire()
	p.forgetLoad()
	justEnded := p.s.JustEnded
	p.s.JustEnded = false
	switch h.level {
	case levelDebug:
		return p.debug(h.rest, l)
	case levelInfo:
		return p.info(h.rest, justEnded)
	case levelError:
		return p.trouble(h.rest)
	}
	return requestlog.Ignored
}

// debug acts on what the engines say.
func (p *Parser) debug(rest []byte, l requestlog.Line) requestlog.Verdict {
	if bytes.HasPrefix(rest, []byte("Received request: POST to /v1/embeddings ")) ||
		bytes.HasPrefix(rest, []byte("Received request: POST to /api/v0/embeddings ")) {
		return p.embed()
	}
	if v, ok := p.summary(rest); ok {
		return v
	}
	line := undress(rest)
	if !p.isEngine(line) {
		return requestlog.Ignored
	}
	p.s.Section = sectionEngine
	return p.engine(line, l)
}

// maxEmbeds bounds how many requests for embeddings are remembered.
const maxEmbeds = 32

// embed notes the arrival of a request for embeddings. That may be told twice.
func (p *Parser) embed() requestlog.Verdict {
	if n := len(p.s.Embeds); n > 0 && p.s.Embeds[n-1].Sec == p.s.Clock.Last && !p.s.Embeds[n-1].Twice {
		p.s.Embeds[n-1].Twice = true
		return requestlog.Used
	}
	if len(p.s.Embeds) >= maxEmbeds {
		p.s.Embeds = slices.Delete(p.s.Embeds, 0, 1)
	}
	p.s.Embeds = append(p.s.Embeds, embed{Sec: p.s.Clock.Last, Offset: p.offset, Begin: p.now})
	return requestlog.Used
}

// embedded hands over a request for embeddings that was answered.
func (p *Parser) embedded() requestlog.Verdict {
	for len(p.s.Embeds) > 0 {
		e := p.s.Embeds[0]
		p.s.Embeds = slices.Delete(p.s.Embeds, 0, 1)
		if p.now.At-e.Begin.At > loadMax {
			continue
		}
		q := attribution.Request{
			ID: p.id(e.Sec, e.Offset), Server: p.opt.Server, Model: p.model(""), Outcome: attribution.OutcomeOK, Position: p.offset,
			Start: e.Begin.time(), End: p.now.time(), Uncertainty: max(e.Begin.Half, p.now.Half),
		}
		order(&q, e.Begin)
		p.requests = append(p.requests, q)
		return requestlog.Used
	}
	return requestlog.Ignored
}

// Take hands over what became complete, and what is under way.
func (p *Parser) Take() requestlog.Facts {
	f := requestlog.Facts{Requests: p.requests, Loads: p.loads, Latest: p.s.Now.time()}
	p.requests, p.loads = nil, nil
	for i := range p.s.Open {
		r := &p.s.Open[i]
		f.InFlight = append(f.InFlight, attribution.Request{
			ID: p.id(r.Sec, r.Offset), Server: p.opt.Server, Model: p.model(r.Model),
			Start: r.Begin.time(), FirstToken: r.First.time(), Uncertainty: r.Begin.Half,
		})
	}
	for i := range p.s.Works {
		if w := &p.s.Works[i]; w.Orphan && !w.Mixed {
			f.InFlight = append(f.InFlight, attribution.Request{
				ID: p.id(w.Sec, w.Offset), Server: p.opt.Server, Model: p.model(""), Start: w.Begin.time(), Uncertainty: w.Begin.Half,
			})
		}
	}
	if p.s.Load != nil {
		f.Loading = append(f.Loading, attribution.ModelLoad{
			Server: p.opt.Server, Model: p.model(p.s.Load.Model), Start: p.s.Load.Begin.time(),
		})
	}
	return f
}
