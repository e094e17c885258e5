package llamacpp

import (
	"bytes"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

const (
	// maxChildren bounds how many servers of a router are told apart.
	maxChildren = 32
	// spawnSlack is how well the router's line tells when a server's stamps begin.
	// On the recorded runs they begin 8 to 15 ms after it.
	spawnSlack = 100 * time.Millisecond
)

// child is what a router knows of a server that it runs.
type child struct {
	Port  int64  `cbor:"1,keyasint"` // its lines begin with it
	Model string `cbor:"2,keyasint"` // the name that clients use; empty when unknown
	// Base is the router's stamp when it started the server.
	Base      time.Duration `cbor:"3,keyasint"`
	BaseKnown bool          `cbor:"4,keyasint"`
	Gone      bool          `cbor:"5,keyasint"`
}

// cutPort takes the port that a router puts before each line of a server: "[ 8080] ".
func cutPort(line []byte) (port int64, rest []byte, ok bool) {
	if len(line) < 8 || line[0] != '[' {
		return 0, nil, false
	}
	s := linescan.Scanner{Rest: line[1:]}
	s.Spaces()
	port = s.NumberTo(']')
	s.Byte(' ')
	return port, s.Rest, !s.Bad && port > 0 && port <= 65535
}

// unescape undoes the escapes of a JSON string that stand in lines of the list.
// The result is in buf, as far as that holds it.
func unescape(buf, s []byte) []byte {
	buf = buf[:0]
	for len(s) > 0 {
		i := bytes.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return append(buf, s...)
		}
		buf = append(buf, s[:i]...)
		switch s[i+1] {
		case '"', '\\', '/':
			buf = append(buf, s[i+1])
		default: // kept as it is: it is in no line of the list
			buf = append(buf, s[i:i+2]...)
		}
		s = s[i+2:]
	}
	return buf
}

// parseChild takes a line of one of the router's servers. A server that serves
// itself is no router: what looks like such a line there is somebody's text.
func (p *Parser) parseChild(port int64, data []byte, l requestlog.Line) requestlog.Verdict {
	if p.main.Run.Key != "" {
		return requestlog.Ignored
	}
	c := p.onPort(port)
	if c == nil {
		r, ok := read(data)
		if !ok || r.msg.Kind <= message.Broken {
			return requestlog.Ignored
		}
		if c = p.adopt(child{Port: port}); c == nil {
			return requestlog.Ignored
		}
	}
	_, verdict := c.parse(data, l)
	p.relate(c)
	return verdict
}

// onPort returns the server with a port, or nil.
func (p *Parser) onPort(port int64) *process {
	i := slices.IndexFunc(p.children, func(c *process) bool { return c.Child.Port == port && !c.Child.Gone })
	if i < 0 {
		return nil
	}
	return p.children[i]
}

// adopt begins to follow a server; it returns nil when too many have requests in
// flight.
func (p *Parser) adopt(c child) *process {
	p.main.Router = true
	if len(p.children) >= maxChildren && !p.forget() {
		return nil
	}
	opt := p.opt
	opt.ProcessStart = time.Time{} // the router's
	x := &process{opt: opt, out: &p.out, state: state{Child: &c}}
	p.children = append(p.children, x)
	return x
}

// forget gives up a server to make room: one that is gone, or the first one that
// has nothing in flight. It is false when there is none.
func (p *Parser) forget() bool {
	i := slices.IndexFunc(p.children, func(x *process) bool { return x.Child.Gone })
	if i < 0 {
		i = slices.IndexFunc(p.children, func(x *process) bool { return len(x.Tasks.Tasks) == 0 })
	}
	if i < 0 {
		return false
	}
	p.children[i].close()
	p.children[i].flush()
	p.children = slices.Delete(p.children, i, i+1)
	return true
}

// spawned acts on the router's word that it starts a server.
func (p *Parser) spawned(r reading, at slots.Mark) requestlog.Verdict {
	if p.main.Run.Key != "" {
		return requestlog.Malformed
	}
	for _, c := range slices.Clone(p.children) {
		if c.Child.Port == r.msg.N || c.Child.Model != "" && c.Child.Model == r.msg.Text {
			p.gone(c)
		}
	}
	c := p.adopt(child{Port: r.msg.N, Model: r.msg.Text, Base: at.Stamp, BaseKnown: r.shape.stamped()})
	if c == nil {
		return requestlog.Ignored
	}
	if start := p.main.Run.Clock.best(); start.Known && r.shape.stamped() {
		c.hint(sample{Start: start.Start + int64(at.Stamp), Spread: start.Spread + spawnSlack, Known: true})
	}
	return requestlog.Used
}

// exited acts on the router's word that a server has ended. Servers whose names
// cannot be kept are told apart no further: one of them ends if it is the only one.
func (p *Parser) exited(model string, at slots.Mark) requestlog.Verdict {
	var named []*process
	for _, c := range p.children {
		if c.Child.Model == model && !c.Child.Gone {
			named = append(named, c)
		}
	}
	if len(named) != 1 {
		return requestlog.Ignored
	}
	named[0].lived(at, p.main.Run.Clock.best())
	p.gone(named[0])
	return requestlog.Used
}

// lived notes that the process of a server ended at a moment of its router, which
// began as told: it may have worked until then without a word.
func (p *process) lived(at slots.Mark, router sample) {
	if !p.Run.Begun || p.Run.Shape.stamped() != (at.Stamp >= 0) {
		return
	}
	if at.Stamp < 0 {
		p.Run.Last = at
		return
	}
	since, known := p.Child.Base, p.Child.BaseKnown
	if own := p.Run.Clock.best(); own.Known && router.Known {
		since, known = time.Duration(own.Start-router.Start), true
	}
	if known {
		p.Run.Last.Stamp = max(p.Run.Last.Stamp, at.Stamp-since)
	}
}

// gone ends a server. What waits for a wall time is kept until it has one.
func (p *Parser) gone(c *process) {
	c.close()
	c.Child.Gone = true
	if len(c.Waiting) == 0 {
		p.children = slices.DeleteFunc(p.children, func(x *process) bool { return x == c })
	}
}

// restarted ends all servers: their router has.
func (p *Parser) restarted() {
	for _, c := range p.children {
		c.close()
		c.flush()
	}
	p.children = nil
}
