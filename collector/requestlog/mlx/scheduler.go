package mlx

import "bytes"

// readScheduler reads what vllm-mlx and its kin log.
func (m message) readScheduler(s scanner) message {
	switch {
	case s.Try("[schedule] request="):
		m.id = hashID(s.word())
		s.Until("prompt_tokens=")
		m.total = s.Number()
		s.Text(" tokens_to_prefill=")
		m.n = s.Number()
		if s.Try(", ") {
			m.cached = s.Number()
			s.Text(" cached")
		}
		return m.as(scheduled, s)
	case s.Try("[cache_store] request="):
		m.id = hashID(s.word())
		s.Text(" tokens=")
		m.total = s.Number()
		return m.as(stored, s)
	case s.Try("[stream_outputs] "):
		return m.readStream(s)
	case s.Try("[abort_request] "):
		m.id = hashID(s.word())
		if !s.Try(" ABORTED") {
			return message{kin: m.kin}
		}
		return m.as(aborted, s)
	case s.Try("[generation_error_recovery] aborted "):
		return m.as(lost, s)
	case s.Try("Loading model with "):
		s.Until(": ")
		m.text = modelID(bytes.TrimSpace(s.Rest))
		return m.as(loading, s)
	case s.Try("Starting server at "):
		return m.as(begun, s)
	}
	return m.readSummary(s)
}

// readStream reads how a stream goes.
func (m message) readStream(s scanner) message {
	m.id = hashID(s.word())
	switch {
	case s.Try(" first token after "):
		return m.as(firstToken, s)
	case s.Try(" finished normally, "):
		return m.as(streamed, s)
	}
	return message{kin: m.kin}
}
