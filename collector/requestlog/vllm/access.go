package vllm

import (
	"slices"
	"strconv"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// access takes uvicorn's line, which is printed with the headers of an answer:
// at the beginning of a stream, before the engine has the request, and at the
// end of an answer in one piece. It names no request; see the package comment.
func (p *Parser) access(m message, at moment, l requestlog.Line) requestlog.Verdict {
	ok := m.n < 400
	if i := slices.IndexFunc(p.requests, isNew); i >= 0 {
		p.requests[i].Stream = true
		switch {
		case !ok: // refused before the engine had it
			p.end(i, at, attribution.OutcomeError, l.Offset)
		case p.run.endless():
			p.end(i, moment{}, attribution.OutcomeOK, l.Offset)
		}
		return requestlog.Used
	}
	if p.run.Owed > 0 {
		p.run.Owed--
		return requestlog.Used
	}
	if m.n >= 400 && m.n < 500 { // refused
		return requestlog.Ignored
	}
	outcome := attribution.OutcomeOK
	if !ok {
		outcome = attribution.OutcomeError
	}
	if i := slices.IndexFunc(p.requests, isWhole); i >= 0 {
		p.end(i, at, outcome, l.Offset)
		return requestlog.Used
	}
	if p.run.Logged {
		return requestlog.Ignored
	}
	p.done = append(p.done, attribution.Request{
		ID:     p.opt.Server + "/access/" + strconv.FormatInt(l.Offset, 10),
		Server: p.opt.Server, Model: p.model(), Outcome: outcome, Position: l.Offset,
	})
	return requestlog.Used
}

// isNew is true for a request that the engine does not have yet.
func isNew(r request) bool { return !r.Added && !r.Stream }

// isWhole is true for a request whose answer is sent in one piece.
func isWhole(r request) bool { return !r.Stream }
