package mlx

import "bytes"

// readScheduler reads what vllm-mlx and its kin log.
func (m message) readScheduler(s scanner) message {
	switch {
	case s.try("[schedule] request="):
		m.id = hashID(s.word())
		s.until("prompt_tokens=")
		m.total = s.number()
		s.text(" tokens_to_prefill=")
		m.n = s.number()
		if s.try(", ") {
			m.cached = s.number()
			s.text(" cached")
		}
		return m.as(scheduled, s)
	case s.try("[cache_store] request="):
		m.id = hashID(s.word())
		s.text(" tokens=")
		m.total = s.number()
		return m.as(stored, s)
	case s.try("[stream_outputs] "):
		return m.readStream(s)
	case s.try("[abort_request] "):
		m.id = hashID(s.word())
		if !s.try(" ABORTED") {
			return message{kin: m.kin}
		}
		return m.as(aborted, s)
	case s.try("[generation_error_recovery] aborted "):
		return m.as(lost, s)
	case s.try("Loading model with "):
		s.until(": ")
		m.text = modelID(bytes.TrimSpace(s.rest))
		return m.as(loading, s)
	case s.try("Starting server at "):
		return m.as(begun, s)
	}
	return m.readSummary(s)
}

// readStream reads how a stream goes.
func (m message) readStream(s scanner) message {
	m.id = hashID(s.word())
	switch {
	case s.try(" first token after "):
		return m.as(firstToken, s)
	case s.try(" finished normally, "):
		return m.as(streamed, s)
	}
	return message{kin: m.kin}
}
