package llamacpp

import (
	"strconv"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// end hands over the request of a task that has ended, or lets it wait for a
// wall time.
func (p *Parser) end(e slots.Ended) {
	e.Model = p.modelName()
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

func (p *Parser) request(e slots.Ended) attribution.Request {
	r := e.Request(&p.run)
	r.ID, r.Server = p.id(e.Task.ID), p.opt.Server
	return r
}

func (p *Parser) id(task int64) string {
	return p.opt.Server + "/" + p.run.Key + "/" + strconv.FormatInt(task, 10)
}

// mustWait is true for a moment whose wall time a later line can still tell.
func (p *Parser) mustWait(m slots.Mark) bool {
	if p.run.Shape == shapePlain || p.run.Clock.Bound == 0 {
		return false // no arrivals, or arrivals of its own
	}
	_, _, ok := p.run.Wall(m)
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

func (p *Parser) endLoad(at slots.Mark) {
	if p.load == nil {
		return
	}
	l := attribution.ModelLoad{Server: p.opt.Server, Model: p.load.Model}
	begin, _, ok1 := p.run.Wall(p.load.Begin)
	end, _, ok2 := p.run.Wall(at)
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
		Latest: p.run.Latest(p.run.Last), Waiting: len(p.waiting),
	}
	p.requests, p.loads = nil, nil
	for _, t := range p.tasks.Tasks {
		f.InFlight = append(f.InFlight, attribution.Request{
			ID: p.id(t.ID), Server: p.opt.Server, Model: p.modelName(), Start: p.run.Latest(t.Launch),
		})
	}
	if p.load != nil {
		f.Loading = append(f.Loading, attribution.ModelLoad{
			Server: p.opt.Server, Model: p.load.Model, Start: p.run.Latest(p.load.Begin),
		})
	}
	return f
}
