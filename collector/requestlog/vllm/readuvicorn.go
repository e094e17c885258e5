package vllm

import (
	"bytes"
	"strings"
)

// readUvicorn takes uvicorn's access line,
// 127.0.0.1:50412 - "POST /v1/chat/completions HTTP/1.1" 200 OK
func readUvicorn(s scanner) message {
	if s.try("Application startup complete.") {
		return message{kind: loaded}
	}
	i := bytes.IndexByte(s.rest, ' ')
	if i <= 0 || i > 64 {
		return message{}
	}
	s.rest = s.rest[i:]
	if !s.try(` - "POST `) {
		return message{}
	}
	path := string(s.until(" HTTP/"))
	s.until(`" `)
	m := message{n: s.number()}
	if s.bad || m.n < 100 || m.n > 599 || !isInference(path) {
		return message{}
	}
	return m.as(answered, s)
}

// isInference is true for the paths that make a model work.
func isInference(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	for _, end := range []string{
		"/completions", "/responses", "/messages", "/embeddings", "/rerank", "/score", "/classify",
		"/pooling", "/generate", "/invocations", "/transcriptions", "/translations",
	} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}
