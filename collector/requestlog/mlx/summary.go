package mlx

import (
	"slices"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// maxHits bounds what is kept of the cache's lines.
const maxHits = 256

// roundedTook is how far a duration with two decimals may be off.
const roundedTook = 5 * time.Millisecond

// hit is what the cache held of a prompt.
type hit struct {
	ID     uint64 `cbor:"1,keyasint"`
	At     moment `cbor:"2,keyasint"`
	Cached int64  `cbor:"3,keyasint"`
	Fresh  int64  `cbor:"4,keyasint"`
}

// summary takes the line at a request's end, and what goes with it.
func (p *Parser) summary(m message, at moment, l requestlog.Line) requestlog.Verdict {
	if m.kind == reused {
		return p.hit(m, at)
	}
	if i := slices.Index(p.echoes, m.n); i >= 0 {
		p.echoes = slices.Delete(p.echoes, i, i+1)
		return requestlog.Used
	}
	if p.run.Scheduled {
		return p.sumUp(m, at, l)
	}
	r := attribution.Request{
		ID: p.summaryID(m, at, l), Server: p.opt.Server, Model: p.model(m.text),
		Outcome: m.outcome, Output: attribution.Known(m.n), Position: l.Offset,
	}
	if at.Known {
		r.End = at.time()
		r.Start = r.End.Add(-m.took)
		r.Uncertainty = at.Off + roundedTook
		switch {
		case m.firstKnown:
			r.FirstToken = r.Start.Add(m.first)
		case m.decode:
			r.FirstToken = r.Start
		}
	}
	p.count(&r, m, at)
	p.requests = append(p.requests, r)
	return requestlog.Used
}

// count sets the prompt's tokens as far as they are told.
func (p *Parser) count(r *attribution.Request, m message, at moment) {
	if !m.wholeKnown {
		return
	}
	r.Context = attribution.Known(m.total + m.n)
	switch h, ok := p.takeHit(m, at); {
	case ok:
		r.Cached, r.Input = attribution.Known(h.Cached), attribution.Known(h.Fresh)
	case p.opt.NoCache:
		r.Cached, r.Input = attribution.Known(0), attribution.Known(m.total)
	}
}

// hit keeps what the cache held of a prompt.
func (p *Parser) hit(m message, at moment) requestlog.Verdict {
	h := hit{ID: m.id, At: at, Cached: m.cached, Fresh: m.n}
	if i := slices.IndexFunc(p.hits, func(o hit) bool { return o.ID == m.id }); i >= 0 {
		p.hits[i] = h
		return requestlog.Used
	}
	if len(p.hits) >= maxHits {
		p.hits = p.hits[1:]
	}
	p.hits = append(p.hits, h)
	return requestlog.Used
}

// takeHit returns what the cache held of the prompt of the request that ended
// at at. The lines share no id, so they are joined by the length of the prompt
// and by time; among several of one length the oldest is taken if all held the
// same, and none otherwise.
func (p *Parser) takeHit(m message, at moment) (hit, bool) {
	if !at.Known {
		return hit{}, false
	}
	begun := at.Wall - int64(m.took) - int64(roundedTook)
	first, agreed := -1, true
	for i, h := range p.hits {
		if h.Cached+h.Fresh != m.total || !h.At.Known || h.At.Wall < begun || h.At.Wall > at.Wall {
			continue
		}
		if first < 0 {
			first = i
			continue
		}
		agreed = agreed && h.Cached == p.hits[first].Cached
	}
	if first < 0 || !agreed {
		return hit{}, false
	}
	h := p.hits[first]
	p.hits = slices.Delete(p.hits, first, first+1)
	return h, true
}

// sumUp ends the task that a summary most likely is of: one whose last token
// was streamed, or else the one that began closest to the summary's time less
// its duration. Where the scheduler tells of ends itself, the summary is not
// needed.
func (p *Parser) sumUp(m message, at moment, l requestlog.Line) requestlog.Verdict {
	i := slices.IndexFunc(p.tasks, isDone)
	if i >= 0 {
		p.end(i, p.tasks[i].Streamed, m.outcome, attribution.Known(m.n), l.Offset)
		return requestlog.Used
	}
	if p.run.Stores || len(p.tasks) == 0 {
		return requestlog.Ignored
	}
	best := 0
	for i, t := range p.tasks {
		if p.off(t, m, at) < p.off(p.tasks[best], m, at) {
			best = i
		}
	}
	p.end(best, at, m.outcome, attribution.Known(m.n), l.Offset)
	return requestlog.Used
}

// off is how far a task's start is from where a summary puts it.
func (p *Parser) off(t task, m message, at moment) time.Duration {
	if !at.Known || !t.Start.Known {
		return 0
	}
	return time.Duration(at.Wall - int64(m.took) - t.Start.Wall).Abs()
}

// summaryID names a request by its line's stamp and place; without a stamp by
// its place, what it says and when it arrived.
func (p *Parser) summaryID(m message, at moment, l requestlog.Line) string {
	name := "summary"
	switch {
	case m.at.ok:
		name = strconv.FormatInt(at.Wall/int64(time.Millisecond), 10)
	case at.Known:
		name = strconv.FormatInt(l.Arrival.UnixMilli(), 10)
	}
	return p.id(name, uint64(l.Offset))
}
