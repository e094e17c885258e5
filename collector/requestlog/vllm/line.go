package vllm

import (
	"bytes"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// stamp is a local wall clock reading in whole seconds without a year.
type stamp struct {
	month, day, hour, minute, second int
	ok                               bool
}

// in returns the moment the clock showed t: the last such second before a line
// that arrived at near, a day of slack included. It is false when none of the
// last years has that day.
func (t stamp) in(zone *time.Location, near time.Time) (time.Time, bool) {
	if zone == nil {
		zone = time.UTC
	}
	year := near.In(zone).Year()
	for y := year + 1; y > year-5; y-- {
		at := time.Date(y, time.Month(t.month), t.day, t.hour, t.minute, t.second, 0, zone)
		if at.Day() != t.day || at.After(near.Add(24*time.Hour)) {
			continue
		}
		return t.closest(at, near).UTC(), true
	}
	return time.Time{}, false
}

// closest resolves a second that the clock showed twice, when it was put back.
func (t stamp) closest(at, near time.Time) time.Time {
	best := at
	for _, shift := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
		other := at.Add(shift)
		h, m, s := other.Clock()
		if h == t.hour && m == t.minute && s == t.second && near.Sub(other).Abs() < near.Sub(best).Abs() {
			best = other
		}
	}
	return best
}

// dressed is a line without what every line has.
type dressed struct {
	at      stamp // not ok on uvicorn's lines
	uvicorn bool
	msg     []byte
}

// undress takes "(NAME pid=N) LEVEL MM-DD HH:MM:SS [file.py:NN] message" and
// uvicorn's "INFO:     message", both with or without the process and colours.
func undress(line []byte) (dressed, bool) {
	s := scanner{linescan.Scanner{Rest: skipColour(line)}}
	if s.Try("(") {
		s.Until(" pid=")
		s.Number()
		s.Text(")")
		s.Rest = skipColour(s.Rest)
		s.Try(" ")
		s.Rest = skipColour(s.Rest)
	}
	level := false
	for _, name := range []string{"INFO", "WARNING", "ERROR", "DEBUG"} {
		if s.Try(name) {
			level = true
			break
		}
	}
	if s.Bad || !level {
		return dressed{}, false
	}
	s.Rest = skipColour(s.Rest)
	if s.Try(":    ") {
		return dressed{uvicorn: true, msg: bytes.TrimLeft(s.Rest, " ")}, true
	}
	d := dressed{at: s.readStamp()}
	s.Until("] ")
	d.msg = skipColour(s.Rest)
	return d, !s.Bad
}

// readStamp takes " 11-24 10:00:00 " and an opening bracket if there is one.
func (s *scanner) readStamp() stamp {
	var t stamp
	s.Text(" ")
	t.month = s.Digits(2)
	s.Text("-")
	t.day = s.Digits(2)
	s.Text(" ")
	t.hour = s.Digits(2)
	s.Text(":")
	t.minute = s.Digits(2)
	s.Text(":")
	t.second = s.Digits(2)
	s.Rest = skipColour(s.Rest)
	s.Text(" ")
	s.Rest = skipColour(s.Rest)
	s.Try("[")
	t.ok = !s.Bad && t.month >= 1 && t.month <= 12 && t.day >= 1 && t.day <= 31 &&
		t.hour < 24 && t.minute < 60 && t.second < 61
	s.Bad = !t.ok
	return t
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
