package mlx

import "github.com/sovmeter/sovmeter/collector/attribution"

// readOMLX reads what oMLX logs; logger is the part after "omlx.".
func (m message) readOMLX(logger string, s scanner) message {
	switch logger {
	case "server":
		if s.Try("Server initialized with ") {
			return m.as(begun, s)
		}
		return m.readSummary(s)
	case "scheduler":
		return m.readReused(s)
	case "engine_pool":
		return m.readPool(s)
	}
	return message{kin: m.kin}
}

// readPool reads model loads.
func (m message) readPool(s scanner) message {
	switch {
	case s.Try("Loading model: "):
		m.text = modelID(s.Rest)
		return m.as(loading, s)
	case s.Try("Loaded model: "):
		m.text = modelID(s.Until(" (actual: "))
		return m.as(loaded, s)
	}
	return message{kin: m.kin}
}

// readReused reads what the cache holds of a prompt. The two messages tell the
// same numbers; a request may have either, both or none.
func (m message) readReused(s scanner) message {
	switch {
	case s.Try("Prefix cache restore for "):
		m.id = hashID(s.Until(": source="))
		s.Until(" cached=")
		m.cached = s.Number()
		s.Text(" suffix=")
		m.n = s.Number()
		m.total = m.cached + m.n
		return m.as(reused, s)
	case s.Try("prefix cache: request "):
		m.id = hashID(s.word())
		if !s.Try(" re-prefills ") {
			return message{kin: m.kin}
		}
		m.n = s.Number()
		s.Text(" of ")
		m.total = s.Number()
		s.Text(" tokens (reused ")
		m.cached = s.Number()
		s.Bad = s.Bad || m.n+m.cached != m.total
		return m.as(reused, s)
	}
	return message{kin: m.kin}
}

// readSummary reads the line at a request's end, of oMLX and of vllm-mlx and
// its kin:
//
//	Chat completion: model=M, 534 tokens in 25.99s (24.4 tok/s), prompt: 4168, finish_reason=stop, …
//	Chat completion (stream): 534 tokens in 25.99s (24.4 tok/s)
//	Completion: 31 prompt + 96 completion tokens in 2.40s (40.0 tok/s)
func (m message) readSummary(s scanner) message {
	if !s.summaryName() {
		return message{kin: m.kin}
	}
	if s.Try("model=") {
		m.text = modelID(s.word())
		s.Text(", ")
	}
	m.outcome = attribution.OutcomeOK
	m.n = s.Number()
	if s.Try(" prompt + ") {
		m.total, m.wholeKnown = m.n, true
		m.n = s.Number()
		s.Text(" completion")
	}
	if !s.Try(" tokens in ") {
		return message{kin: m.kin}
	}
	m.took = s.seconds()
	s.Text(" (")
	rate := s.Until(")")
	if s.Bad {
		return m.as(summary, s)
	}
	m.decode = len(rate) > 7 && string(rate[len(rate)-7:]) == " decode"
	m.readTail(&s)
	return m.as(summary, s)
}

// readTail takes what oMLX adds to a summary.
func (m *message) readTail(s *scanner) {
	if s.Try(", prompt: ") {
		m.total, m.wholeKnown = s.Number(), true
	}
	if s.SkipTo(", finish_reason=") {
		switch string(s.word()) {
		case "error":
			m.outcome = attribution.OutcomeError
		case "abort", "aborted", "cancelled":
			m.outcome = attribution.OutcomeCancelled
		}
	}
	if s.SkipTo(", stream_model_ttft=") && !s.Try("unavailable") {
		m.first, m.firstKnown = s.seconds(), true
		s.Bad = s.Bad || m.first > m.took
	}
}

// summaryName takes the name a summary begins with.
func (s *scanner) summaryName() bool {
	for _, name := range []string{
		"Chat completion: ", "Chat completion (stream): ", "Completion: ", "Completion (stream): ",
		"Anthropic message: ", "Anthropic messages: ", "Anthropic messages (stream): ",
		"Responses API: ", "Responses (stream): ",
	} {
		if s.Try(name) {
			return true
		}
	}
	return false
}
