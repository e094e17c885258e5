package jsonl

import (
	"bytes"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Decode reads one line. Its errors are *FieldError, and ErrNotRequest for a
// line of an operation that is no inference.
func Decode(text []byte) (Record, error) { return decode(text, false, nil) }

// decode is Decode; noCache and hosts are as in requestlog.Options, hosts in
// lower case.
func decode(text []byte, noCache bool, hosts []string) (Record, error) {
	var l line
	l.cut(text)
	e := l.end()
	use := l.usage()
	remote := l.remote(hosts)
	spend, spendKnown := l.billionths(fieldSpend, maxSpend)
	charge := l.charge()
	if remote && charge != nil && l.err == nil {
		l.err = &FieldError{fieldRemote.String(), "there with energy, which no call took here that was served elsewhere"}
	}
	inference := l.inference()
	switch {
	case l.err != nil:
		return Record{}, l.err
	case !inference:
		return Record{}, ErrNotRequest
	case remote:
		c := e.call(use)
		c.Spend, c.SpendKnown = attribution.NanoUSD(spend), spendKnown
		return Record{Remote: &c}, nil
	}
	return Record{Request: e.request(use, noCache), Charge: charge}, nil
}

// end is when and how a request was, wherever it was served.
type end struct {
	id, server, client, project, model, provider string
	start, firstToken, end                       time.Time
	uncertainty                                  time.Duration
	outcome                                      attribution.Outcome
}

func (l *line) end() end {
	e := end{
		id: l.name(fieldID), server: l.name(fieldServer), client: l.name(fieldClient), project: l.name(fieldProject),
		model: l.name(fieldModel), provider: l.name(fieldProvider),
		start: l.time(fieldStart), firstToken: l.time(fieldFirstToken), end: l.time(fieldEnd),
	}
	if answered := l.name(fieldResponseModel); e.model == "" {
		e.model = answered
	}
	for _, f := range []field{fieldStart, fieldEnd} {
		if !l.has(f) {
			l.fail(f, "missing")
		}
	}
	switch took := e.end.Sub(e.start); {
	case took < 0:
		l.fail(fieldEnd, "before start")
	case took > maxTime:
		l.fail(fieldEnd, "more than a week after start")
	}
	if !e.firstToken.IsZero() && (e.firstToken.Before(e.start) || e.firstToken.After(e.end)) {
		l.fail(fieldFirstToken, "not between start and end")
	}
	ns, _ := l.billionths(fieldUncertainty, maxUncertainty)
	e.uncertainty = time.Duration(ns)
	e.outcome = l.outcome()
	return e
}

// outcome is what the line says of how the request ended; one that says nothing
// of it went well.
func (l *line) outcome() attribution.Outcome {
	failed := l.text(fieldErrorType) != nil
	l.texts(fieldFinish, func(reason []byte) {
		failed = failed || string(reason) == "error"
	})
	switch text := l.text(fieldOutcome); {
	case text == nil && failed:
		return attribution.OutcomeError
	case text == nil, string(text) == string(attribution.OutcomeOK):
		return attribution.OutcomeOK
	case string(text) == string(attribution.OutcomeCancelled):
		return attribution.OutcomeCancelled
	case string(text) == string(attribution.OutcomeError):
		return attribution.OutcomeError
	}
	l.fail(fieldOutcome, "not ok, cancelled or error")
	return ""
}

// inference is false for the operations of OpenTelemetry's conventions that
// only hold inferences, or none: their tokens are those of others once more.
func (l *line) inference() bool {
	op := l.text(fieldOperation)
	switch string(op) {
	case "create_agent", "invoke_agent", "invoke_workflow", "execute_tool", "plan", "retrieval":
		return false
	}
	return !bytes.Contains(op, []byte("memory"))
}

func (e end) request(u usage, noCache bool) attribution.Request {
	q := attribution.Request{
		ID: e.id, Server: e.server, Model: e.model, Client: e.client, Project: e.project,
		Start: e.start, FirstToken: e.firstToken, End: e.end, Uncertainty: e.uncertainty, Outcome: e.outcome,
		Input: u.fresh, Cached: u.cached, Output: u.output, Context: u.context, TokensEstimated: u.estimated,
	}
	switch {
	case !u.input.Known || u.fresh.Known:
	case noCache:
		q.Input, q.Cached = u.input, attribution.Known(0)
	case u.output.Known && !u.context.Known:
		q.Context = attribution.Known(u.input.N + u.output.N)
	}
	return q
}

func (e end) call(u usage) attribution.RemoteCall {
	return attribution.RemoteCall{
		ID: e.id, Server: e.server, Provider: e.provider, Model: e.model, Client: e.client, Project: e.project,
		Start: e.start, End: e.end, Outcome: e.outcome,
		Input: u.billed(), Cached: u.cached, CacheWrite: u.written, Output: u.output,
	}
}

// looksLike is true for a line that has the required fields by name.
func looksLike(text []byte) bool {
	text = bytes.TrimSpace(text)
	return bytes.HasPrefix(text, []byte("{")) && bytes.Contains(text, []byte(`"start"`)) && bytes.Contains(text, []byte(`"end"`))
}
