package ollama

import (
	"bytes"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// source says whether a line's source=FILE:LINE names one of Ollama's files.
type source uint8

const (
	fromElsewhere source = iota
	fromOllama
)

// slogLine is a line of Go's log/slog: time=… level=… source=FILE:LINE msg=…
// and attributes.
type slogLine struct {
	at     time.Time // with its own offset from UTC
	source source
	msg    []byte // what follows msg=, attributes included, as it stands in the line
}

// readSlog reads a line of the shape that Ollama's slog handler gives it.
func readSlog(line []byte) (slogLine, bool) {
	rest, ok := bytes.CutPrefix(line, []byte("time="))
	if !ok {
		return slogLine{}, false
	}
	s := linescan.Scanner{Rest: rest}
	at, ok := readTime(&s)
	if !ok || !s.Try(" level=") {
		return slogLine{}, false
	}
	_, rest, ok = bytes.Cut(s.Rest, []byte(" source="))
	if !ok || len(s.Rest)-len(rest) > 24 {
		return slogLine{}, false
	}
	file, rest, ok := bytes.Cut(rest, []byte(" msg="))
	if !ok || len(file) > 64 || bytes.ContainsAny(file, ` "`) {
		return slogLine{}, false
	}
	out := slogLine{at: at, msg: rest}
	if name, _, found := bytes.Cut(file, []byte(".go:")); found && isOllamaFile(name) {
		out.source = fromOllama
	}
	return out, true
}

func isOllamaFile(name []byte) bool {
	switch string(name) {
	case "routes", "sched", "server", "llama_server", "images", "runner", "types", "client", "cloud_proxy", "download", "gpu":
		return true
	}
	return false
}

// readTime takes 2026-11-23T12:20:30.824Z, any number of decimals, Z or an
// offset such as -06:00.
func readTime(s *linescan.Scanner) (time.Time, bool) {
	year, month, day := s.NumberTo('-'), s.NumberTo('-'), s.NumberTo('T')
	hour, minute := s.NumberTo(':'), s.NumberTo(':')
	second := s.Number()
	nanos := int64(0)
	if s.Try(".") {
		digits := len(s.Rest)
		nanos = s.Number()
		digits -= len(s.Rest)
		if digits > 9 {
			return time.Time{}, false
		}
		for ; digits < 9; digits++ {
			nanos *= 10
		}
	}
	zone, ok := readZone(s)
	if s.Bad || !ok || !plausible(year, month, day, hour, minute, second) {
		return time.Time{}, false
	}
	return time.Date(int(year), time.Month(month), int(day), int(hour), int(minute), int(second), int(nanos), zone), true
}

func readZone(s *linescan.Scanner) (*time.Location, bool) {
	sign := int64(1)
	switch {
	case s.Try("Z"):
		return time.UTC, true
	case s.Try("-"):
		sign = -1
	case s.Try("+"):
	default:
		return nil, false
	}
	hours, minutes := s.NumberTo(':'), s.Number()
	if s.Bad || hours > 15 || minutes > 59 {
		return nil, false
	}
	return time.FixedZone("", int(sign*(hours*3600+minutes*60))), true
}

func plausible(year, month, day, hour, minute, second int64) bool {
	return year >= 2000 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
		hour < 24 && minute < 60 && second < 60
}

// said is true when the message is exactly text.
func (s slogLine) said(text string) bool {
	return bytes.HasPrefix(s.msg, []byte(`"`+text+`"`))
}

// begins is true when the message begins with text.
func (s slogLine) begins(text string) bool {
	return bytes.HasPrefix(s.msg, []byte(`"`+text))
}

// attribute returns the text of an attribute, without its quotes. It is read as
// it stands: what is looked for in it has nothing that slog escapes.
func (s slogLine) attribute(name string) []byte {
	_, v, ok := bytes.Cut(s.msg, []byte(" "+name+"="))
	if !ok || len(v) == 0 {
		return nil
	}
	if v[0] != '"' {
		v, _, _ = bytes.Cut(v, []byte(" "))
		return v
	}
	for i := 1; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			return v[1:i]
		}
	}
	return nil
}

// number returns a numeric attribute; 0 when there is none.
func (s slogLine) number(name string) int64 { return wholeNumber(s.attribute(name)) }

// wholeNumber returns b as a number, or 0.
func wholeNumber(b []byte) int64 {
	n := linescan.Scanner{Rest: b}
	v := n.Number()
	if n.Bad || len(n.Rest) > 0 {
		return 0
	}
	return v
}
