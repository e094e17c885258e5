package ollama

import (
	"bytes"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// ginMark begins an access line.
const ginMark = "[GIN] 2"

// maxDuration bounds how long a call takes.
const maxDuration = 30 * 24 * time.Hour

// ginLine is an access line of the web framework, written when a call has ended:
//
//	[GIN] 2026/11/23 - 12:20:31 | 200 |  396.423794ms |       127.0.0.1 | POST     "/api/chat"
type ginLine struct {
	date, clock [3]int // local, in whole seconds, rounded down
	status      int64
	// took is how long the call took. Beyond a minute its fraction of a second
	// is cut off.
	took   time.Duration
	infers bool // its path runs a model
}

// readGin reads an access line. ok is false for any other line, infers for the
// paths that run no model. Names of clients and of paths are not kept.
func readGin(line []byte) (g ginLine, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("[GIN] "))
	if !ok {
		return ginLine{}, false
	}
	if bytes.IndexByte(rest, '\x1b') >= 0 {
		rest = plain(rest)
	}
	s := linescan.Scanner{Rest: rest}
	year, month, day := s.NumberTo('/'), s.NumberTo('/'), s.NumberTo(' ')
	s.Text("- ")
	hour, minute, second := s.NumberTo(':'), s.NumberTo(':'), s.NumberTo(' ')
	s.Text("|")
	s.Spaces()
	g.status = s.NumberTo(' ')
	s.Text("|")
	s.Spaces()
	if s.Bad || !plausible(year, month, day, hour, minute, second) || g.status < 100 || g.status > 599 {
		return ginLine{}, false
	}
	g.date, g.clock = [3]int{int(year), int(month), int(day)}, [3]int{int(hour), int(minute), int(second)}
	took, rest, ok := bytes.Cut(s.Rest, []byte(" "))
	if !ok || len(took) > 32 {
		return ginLine{}, false
	}
	d, err := time.ParseDuration(string(took))
	if err != nil || d < 0 || d > maxDuration {
		return ginLine{}, false
	}
	g.took = d
	g.infers = infers(rest)
	return g, true
}

// infers is true when the end of an access line names a path that runs a model.
func infers(rest []byte) bool {
	_, rest, ok := bytes.Cut(rest, []byte("| "))
	if !ok {
		return false
	}
	if i := bytes.Index(rest, []byte("| ")); i >= 0 {
		rest = rest[i+2:]
	}
	rest, ok = bytes.CutPrefix(rest, []byte("POST"))
	if !ok {
		return false
	}
	rest, ok = bytes.CutPrefix(bytes.TrimLeft(rest, " "), []byte(`"`))
	if !ok {
		return false
	}
	path, _, ok := bytes.Cut(rest, []byte(`"`))
	path, _, _ = bytes.Cut(path, []byte("?"))
	return ok && isInference(path)
}

func isInference(path []byte) bool {
	switch string(path) {
	case "/api/generate", "/api/chat", "/api/embed", "/api/embeddings",
		"/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages",
		"/v1/audio/transcriptions", "/v1/images/generations", "/v1/images/edits":
		return true
	}
	return false
}

// end returns the second in which the call ended.
func (g ginLine) end(zone *time.Location) time.Time {
	return time.Date(g.date[0], time.Month(g.date[1]), g.date[2], g.clock[0], g.clock[1], g.clock[2], 0, zone)
}

const (
	// leastInference is the least time in which a model does anything: calls that
	// only unload one, or find nothing to do, are quicker.
	leastInference = 2 * time.Millisecond
	// leastFailure is the time from which a call that failed is taken to have
	// failed at work, not at the door.
	leastFailure = 100 * time.Millisecond
)

// outcome returns how the call ended. It is false when it burned nothing.
func (g ginLine) outcome() (attribution.Outcome, bool) {
	switch {
	case g.status >= 200 && g.status < 300:
		return attribution.OutcomeOK, g.took >= leastInference
	case g.status == 499:
		return attribution.OutcomeCancelled, g.took >= leastInference
	case g.status == 500 || g.status == 502 || g.status == 504:
		return attribution.OutcomeError, g.took >= leastFailure
	}
	return "", false
}

// plain returns b without ANSI colours.
func plain(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\x1b' {
			out = append(out, b[i])
			continue
		}
		end := bytes.IndexByte(b[i:min(len(b), i+16)], 'm')
		if end < 0 {
			return out
		}
		i += end
	}
	return out
}
