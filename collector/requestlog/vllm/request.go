package vllm

import (
	"slices"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

const (
	// maxRequests bounds the requests in flight.
	maxRequests = 1024
	// maxGone bounds the ids kept of requests that have ended.
	maxGone = 64
	// statsMax is how long streams may be in flight without a stats line, in ns:
	// after that, the server seems to print none.
	statsMax = int64(10 * time.Minute)
)

// request is one in flight.
type request struct {
	ID     uint64 `cbor:"1,keyasint"`
	Offset int64  `cbor:"2,keyasint"` // of the line that began it
	Start  moment `cbor:"3,keyasint"`
	Added  bool   `cbor:"4,keyasint"` // the engine has it
	Stream bool   `cbor:"5,keyasint"` // its access line is past; nothing more comes of it
	Single bool   `cbor:"6,keyasint"` // it asks for one completion
	// Worked: tokens were seen that may be its own, so the stats count it.
	Worked bool `cbor:"7,keyasint"`
	// Alive is when the stats last counted it among the running.
	Alive moment `cbor:"8,keyasint"`
	// Out are the output tokens streamed; they are all if Counted and not Gap.
	Out     int64 `cbor:"9,keyasint"`
	Counted bool  `cbor:"10,keyasint"`
	Gap     bool  `cbor:"11,keyasint"`
	// Bare: no line but the engine's began it, so it may be a stream or not.
	Bare bool `cbor:"12,keyasint"`
}

// find returns the index of the request that a message is of, or -1.
func (p *Parser) find(ids []uint64) int {
	for _, id := range ids {
		if i := slices.IndexFunc(p.requests, func(r request) bool { return r.ID == id }); i >= 0 {
			return i
		}
	}
	return -1
}

// request takes a line that names a request.
func (p *Parser) request(m message, at moment, l requestlog.Line) requestlog.Verdict {
	p.run.Logged = true
	i := p.find(m.ids)
	switch {
	case m.kind == received, m.kind == added:
		return p.start(i, m, at, l)
	case m.kind == aborted:
		return p.abort(m, at, l)
	case i < 0:
		return requestlog.Ignored
	}
	r := &p.requests[i]
	switch m.kind {
	case delta:
		r.Out, r.Counted, r.Gap = r.Out+m.n, true, r.Gap || !m.known
	case generated:
		p.generated(i, m, at, l)
	case finished:
		p.owe(i)
		p.end(i, at, attribution.OutcomeOK, l.Offset)
	case failed:
		p.owe(i)
		p.end(i, at, attribution.OutcomeError, l.Offset)
	}
	return requestlog.Used
}

// start begins a request, or notes that the engine has taken it.
func (p *Parser) start(i int, m message, at moment, l requestlog.Line) requestlog.Verdict {
	if i < 0 {
		if m.kind == added && slices.ContainsFunc(m.ids, func(id uint64) bool { return slices.Contains(p.gone, id) }) {
			return requestlog.Ignored
		}
		if len(p.requests) >= maxRequests {
			p.end(0, moment{}, attribution.OutcomeError, l.Offset)
		}
		p.forsake(at, l.Offset)
		p.requests = append(p.requests, request{
			ID: m.ids[0], Offset: l.Offset, Start: at, Single: m.flag, Bare: m.kind == added || p.run.NoAccess,
		})
		i = len(p.requests) - 1
		if p.run.NoAccess && p.run.endless() {
			p.end(i, moment{}, attribution.OutcomeOK, l.Offset)
			return requestlog.Used
		}
	}
	if m.kind == added {
		p.requests[i].Added = true
	}
	return requestlog.Used
}

// forsake ends the streams that the stats should have ended long ago.
func (p *Parser) forsake(at moment, offset int64) {
	lost := func(r request) bool {
		return r.silent() && at.Known && at.Wall-max(r.Start.Wall, p.run.Stats.Wall) > statsMax
	}
	if !p.run.Outputs {
		p.endAll(lost, offset)
	}
}

// endAll ends the requests that ok holds for, at a time that is not known.
func (p *Parser) endAll(ok func(request) bool, offset int64) {
	for i := slices.IndexFunc(p.requests, ok); i >= 0; i = slices.IndexFunc(p.requests, ok) {
		p.end(i, moment{}, attribution.OutcomeOK, offset)
	}
}

func (p *Parser) abort(m message, at moment, l requestlog.Line) requestlog.Verdict {
	verdict := requestlog.Ignored
	for _, id := range m.ids {
		if i := p.find([]uint64{id}); i >= 0 {
			p.end(i, at, attribution.OutcomeCancelled, l.Offset)
			verdict = requestlog.Used
		}
	}
	return verdict
}

// generated ends a request with its answer. The tokens of a stream were counted
// as they came; where several completions were asked for, this is but the first.
func (p *Parser) generated(i int, m message, at moment, l requestlog.Line) {
	r := &p.requests[i]
	if m.known {
		r.Out, r.Counted, r.Gap = m.n, true, false
	}
	r.Gap = r.Gap || !r.Single || p.run.NoIDs
	p.owe(i)
	p.end(i, at, attribution.OutcomeOK, l.Offset)
}

// owe notes that the access line of request i, which ends now, is still to
// come: it must not end another.
func (p *Parser) owe(i int) {
	if !p.requests[i].Stream && p.run.Owed < maxRequests {
		p.run.Owed++
	}
}

// end completes request i.
func (p *Parser) end(i int, at moment, outcome attribution.Outcome, offset int64) {
	r := p.requests[i]
	p.requests = slices.Delete(p.requests, i, i+1)
	if len(p.gone) >= maxGone {
		p.gone = p.gone[1:]
	}
	p.gone = append(p.gone, r.ID)
	out := attribution.Request{
		ID: p.requestID(r), Server: p.opt.Server, Model: p.model(),
		Outcome: outcome, Position: offset,
	}
	if r.Start.Known {
		out.Start, out.Uncertainty = r.Start.time(), r.Start.Off
		if at.Known {
			out.End = moment{Wall: max(at.Wall, r.Start.Wall)}.time()
			out.Uncertainty = max(r.Start.Off, at.Off)
		}
	}
	if r.Counted && !r.Gap && outcome == attribution.OutcomeOK {
		out.Output = attribution.Known(r.Out)
	}
	p.done = append(p.done, out)
}

func (p *Parser) requestID(r request) string {
	return p.opt.Server + "/" + strconv.FormatUint(r.ID>>16, 16) + "/" + strconv.FormatInt(r.Offset, 10)
}
