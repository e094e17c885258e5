package mlx

import (
	"bytes"
	"strings"
)

// readServer reads what mlx_lm.server logs besides its access lines.
func (m message) readServer(s scanner) message {
	switch {
	case s.Try("Prompt processing progress: "):
		m.n = s.Number()
		s.Text("/")
		m.total = s.Number()
		if len(s.Rest) > 0 || m.n > m.total {
			s.Bad = true
		}
		return m.as(progress, s)
	case s.Try("Starting httpd at "):
		return m.as(begun, s)
	}
	return message{}
}

// readAccess takes http.server's access line:
// ADDRESS - - [24/Nov/2026 10:00:00] "POST /v1/chat/completions HTTP/1.1" 200 -
func readAccess(s scanner) message {
	i := bytes.IndexByte(s.Rest, ' ')
	if i <= 0 || i > 64 {
		return message{}
	}
	s.Rest = s.Rest[i:]
	if !s.Try(" - - ") {
		return message{}
	}
	m := message{at: s.readCommonStamp()}
	s.Text(" ")
	inference, status := s.request()
	if s.Bad || !inference {
		return message{}
	}
	m.n = status
	return m.as(posted, s)
}

// readUvicorn takes uvicorn's access line,
// 127.0.0.1:50412 - "POST /v1/chat/completions HTTP/1.1" 200 OK
// and what it says of its own life.
func readUvicorn(s scanner) message {
	switch {
	case s.Try("Started server process ["):
		return message{kind: begun}
	case s.Try("Application startup complete."):
		return message{kind: ready}
	}
	i := bytes.IndexByte(s.Rest, ' ')
	if i <= 0 || i > 64 {
		return message{}
	}
	s.Rest = s.Rest[i:]
	if !s.Try(" - ") {
		return message{}
	}
	inference, status := s.request()
	if s.Bad || !inference {
		return message{}
	}
	return message{n: status}.as(answered, s)
}

// request takes `"POST /path HTTP/1.1" 200` and says whether it asks a model.
func (s *scanner) request() (bool, int64) {
	if !s.Try(`"POST `) {
		return false, 0
	}
	path := s.Until(" HTTP/")
	s.Until(`" `)
	status := s.Number()
	s.Bad = s.Bad || status < 100 || status > 599
	return !s.Bad && isInference(string(path)), status
}

// isInference is true for the paths that make a model work.
func isInference(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	for _, end := range []string{
		"/chat/completions", "/completions", "/responses", "/messages", "/embeddings", "/rerank", "/generate",
	} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}
