package vllm

import (
	"bytes"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// readLife reads what the server says of itself.
func readLife(s scanner) message {
	switch {
	case s.Try("vLLM API server version "):
		return message{kind: begun}
	case s.Try("non-default args: {"):
		return readOptions(s.Rest)
	case s.Try("Initializing a V"):
		if i := bytes.Index(s.Rest, []byte("served_model_name=")); i >= 0 {
			s.Rest = s.Rest[i+len("served_model_name="):]
			return message{kind: loading, text: modelID(s.word())}
		}
		return message{}
	case s.Try("Starting to load model "):
		name, ok := bytes.CutSuffix(s.Rest, []byte("..."))
		if !ok {
			return message{}
		}
		return message{kind: loading, text: modelID(name)}
	case s.Try("init engine ("):
		return message{kind: loaded}
	}
	return message{}
}

// readOptions takes from the echo of the command line what matters here.
func readOptions(b []byte) message {
	m := message{kind: options}
	for _, key := range []string{"'served_model_name': ['", "'model': '", "'model_tag': '"} {
		_, rest, ok := bytes.Cut(b, []byte(key))
		name, _, closed := bytes.Cut(rest, []byte("'"))
		if ok && closed {
			m.text = modelID(name)
			break
		}
	}
	m.noStats = bytes.Contains(b, []byte("'disable_log_stats': True"))
	m.noIDs = bytes.Contains(b, []byte("'max_log_len': "))
	m.outputs = bytes.Contains(b, []byte("'enable_log_outputs': True"))
	for _, quiet := range []string{"'disable_uvicorn_access_log': True", "'uvicorn_log_level': 'warning'", "'uvicorn_log_level': 'error'", "'uvicorn_log_level': 'critical'"} {
		m.noAccess = m.noAccess || bytes.Contains(b, []byte(quiet))
	}
	return m
}

// modelID turns what the server was told to serve into a model id: a path on
// disk into its last part, for the folders before it are nobody's business.
func modelID(b []byte) string {
	b = bytes.Trim(b, "'\"")
	if len(b) > 0 && (b[0] == '/' || b[0] == '~' || b[0] == '.') {
		b = bytes.TrimRight(b, "/")
		b = b[bytes.LastIndexByte(b, '/')+1:]
	}
	return requestlog.Model(string(b))
}
