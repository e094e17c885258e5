package vllm

import (
	"bytes"
	"strings"
)

// readUvicorn takes uvicorn's access line,
// 127.0.0.1:50412 - "POST /v1/chat/completions HTTP/1.1" 200 OK
func readUvicorn(s scanner) message {
	if s.Try("Application startup complete.") {
		return message{kind: loaded}
	}
	i := bytes.IndexByte(s.Rest, ' ')
	if i <= 0 || i > 64 {
		return message{}
	}
	s.Rest = s.Rest[i:]
	if !s.Try(` - "POST `) {
		return message{}
	}
	path := string(s.Until(" HTTP/"))
	s.Until(`" `)
	m := message{n: s.Number()}
	if s.Bad || m.n < 100 || m.n > 599 || !isInference(path) {
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
