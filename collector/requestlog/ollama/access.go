package ollama

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

const (
	// maxLoads and maxDone bound what is kept of the past.
	maxLoads, maxDone = 16, 64
	// loadLead is how long before a load the call that causes it may come: models
	// are unloaded first, and files and memory looked at.
	loadLead = 5 * time.Second
	// loadOnly is the most that is left of a call after its load when it did
	// nothing else.
	loadOnly = 20 * time.Millisecond
	// meetSlack is how far the end of a call and of its task may be apart, beyond
	// what is not known of the two.
	meetSlack = 2 * time.Second
)

// access is what is kept to tell which calls the runners' lines do not tell of.
type access struct {
	Loads []span `cbor:"1,keyasint"` // latest last
	// Done are ends of tasks whose calls have not been seen, latest last; the zero
	// span is one whose time is not known.
	Done []span `cbor:"2,keyasint"`
	// Early counts calls seen before the end of their task.
	Early int64 `cbor:"3,keyasint"`
	// Remote counts answers of another machine whose calls have not been seen.
	Remote int64 `cbor:"4,keyasint"`
}

func (a *access) loaded(begin, end int64) {
	if len(a.Loads) == maxLoads {
		a.Loads = slices.Delete(a.Loads, 0, 1)
	}
	a.Loads = append(a.Loads, span{begin, end})
}

// done takes in that a task has ended.
func (a *access) done(at span) {
	if a.Early > 0 {
		a.Early--
		return
	}
	if len(a.Done) == maxDone {
		a.Done = slices.Delete(a.Done, 0, 1)
	}
	a.Done = append(a.Done, at)
}

// meets is true when a call that ended in at is that of a task whose end was
// seen, or of one in flight.
func (a *access) meets(at span, inFlight int64) bool {
	far := func(s span) bool {
		return s.known() && at.known() && (s.Until+int64(meetSlack) < at.From || at.Until+int64(meetSlack) < s.From)
	}
	a.Done = slices.DeleteFunc(a.Done, func(s span) bool { return far(s) && s.Until < at.From })
	if i := slices.IndexFunc(a.Done, func(s span) bool { return !far(s) }); i >= 0 {
		a.Done = slices.Delete(a.Done, i, i+1)
		return true
	}
	if a.Early < inFlight {
		a.Early++
		return true
	}
	return false
}

// call takes an access line.
func (p *Parser) call(g ginLine, l requestlog.Line) requestlog.Verdict {
	second := g.end(p.zone())
	at := span{second.UnixNano(), second.Add(time.Second - 1).UnixNano()}
	p.run.Stamp = at.From
	p.tell(at.within(arrived(l)))
	if !g.infers {
		return requestlog.Ignored
	}
	outcome, burned := g.outcome()
	if !burned || p.slotsTell(at) {
		return requestlog.Used
	}
	p.run.setKey(l)
	end, off := l.Written(second, second.Add(time.Second-1))
	if p.access.Remote > 0 && outcome == attribution.OutcomeOK {
		p.access.Remote--
		p.remote = append(p.remote, attribution.RemoteCall{
			ID: p.id(l.Offset, second.Unix()), Server: p.opt.Server, Provider: "ollama",
			Start: end.Add(-g.took), End: end, Outcome: outcome, Position: l.Offset,
		})
		return requestlog.Used
	}
	if g.took > time.Minute { // whole seconds, rounded down
		off += time.Second / 2
		g.took += time.Second / 2
	}
	begun := p.access.begun(end.Add(-g.took), end)
	if end.Sub(begun) < loadOnly && g.took >= loadOnly {
		return requestlog.Used
	}
	p.requests = append(p.requests, attribution.Request{
		ID: p.id(l.Offset, second.Unix()), Server: p.opt.Server, Model: p.only(), Outcome: outcome,
		Start: begun, End: end, Uncertainty: off, Position: l.Offset,
	})
	return requestlog.Used
}

// slotsTell is true when the lines of a runner tell of the call that ended in at.
func (p *Parser) slotsTell(at span) bool {
	if !p.spoke {
		return false
	}
	inFlight := int64(0)
	for _, t := range p.tables() {
		inFlight += int64(len(t.Tasks))
	}
	if inFlight == 0 {
		p.access.Early = 0
	}
	met := p.access.meets(at, inFlight)
	return met || !p.mute()
}

// begun is when the work on a call from start to end began: when a load that it
// waited for was done.
func (a *access) begun(start, end time.Time) time.Time {
	for _, load := range a.Loads {
		from, until := unix(load.From), unix(load.Until)
		if until.After(start) && !until.After(end) && from.Sub(start) < loadLead {
			start = until
		}
	}
	return start
}

// only returns the model of the one runner that a call without lines of its own
// can be of; "" when there are several.
func (p *Parser) only() string {
	if p.opt.Model != "" {
		return p.opt.Model
	}
	model, n := "", 0
	for i := range p.runners {
		if r := &p.runners[i]; r.Mute || !p.spoke {
			model = r.Model
			n++
		}
	}
	if n != 1 {
		return ""
	}
	return model
}

// zone is that of the access lines: the one that the process's other lines show,
// or the configured one.
func (p *Parser) zone() *time.Location {
	switch {
	case p.run.ZoneKnown:
		return time.FixedZone("", p.run.Zone)
	case p.opt.Zone != nil:
		return p.opt.Zone
	}
	return time.UTC
}
