package ollama

import (
	"strconv"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// end hands over the request of a task that has ended, or lets it wait until the
// log tells a time.
func (p *Parser) end(e slots.Ended, model string) {
	e.Model = model
	if p.blurred[e.Task.Position] {
		delete(p.blurred, e.Task.Position)
		e.Model = p.opt.Model
	}
	p.access.done(spanOf(e.End))
	if e.End.Stamp != openStamp {
		p.requests = append(p.requests, p.request(e))
		return
	}
	if p.waiting = append(p.waiting, e); len(p.waiting) >= maxWaiting {
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

func (p *Parser) request(e slots.Ended) attribution.Request {
	r := e.Request(clock{})
	r.ID, r.Server = p.id(e.Task.Position, e.Task.ID), p.opt.Server
	return r
}

// id is made of where a request begins in the log; a task's number, or the second
// in which a call ended, guards against a log that was copied and truncated.
func (p *Parser) id(position, guard int64) string {
	return p.opt.Server + "/" + p.run.Key + "/" + strconv.FormatInt(position, 10) + "-" + strconv.FormatInt(guard, 10)
}

// Take hands over what became complete, and what is under way.
func (p *Parser) Take() requestlog.Facts {
	f := requestlog.Facts{Requests: p.requests, Loads: p.loads, Remote: p.remote, Waiting: len(p.waiting)}
	p.requests, p.loads, p.remote = nil, nil, nil
	if p.latest != 0 {
		f.Latest = unix(p.latest)
	}
	for i := range p.runners {
		r := &p.runners[i]
		f.InFlight = p.inFlight(f.InFlight, &r.Table, p.modelOf(r))
		if r.Loading {
			f.Loading = append(f.Loading, attribution.ModelLoad{
				Server: p.opt.Server, Model: p.modelOf(r), Start: clock{}.Latest(r.Begin),
			})
		}
	}
	for i := range p.strays {
		f.InFlight = p.inFlight(f.InFlight, &p.strays[i].Table, p.common(p.strays[i].Ports))
	}
	return f
}

func (p *Parser) inFlight(to []attribution.Request, from *slots.Table, model string) []attribution.Request {
	for _, t := range from.Tasks {
		if p.blurred[t.Position] {
			model = p.opt.Model
		}
		to = append(to, attribution.Request{
			ID: p.id(t.Position, t.ID), Server: p.opt.Server, Model: model, Start: clock{}.Latest(t.Launch),
		})
	}
	return to
}
