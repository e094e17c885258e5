package llamacpp

import (
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// end completes task i: its request is handed over now, or waits for a wall time.
func (p *Parser) end(i int, e ended) {
	e.Task, e.Model = p.tasks[i], p.modelName()
	p.tasks = slices.Delete(p.tasks, i, i+1)
	if p.mustWait(e.End) {
		p.waiting = append(p.waiting, e)
		if len(p.waiting) < maxWaiting {
			return
		}
		p.flush()
		return
	}
	p.requests = append(p.requests, p.request(e))
}

// mustWait is true for a moment whose wall time a later line can still tell.
func (p *Parser) mustWait(m mark) bool {
	if p.run.Shape == shapePlain || p.run.Clock.Bound == 0 {
		return false // no arrivals, or arrivals of its own
	}
	_, _, ok := p.run.wall(m)
	return !ok
}

// settle hands over what was waiting as soon as the run has a wall time.
func (p *Parser) settle() {
	if p.run.Clock.best().Known {
		p.flush()
	}
}

// flush hands over what was waiting, with the times that are known now.
func (p *Parser) flush() {
	for _, e := range p.waiting {
		p.requests = append(p.requests, p.request(e))
	}
	p.waiting = nil
}

func (p *Parser) endLoad(at mark) {
	if p.load == nil {
		return
	}
	l := attribution.ModelLoad{Server: p.opt.Server, Model: p.load.Model}
	begin, _, ok1 := p.run.wall(p.load.Begin)
	end, _, ok2 := p.run.wall(at)
	if ok1 && ok2 {
		l.Start, l.End = unix(begin), unix(max(begin, end))
	}
	p.loads = append(p.loads, l)
	p.load = nil
}

func (p *Parser) modelName() string {
	if p.opt.Model != "" {
		return p.opt.Model
	}
	return p.model
}

// Take hands over what became complete, and what is under way.
func (p *Parser) Take() requestlog.Facts {
	f := requestlog.Facts{
		Requests: p.requests, Loads: p.loads,
		Latest: p.run.latest(p.run.Last), Waiting: len(p.waiting),
	}
	p.requests, p.loads = nil, nil
	for _, t := range p.tasks {
		f.InFlight = append(f.InFlight, attribution.Request{
			ID: p.id(t.ID), Server: p.opt.Server, Model: p.modelName(), Start: p.run.latest(t.Launch),
		})
	}
	if p.load != nil {
		f.Loading = append(f.Loading, attribution.ModelLoad{
			Server: p.opt.Server, Model: p.load.Model, Start: p.run.latest(p.load.Begin),
		})
	}
	return f
}
