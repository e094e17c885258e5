package mlx

import "github.com/sovmeter/sovmeter/collector/attribution"

// readOMLX reads what oMLX logs; logger is the part after "omlx.".
func (m message) readOMLX(logger string, s scanner) message {
	switch logger {
	case "server":
		if s.try("Server initialized with ") {
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
	case s.try("Loading model: "):
		m.text = modelID(s.rest)
		return m.as(loading, s)
	case s.try("Loaded model: "):
		m.text = modelID(s.until(" (actual: "))
		return m.as(loaded, s)
	}
	return message{kin: m.kin}
}

// readReused reads what the cache holds of a prompt. The two messages tell the
// same numbers; a request may have either, both or none.
func (m message) readReused(s scanner) message {
	switch {
	case s.try("Prefix cache restore for "):
		m.id = hashID(s.until(": source="))
		s.until(" cached=")
		m.cached = s.number()
		s.text(" suffix=")
		m.n = s.number()
		m.total = m.cached + m.n
		return m.as(reused, s)
	case s.try("prefix cache: request "):
		m.id = hashID(s.word())
		if !s.try(" re-prefills ") {
			return message{kin: m.kin}
		}
		m.n = s.number()
		s.text(" of ")
		m.total = s.number()
		s.text(" tokens (reused ")
		m.cached = s.number()
		s.bad = s.bad || m.n+m.cached != m.total
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
	if s.try("model=") {
		m.text = modelID(s.word())
		s.text(", ")
	}
	m.outcome = attribution.OutcomeOK
	m.n = s.number()
	if s.try(" prompt + ") {
		m.total, m.wholeKnown = m.n, true
		m.n = s.number()
		s.text(" completion")
	}
	if !s.try(" tokens in ") {
		return message{kin: m.kin}
	}
	m.took = s.seconds()
	s.text(" (")
	rate := s.until(")")
	if s.bad {
		return m.as(summary, s)
	}
	m.decode = len(rate) > 7 && string(rate[len(rate)-7:]) == " decode"
	m.readTail(&s)
	return m.as(summary, s)
}

// readTail takes what oMLX adds to a summary.
func (m *message) readTail(s *scanner) {
	if s.try(", prompt: ") {
		m.total, m.wholeKnown = s.number(), true
	}
	if s.skipTo(", finish_reason=") {
		switch string(s.word()) {
		case "error":
			m.outcome = attribution.OutcomeError
		case "abort", "aborted", "cancelled":
			m.outcome = attribution.OutcomeCancelled
		}
	}
	if s.skipTo(", stream_model_ttft=") && !s.try("unavailable") {
		m.first, m.firstKnown = s.seconds(), true
		s.bad = s.bad || m.first > m.took
	}
}

// summaryName takes the name a summary begins with.
func (s *scanner) summaryName() bool {
	for _, name := range []string{
		"Chat completion: ", "Chat completion (stream): ", "Completion: ", "Completion (stream): ",
		"Anthropic message: ", "Anthropic messages: ", "Anthropic messages (stream): ",
		"Responses API: ", "Responses (stream): ",
	} {
		if s.try(name) {
			return true
		}
	}
	return false
}
