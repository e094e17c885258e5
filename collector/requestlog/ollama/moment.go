package ollama

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// liveSpread is how well an arrival must be known to say what time it is.
const liveSpread = 10 * time.Second

// openStamp as a mark's stamp says that its time is still to be bounded by the
// next line that tells one.
const openStamp time.Duration = -2

// span is the time in which a line was written, Unix ns, both ends included. The
// zero span says nothing.
type span struct {
	From  int64 `cbor:"1,keyasint"`
	Until int64 `cbor:"2,keyasint"`
}

func (s span) known() bool { return s.Until != 0 }

func (s span) mark() slots.Mark {
	return slots.Mark{Stamp: slots.NoStamp, Wall: s.Until, Spread: time.Duration(s.Until - s.From)}
}

// spanOf is the span of a mark; the zero span when its time is not known.
func spanOf(m slots.Mark) span {
	if m.Wall == 0 || m.Spread < 0 {
		return span{}
	}
	return span{m.Wall - int64(m.Spread), m.Wall}
}

// within narrows s to what o allows; s stays when the two contradict each other.
func (s span) within(o span) span {
	switch {
	case !o.known():
		return s
	case !s.known():
		return o
	case o.Until < s.From || o.From > s.Until:
		return s
	}
	return span{max(s.From, o.From), min(s.Until, o.Until)}
}

// arrived returns when a line was written as its arrival tells.
func arrived(l requestlog.Line) span {
	if l.Arrival.IsZero() || l.Spread < 0 || l.Spread > liveSpread {
		return span{}
	}
	return span{l.Arrival.UnixNano() - int64(l.Spread), l.Arrival.UnixNano()}
}

// mark returns the moment of a line that tells no time itself: that of its
// arrival, narrowed by the last line that told one, or one between that line
// and the next.
func (p *Parser) mark(l requestlog.Line) slots.Mark {
	at := arrived(l)
	if !at.known() {
		p.open = true
		return slots.Mark{Stamp: openStamp, Spread: requestlog.SpreadUnknown}
	}
	if p.told.From > at.From && p.told.From <= at.Until {
		at.From = p.told.From
	}
	return at.mark()
}

// tell takes in what time a line was written. It bounds every moment since the
// line before that did, and hands over what waited for that.
func (p *Parser) tell(at span) {
	if !at.known() {
		return
	}
	if p.open {
		p.bound(at)
		p.open = false
		p.flush()
	}
	if p.told.From-at.Until > int64(backwards) || at.From > p.told.From {
		p.told = at
	}
	p.latest = at.Until
}

// backwards is by how much the log's time must go back to show that the clock was
// set: lines of several processes may swap by some milliseconds.
const backwards = 2 * time.Second

// bound gives the open marks their time: from the last line that told one to at.
func (p *Parser) bound(at span) {
	m := slots.Mark{Stamp: slots.NoStamp, Wall: at.Until, Spread: requestlog.SpreadUnknown}
	if p.told.known() && p.told.From-at.Until <= int64(backwards) {
		m.Spread = time.Duration(max(0, at.Until-p.told.From))
	}
	set := func(to *slots.Mark) {
		if to.Stamp == openStamp {
			*to = m
		}
	}
	set(&p.last)
	for _, t := range p.tables() {
		for i := range t.Tasks {
			set(&t.Tasks[i].Launch)
			set(&t.Tasks[i].Printed)
		}
	}
	for i := range p.waiting {
		e := &p.waiting[i]
		set(&e.Task.Launch)
		set(&e.Task.Printed)
		set(&e.End)
	}
}

// clock tells the wall time of moments; see slots.Clock.
type clock struct{}

// Wall is as slots.Clock says.
func (clock) Wall(m slots.Mark) (int64, time.Duration, bool) {
	return m.Wall, m.Spread, m.Wall != 0 && m.Spread >= 0
}

// Latest is as slots.Clock says.
func (clock) Latest(m slots.Mark) time.Time {
	if m.Wall == 0 {
		return time.Time{}
	}
	return unix(m.Wall)
}

func unix(ns int64) time.Time { return time.Unix(0, ns).UTC() }
