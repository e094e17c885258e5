package litellm

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Parser reads the calls of one LiteLLM proxy. It implements requestlog.Parser.
type Parser struct {
	opt      requestlog.Options
	hosts    []string // further names and addresses of this machine
	block    block    // a payload printed over many lines, as far as it was read
	taken    ring     // calls that were handed over
	latest   time.Time
	requests []attribution.Request
	remote   []attribution.RemoteCall
}

// New returns a parser.
func New(opt requestlog.Options) *Parser {
	p := &Parser{opt: opt}
	for _, h := range opt.Hosts {
		p.hosts = append(p.hosts, strings.ToLower(strings.TrimSuffix(h, ".")))
	}
	return p
}

// SpeaksAtEnd is true: a payload is written when its call has ended.
func (p *Parser) SpeaksAtEnd() bool { return true }

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	line := bytes.TrimRight(l.Data, " \t\r")
	if len(line) > 1 && line[0] == '{' {
		var pl payload
		if !p.readLine(line, &pl) {
			return requestlog.Ignored
		}
		return p.finish(&pl, l.Offset)
	}
	return p.readBlock(line, l.Offset)
}

// readLine reads a payload on one line. It is false when the line is not one
// object.
func (p *Parser) readLine(line []byte, pl *payload) bool {
	var message []byte
	w := walker{data: line, set: func(f field, raw []byte) {
		switch f {
		case fieldMessage:
			message = raw
		case fieldMetadata:
			p.readMetadata(raw, pl)
		default:
			p.set(pl, f, raw)
		}
	}}
	if !w.whole() {
		return false
	}
	if message == nil {
		return true
	}
	inner, ok := unquote(message)
	pl.Sentence = !ok
	if ok && pl.Seen == 0 { // not lifted into the line: older versions do not
		w.data, w.at = inner, 0
		return w.whole()
	}
	return true
}

// readMetadata reads metadata that are the text of an object.
func (p *Parser) readMetadata(raw []byte, pl *payload) {
	inner, ok := unquote(raw)
	if !ok {
		return
	}
	w := walker{data: inner, set: func(f field, raw []byte) { p.set(pl, f, raw) }}
	w.object(scopeMetadata, 0)
}

// unquote returns the object that a string is the text of.
func unquote(raw []byte) ([]byte, bool) {
	if !bytes.HasPrefix(raw, []byte(`"{`)) {
		return nil, false
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, false
	}
	return []byte(s), true
}

// finish acts on a payload that was read to its end.
func (p *Parser) finish(pl *payload, offset int64) requestlog.Verdict {
	if !pl.complete() {
		return requestlog.Ignored
	}
	if pl.Bad || pl.Start == 0 || pl.End < pl.Start {
		return requestlog.Malformed
	}
	if !pl.Inference || pl.Hit {
		return requestlog.Ignored
	}
	if pl.Target.Place == placeUnknown {
		pl.Target = usual(pl.Provider)
	}
	if pl.Target.Place == placeUnknown || pl.Target.Place == placeHere && p.elsewhere(pl.Target.Port) {
		return requestlog.Ignored
	}
	if !p.taken.add(pl) {
		return requestlog.Ignored
	}
	if pl.Target.Place == placeHere {
		p.requests = append(p.requests, p.request(pl, offset))
	} else {
		p.remote = append(p.remote, p.call(pl, offset))
	}
	if end := unix(pl.End); end.After(p.latest) {
		p.latest = end
	}
	return requestlog.Used
}

func (p *Parser) elsewhere(port int) bool {
	for _, e := range p.opt.Elsewhere {
		if e == port && port != 0 {
			return true
		}
	}
	return false
}

// Take hands over the calls that were read since the last Take.
func (p *Parser) Take() requestlog.Facts {
	f := requestlog.Facts{Requests: p.requests, Remote: p.remote, Latest: p.latest}
	p.requests, p.remote = nil, nil
	return f
}
