package message

import (
	"bytes"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// ReadDated reads a line of the server's log from February to September 2024
// (and of ik_llama.cpp, which keeps it), in either of its dresses:
//
//	{"tid":"…","timestamp":1717067386,"level":"INFO","function":"…","line":321,"msg":"…","id_slot":0,…}
//	INFO [           print_timings] … | tid="…" timestamp=1717067386 id_slot=0 …
//
// The keys come in any order; slot_id and task_id stand for id_slot and id_task
// in the first builds. The time is Unix, whole seconds. It is false for lines of
// neither dress. The message is of kind None when it is not on the list.
func ReadDated(line []byte) (m Message, at time.Time, ok bool) {
	var f dated
	switch {
	case len(line) > 0 && line[0] == '{':
		ok = f.readJSON(line)
	default:
		ok = f.readText(line)
	}
	if !ok || f.stamp <= 0 {
		return Message{}, time.Time{}, false
	}
	return f.message(), time.Unix(f.stamp, 0).UTC(), true
}

// dated is what is kept of a dated line.
type dated struct {
	function, msg, path     []byte
	stamp, slot, task, past int64 // 0 or less: not told, for stamp
	slotKnown, taskKnown    bool
	pastKnown, truncated    bool
}

// readText takes "LEVEL [function] message | key=value key=value".
func (f *dated) readText(line []byte) bool {
	s := linescan.Scanner{Rest: line}
	s.Spaces()
	level := 0
	for level < len(s.Rest) && s.Rest[level] >= 'A' && s.Rest[level] <= 'Z' {
		level++
	}
	s.Rest = s.Rest[level:]
	s.Spaces()
	s.Byte('[')
	s.Spaces()
	end := bytes.Index(s.Rest[:min(len(s.Rest), 64)], []byte("] "))
	if s.Bad || level == 0 || end < 0 {
		return false
	}
	f.function = s.Rest[:end]
	msg, rest, found := bytes.Cut(s.Rest[end+2:], []byte(" | "))
	if !found {
		return false
	}
	f.msg = msg
	for len(rest) > 0 {
		var pair []byte
		pair, rest, _ = bytes.Cut(rest, []byte(" "))
		if key, value, isPair := bytes.Cut(pair, []byte("=")); isPair {
			f.set(key, value)
		}
	}
	return true
}

// readJSON takes a flat object. Values that are not flat are skipped.
func (f *dated) readJSON(line []byte) bool {
	rest := line[1:]
	for {
		key, after, ok := cutString(rest)
		if !ok || len(after) == 0 || after[0] != ':' {
			return false
		}
		value, after, ok := cutValue(after[1:])
		if !ok || len(after) == 0 {
			return false
		}
		f.set(key, value)
		if after[0] == '}' {
			return len(after) == 1
		}
		if after[0] != ',' {
			return false
		}
		rest = after[1:]
	}
}

// set keeps a value of the allow-list. Strings may be in quotes.
func (f *dated) set(key, value []byte) {
	switch string(key) {
	case "timestamp":
		f.stamp, _ = number(value)
	case "function":
		f.function = unquote(value)
	case "msg":
		f.msg = unquote(value)
	case "path":
		f.path = unquote(value)
	case "id_slot", "slot_id":
		f.slot, f.slotKnown = number(value)
	case "id_task", "task_id":
		f.task, f.taskKnown = number(value)
	case "n_past":
		f.past, f.pastKnown = number(value)
	case "truncated":
		f.truncated = string(value) == "true"
	}
}

func (f *dated) message() Message {
	m := Message{Slot: f.slot, Task: f.task}
	s := linescan.Scanner{Rest: f.msg}
	switch {
	case s.Try("build info"):
		return whole(s, Initializing)
	case s.Try("model loaded"):
		return whole(s, Loaded)
	case s.Try("all slots are idle"):
		return whole(s, Idle)
	case s.Try("request"):
		return f.request()
	case !f.slotKnown || !f.taskKnown:
		return Message{}
	case s.Try("slot is processing task"):
		return m.wholly(Launch, s)
	case s.Try("slot released"):
		m.N, m.Flag, m.Early = f.past, f.truncated, string(f.function) == "release"
		if !f.pastKnown {
			return Message{Kind: Broken}
		}
		return m.wholly(Release, s)
	case string(f.function) == "print_timings":
		return m.datedTiming(s)
	}
	return Message{}
}

// wholly returns m as a message of kind k, or as a broken one if anything follows.
func (m Message) wholly(k Kind, s linescan.Scanner) Message {
	s.Bad = s.Bad || len(s.Rest) > 0
	return m.as(k, s)
}

func (m Message) datedTiming(s linescan.Scanner) Message {
	unit := " tokens"
	var k Kind
	switch {
	case s.Try("prompt eval time     = "):
		k = PromptTime
	case s.Try("generation eval time = "):
		k, unit = EvalTime, " runs"
	case s.Try("          total time = "):
		k = TotalTime
	default:
		return Message{}
	}
	m.Took, m.N = timing(&s, unit)
	return m.as(k, s)
}

// request reads an access line: embeddings have no timings, and nothing else
// tells them from a request that its client left.
func (f *dated) request() Message {
	switch string(f.path) {
	case "/embedding", "/embeddings", "/v1/embeddings":
		return Message{Kind: Embeds}
	}
	return Message{}
}
