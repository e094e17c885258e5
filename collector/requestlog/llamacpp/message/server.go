package message

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// readServer reads what follows "srv ": a padded function name and the text.
func readServer(s linescan.Scanner, escaped bool) Message {
	s.Byte(' ')
	s.Spaces()
	end := bytes.Index(s.Rest[:min(len(s.Rest), 14)], []byte(": "))
	if s.Bad || end < 0 {
		return Message{}
	}
	name := s.Rest[:end]
	s.Rest = s.Rest[end+2:]
	switch string(name) {
	case "llama_server":
		return readLife(s)
	case "load_model":
		return readLoad(s, escaped)
	case "stop", "cancel_tasks":
		return readTask(s, "cancel task, id_task = ", Cancel)
	case "send_error":
		return readFailure(s)
	case "update_slots":
		if s.Try("all slots are idle") {
			return whole(s, Idle)
		}
	case "load":
		return readRouterLoad(s)
	case "run", "operator()":
		return readExit(s)
	}
	return Message{}
}

func readTask(s linescan.Scanner, text string, k Kind) Message {
	if !s.Try(text) {
		return Message{}
	}
	m := Message{Task: s.Number()}
	return m.as(k, s)
}

// readFailure reads why a request failed as far as it tells whether the server
// worked on it: one that is too long is turned away before that.
func readFailure(s linescan.Scanner) Message {
	if !s.Try("task id = ") {
		return Message{}
	}
	m := Message{Task: s.Number()}
	if s.Try(", error: ") {
		m.Flag = s.Try("request (") || s.Try("the request exceeds ") || s.Try("input (") || s.Try("input is too large ")
	}
	return m.as(Failed, s)
}

func readLife(s linescan.Scanner) Message {
	switch {
	case s.Try("initializing"):
		s.Try(" ...")
		return whole(s, Initializing)
	case s.Try("model loaded"):
		return whole(s, Loaded)
	}
	return Message{}
}

// readMain reads what follows "main: ", the voice of builds before June 2026.
func readMain(s linescan.Scanner) Message {
	switch {
	case s.Try("loading model"):
		return whole(s, Initializing)
	case s.Try("model loaded"):
		return whole(s, Loaded)
	}
	return Message{}
}

func readLoad(s linescan.Scanner, escaped bool) Message {
	switch {
	case s.Try("loading model '"):
		path, ok := strings.CutSuffix(string(s.Rest), "'")
		if !ok {
			return Message{Kind: Broken}
		}
		return Message{Kind: Loading, Text: modelID(path, escaped)}
	case s.Try("failed to load model"):
		return Message{Kind: LoadFailed}
	}
	return Message{}
}

// readLoader reads which file was opened: the only word on the model before
// September 2024.
func readLoader(s linescan.Scanner, escaped bool) Message {
	if !s.Try("loaded meta data with ") {
		return Message{}
	}
	s.Number()
	s.Text(" key-value pairs and ")
	s.Number()
	s.Text(" tensors from ")
	end := bytes.LastIndex(s.Rest, []byte(" (version "))
	if s.Bad || end < 0 {
		return Message{Kind: Broken}
	}
	return Message{Kind: Opened, Text: modelID(string(s.Rest[:end]), escaped)}
}

// readRouterLoad reads what a router says when it starts a server, and what a
// server says when it takes a prompt from its store into the slot it chose.
func readRouterLoad(s linescan.Scanner) Message {
	switch {
	case s.Try("spawning server instance with name="):
		at := bytes.LastIndex(s.Rest, []byte(" on port "))
		if at < 0 {
			return Message{}
		}
		m := Message{Text: requestlog.Model(string(s.Rest[:at]))}
		s.Rest = s.Rest[at+len(" on port "):]
		m.N = s.Number()
		if s.Bad || len(s.Rest) > 0 || m.N < 1 || m.N > 65535 {
			return Message{Kind: Broken}
		}
		m.Kind = Spawned
		return m
	case s.Try(" - found better prompt with f_keep = "):
		thousandths(&s)
		if !s.Try(", f_sim = ") { // builds before mid 2026
			s.Text(", sim = ")
		}
		m := Message{N: thousandths(&s)}
		return m.as(Found, s)
	}
	return Message{}
}

func readExit(s linescan.Scanner) Message {
	if !s.Try("instance name=") {
		return Message{}
	}
	at := bytes.LastIndex(s.Rest, []byte(" exited with status "))
	if at < 0 {
		return Message{}
	}
	return Message{Kind: Exited, Text: requestlog.Model(string(s.Rest[:at]))}
}

// modelID turns a model's path into its id: the base name without .gguf and
// without the number of a split file's part.
func modelID(path string, escaped bool) string {
	if escaped {
		if json.Unmarshal([]byte(`"`+path+`"`), &path) != nil {
			return ""
		}
	}
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		path = path[i+1:]
	}
	id := strings.TrimSuffix(path, ".gguf")
	const part = "-00001-of-00001"
	if n := len(id) - len(part); n > 0 && isPart(id[n:]) {
		id = id[:n]
	}
	return requestlog.Model(id)
}

// isPart is true for "-00001-of-00003".
func isPart(s string) bool {
	w := linescan.Scanner{Rest: []byte(s)}
	w.Byte('-')
	w.Digits(5)
	w.Text("-of-")
	w.Digits(5)
	return !w.Bad && len(w.Rest) == 0
}
