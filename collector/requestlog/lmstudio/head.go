package lmstudio

import "github.com/sovmeter/sovmeter/collector/requestlog/linescan"

// level is how much an entry matters, as LM Studio says.
type level uint8

const (
	levelOther level = iota
	levelInfo
	levelDebug
	levelError
)

// stampLen is the length of "[2026-11-24 08:30:00]".
const stampLen = 21

// head is the beginning of an entry's first line.
type head struct {
	stamp []byte // "2026-11-24 08:30:00"
	level level
	rest  []byte // what follows the level, without leading spaces
}

// readHead reads the first line of an entry. It is false for any other line:
// only the first line of an entry has a stamp, and it has it in column one.
func readHead(line []byte) (head, bool) {
	if len(line) < stampLen+len("[INFO]") || line[0] != '[' || line[20] != ']' || line[stampLen] != '[' {
		return head{}, false
	}
	h := head{stamp: line[1:20]}
	for i, c := range h.stamp {
		switch i {
		case 4, 7:
			if c != '-' {
				return head{}, false
			}
		case 10:
			if c != ' ' {
				return head{}, false
			}
		case 13, 16:
			if c != ':' {
				return head{}, false
			}
		default:
			if c < '0' || c > '9' {
				return head{}, false
			}
		}
	}
	s := linescan.Scanner{Rest: line[stampLen:]}
	switch {
	case s.Try("[INFO]"):
		h.level = levelInfo
	case s.Try("[DEBUG]"):
		h.level = levelDebug
	case s.Try("[ERROR]"):
		h.level = levelError
	case s.Try("[WARN]"), s.Try("[WARNING]"):
	default:
		return head{}, false
	}
	s.Spaces()
	h.rest = s.Rest
	return h, true
}

// maxTag is the longest tag that is looked for, in bytes.
const maxTag = 160

// tag takes "[…]" and the spaces after it from the front of s. It is nil when
// there is none.
func tag(s *linescan.Scanner) []byte {
	if len(s.Rest) == 0 || s.Rest[0] != '[' {
		return nil
	}
	for i := 1; i < len(s.Rest) && i < maxTag; i++ {
		if s.Rest[i] != ']' {
			continue
		}
		t := s.Rest[1:i]
		s.Rest = s.Rest[i+1:]
		s.Spaces()
		return t
	}
	return nil
}
