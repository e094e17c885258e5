package jsonl

import "github.com/sovmeter/sovmeter/collector/attribution"

// usage is the token counts of a line. The prompt, input, is in two parts:
// cached came from a cache and fresh did not; written is a part of fresh.
type usage struct {
	input, cached, fresh, written, output, context attribution.Count
	estimated                                      bool // counted by the writer, not told by the server
}

// mostTokens is 10^maxTokens.
const mostTokens = 1_000_000_000_000

func (l *line) usage() usage {
	u := usage{
		input: l.count(fieldInput), cached: l.count(fieldCached), fresh: l.count(fieldFresh), written: l.written(),
		output: l.count(fieldOutput), context: l.count(fieldContext),
	}
	u.estimated, _ = l.flag(fieldGuessed)
	if u.input.Known {
		l.inInput(u)
	}
	switch {
	case u.input.Known && u.cached.Known:
		u.fresh = attribution.Known(u.input.N - u.cached.N)
	case u.input.Known && u.fresh.Known:
		u.cached = attribution.Known(u.input.N - u.fresh.N)
	}
	// Unknown counts are 0 here, and the sums can be written and read again.
	if max(u.input.N, u.fresh.N+u.cached.N)+u.output.N > mostTokens {
		l.fail(fieldOutput, "more than 10^12 tokens with the prompt")
	}
	if u.written.Known && u.fresh.Known && u.written.N > u.fresh.N {
		l.fail(l.writtenField(), "more than what did not come from the cache")
	}
	return u
}

// inInput holds the parts of the prompt against the whole.
func (l *line) inInput(u usage) {
	switch {
	case u.cached.Known && u.cached.N > u.input.N:
		l.fail(fieldCached, "more than input_tokens, which include them")
	case u.written.Known && u.written.N > u.input.N:
		l.fail(l.writtenField(), "more than input_tokens, which include them")
	case u.cached.Known && u.fresh.Known && u.fresh.N+u.cached.N != u.input.N:
		l.fail(fieldFresh, "not input_tokens less the cached ones")
	case u.fresh.Known && u.fresh.N > u.input.N:
		l.fail(fieldFresh, "more than input_tokens")
	}
}

// written reads the tokens written to a cache, by their name of today or that
// of before September 2026.
func (l *line) written() attribution.Count {
	today, before := l.count(fieldWritten), l.count(fieldCreated)
	if today.Known && before.Known && today != before {
		l.fail(fieldCreated, "not the same as "+fieldWritten.String())
	}
	if today.Known {
		return today
	}
	return before
}

func (l *line) writtenField() field {
	if l.has(fieldWritten) {
		return fieldWritten
	}
	return fieldCreated
}

// billed is the part of the prompt that is none of the others, as far as those
// are told: what is not said to come from a cache was charged in full.
func (u usage) billed() attribution.Count {
	rest := u.fresh
	if !rest.Known {
		rest = u.input
	}
	if rest.Known && u.written.Known {
		rest.N -= u.written.N
	}
	return rest
}
