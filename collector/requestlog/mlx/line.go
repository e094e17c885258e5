package mlx

import (
	"bytes"
	"hash/fnv"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// kind is which message of the allow-list a line is.
type kind uint8

const (
	none       kind = iota
	broken          // on the allow-list by its beginning, but not understood
	begun           // a run of the server begins
	ready           // it serves: a load that was under way has ended
	posted          // http.server answers an inference request: it begins. n is the status
	answered        // uvicorn answers an inference request: it begins or ends. n is the status
	progress        // n of total fresh prompt tokens are processed
	summary         // a request has ended, with what it took
	reused          // cached prompt tokens of a request, total the whole prompt
	scheduled       // request id begins: fresh, cached, total prompt tokens
	firstToken      // of request id
	streamed        // request id has streamed its last token
	stored          // request id has ended; total tokens
	aborted         // request id has ended, the client has gone
	lost            // all requests in flight have failed
	loading         // a model load begins
	loaded          // it ends
)

// message is what a line says.
type message struct {
	kind   kind
	at     stamp  // not ok on lines without a stamp
	id     uint64 // of a request: a hash, ids may be chosen by clients
	n      int64
	total  int64
	cached int64
	took   time.Duration
	first  time.Duration // from the request's start to its first token
	// wholeKnown, firstKnown: total and first are told.
	wholeKnown, firstKnown bool
	// decode: took spans the decode phase alone.
	decode  bool
	outcome attribution.Outcome
	text    string // model id
	// kin: vllm-mlx or one of its kin wrote the line, whatever it says.
	kin bool
}

// as returns m as a message of kind k, or as a broken one when s went bad.
func (m message) as(k kind, s scanner) message {
	if s.Bad {
		return message{kind: broken, kin: m.kin}
	}
	m.kind = k
	return m
}

// read recognises the messages of the allow-list.
func read(line []byte) message {
	line = skipColour(line)
	if len(line) < 8 {
		return message{}
	}
	s := scanner{linescan.Scanner{Rest: line}}
	switch c := line[0]; {
	case c == '2' && line[4] == '-' && line[7] == '-':
		return readStamped(s)
	case c == 'I' || c == 'W' || c == 'E':
		return readLevelled(s)
	}
	return readAccess(s)
}

// readStamped takes "stamp - [logger - ]LEVEL - [[id] - ]message".
func readStamped(s scanner) message {
	m := message{at: s.readStamp()}
	s.Text(" - ")
	logger := s.Until(" - ")
	if s.Bad {
		return message{}
	}
	if isLevel(logger) {
		logger = nil
	} else if !isLevel(s.Until(" - ")) {
		return message{}
	}
	if s.Try("[") && (s.Until("] - ") == nil || s.Bad) {
		return message{}
	}
	return m.dispatch(logger, s)
}

// readLevelled takes "LEVEL:logger:message" and uvicorn's "INFO:     message".
func readLevelled(s scanner) message {
	if !isLevel(s.Until(":")) {
		return message{}
	}
	if s.Try("  ") {
		s.Rest = bytes.TrimLeft(s.Rest, " ")
		return readUvicorn(s)
	}
	logger := s.Until(":")
	if s.Bad || bytes.IndexByte(logger, ' ') >= 0 {
		return message{}
	}
	return message{}.dispatch(logger, s)
}

func isLevel(b []byte) bool {
	switch string(b) {
	case "INFO", "WARNING", "ERROR":
		return true
	}
	return false
}

// dispatch reads a message by the logger that wrote it.
func (m message) dispatch(logger []byte, s scanner) message {
	name := string(logger)
	switch {
	case name == "", name == "root":
		return m.readServer(s)
	case strings.HasPrefix(name, "omlx."):
		return m.readOMLX(name[len("omlx."):], s)
	}
	for _, root := range []string{"vllm_mlx.", "rapid_mlx.", "vmlx_engine."} {
		if strings.HasPrefix(name, root) {
			m.kin = true
			return m.readScheduler(s)
		}
	}
	return message{}
}

// skipColour skips ANSI colour sequences at the start of b.
func skipColour(b []byte) []byte {
	for len(b) > 2 && b[0] == '\x1b' && b[1] == '[' {
		end := bytes.IndexByte(b[:min(len(b), 16)], 'm')
		if end < 0 || len(bytes.Trim(b[2:end], "0123456789;")) > 0 {
			return b
		}
		b = b[end+1:]
	}
	return b
}

// hashID stands for a request's id: clients may choose ids, so they are text.
func hashID(id []byte) uint64 {
	h := fnv.New64a()
	h.Write(id) //nolint:errcheck // a hash never fails
	return h.Sum64()
}

// modelID turns what a server was told to load into a model id: a path on disk
// into its last part, for the folders before it are nobody's business.
func modelID(b []byte) string {
	if len(b) > 0 && (b[0] == '/' || b[0] == '~' || b[0] == '.') {
		b = bytes.TrimRight(b, "/")
		b = b[bytes.LastIndexByte(b, '/')+1:]
	}
	return requestlog.Model(string(b))
}
