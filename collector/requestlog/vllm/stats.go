package vllm

import (
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// count takes the stats line: of the streams in flight no more can still run
// than it counts. Those that began first are taken to have ended first.
func (p *Parser) count(m message, at moment, l requestlog.Line) requestlog.Verdict {
	p.run.Several = p.run.Several || m.engine != 0
	if p.run.Several && p.run.endless() {
		p.endAll(request.silent, l.Offset)
	}
	if p.run.Several || !at.Known {
		return requestlog.Ignored
	}
	before := p.run.Stats
	p.run.Stats = at
	if m.n == 0 {
		p.run.Owed = 0
	}
	whole, streams := int64(0), int64(0)
	for i := range p.requests {
		r := &p.requests[i]
		r.Worked = r.Worked || r.worked(m, before, at)
		switch {
		case !r.Worked:
		case r.silent():
			streams++
		case before.Known && r.Start.Wall <= before.Wall:
			whole++
		}
	}
	left := max(0, m.n-whole)
	for streams > left {
		i := slices.IndexFunc(p.requests, func(r request) bool { return r.silent() && r.Worked })
		p.end(i, p.requests[i].ended(at), attribution.OutcomeOK, l.Offset)
		streams--
	}
	if m.n == 0 {
		p.unanswered(before, at, l)
	}
	if m.n >= int64(len(p.requests)) {
		for i := range p.requests {
			p.requests[i].Alive = at
		}
	}
	return requestlog.Used
}

// silent is true for a request of whose end no line may tell.
func (r request) silent() bool { return r.Stream || r.Bare }

// unanswered ends the requests that the engine has done with and that were not
// answered: their clients have gone.
func (p *Parser) unanswered(before, at moment, l requestlog.Line) {
	gone := func(r request) bool {
		return !r.silent() && r.Worked && before.Known && r.Start.Wall <= before.Wall
	}
	for i := slices.IndexFunc(p.requests, gone); i >= 0; i = slices.IndexFunc(p.requests, gone) {
		p.end(i, p.requests[i].ended(at), attribution.OutcomeCancelled, l.Offset)
	}
}

// worked is true when tokens of r may be among those that m counts. The stats
// are those of the engine's last step: they do not count a request whose first
// step, which may take longer than the ten seconds between, is not done.
func (r request) worked(m message, before, at moment) bool {
	if !r.Start.Known || r.Start.Wall > at.Wall {
		return false
	}
	return m.prompt || m.output && before.Known && r.Start.Wall <= before.Wall
}

// ended is when a stream ended that was not running any more at at.
func (r request) ended(at moment) moment {
	since := r.Start
	if r.Alive.Known {
		since = r.Alive
	}
	return between(since, at)
}
