package llamacpp

import (
	"strconv"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

const (
	// maxWaiting bounds how many completed requests wait for a wall time. Those
	// beyond it are handed over without.
	maxWaiting = 8192
	// maxChildWaiting is the same for each server of a router.
	maxChildWaiting = 1024
)

// end hands over the request of a task that has ended, or lets it wait for a
// wall time.
func (p *process) end(e slots.Ended) {
	e.Model = p.modelName()
	if p.mustWait(e.End) {
		p.Waiting = append(p.Waiting, e)
		if len(p.Waiting) < p.maxWaiting() {
			return
		}
		p.flush()
		return
	}
	p.out.requests = append(p.out.requests, p.request(e))
}

func (p *process) maxWaiting() int {
	if p.Child != nil {
		return maxChildWaiting
	}
	return maxWaiting
}

func (p *process) request(e slots.Ended) attribution.Request {
	r := e.Request(&p.Run)
	r.ID, r.Server = p.id(e.Task.ID), p.opt.Server
	return r
}

func (p *process) id(task int64) string {
	return p.opt.Server + "/" + p.Run.Key + "/" + strconv.FormatInt(task, 10)
}

// mustWait is true for a moment whose wall time a later line can still tell. A
// server whose start nobody saw may never have such a line.
func (p *process) mustWait(m slots.Mark) bool {
	if !p.Run.Shape.stamped() || p.Run.Clock.Bound == 0 || p.Child != nil && !p.Child.BaseKnown {
		return false // no arrivals, or arrivals of its own
	}
	_, _, ok := p.Run.Wall(m)
	return !ok
}

// settle hands over what was waiting as soon as the run has a wall time.
func (p *process) settle() {
	if p.Run.Clock.best().Known {
		p.flush()
	}
}

// flush hands over what was waiting, with the times that are known now.
func (p *process) flush() {
	for _, e := range p.Waiting {
		p.out.requests = append(p.out.requests, p.request(e))
	}
	p.Waiting = nil
}

func (p *process) endLoad(at slots.Mark) {
	if p.Load == nil {
		return
	}
	l := attribution.ModelLoad{Server: p.opt.Server, Model: p.Load.Model}
	begin, _, ok1 := p.Run.Wall(p.Load.Begin)
	end, _, ok2 := p.Run.Wall(at)
	if ok1 && ok2 {
		l.Start, l.End = unix(begin), unix(max(begin, end))
	}
	p.out.loads = append(p.out.loads, l)
	p.Load = nil
}

// modelName is the configured name, or the one that a router's clients use, or
// that of the model's file.
func (p *process) modelName() string {
	switch {
	case p.opt.Model != "":
		return p.opt.Model
	case p.Child != nil && p.Child.Model != "":
		return p.Child.Model
	}
	return p.Model
}

// Take hands over what became complete, and what is under way.
func (p *Parser) Take() requestlog.Facts {
	f := requestlog.Facts{Requests: p.out.requests, Loads: p.out.loads}
	p.out = found{}
	p.main.present(&f)
	for _, c := range p.children {
		c.present(&f)
	}
	return f
}

// present adds what the process has under way.
func (p *process) present(f *requestlog.Facts) {
	if at := p.Run.Latest(p.Run.Last); at.After(f.Latest) {
		f.Latest = at
	}
	f.Waiting += len(p.Waiting)
	for _, t := range p.Tasks.Tasks {
		f.InFlight = append(f.InFlight, attribution.Request{
			ID: p.id(t.ID), Server: p.opt.Server, Model: p.modelName(), Start: p.Run.Latest(t.Launch),
		})
	}
	if p.Load != nil {
		f.Loading = append(f.Loading, attribution.ModelLoad{
			Server: p.opt.Server, Model: p.Load.Model, Start: p.Run.Latest(p.Load.Begin),
		})
	}
}
