package jsonl

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// scanner cuts a line of JSON into raw values without copying them. A general
// decoder cannot tell that a field was given twice, nor hand over a number as
// it was written, and is several times slower.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) space() {
	for s.i < len(s.b) && isSpace(s.b[s.i]) {
		s.i++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// next takes the byte c after any space, and is false when another comes.
func (s *scanner) next(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// value takes the next value, whole.
func (s *scanner) value() ([]byte, bool) {
	s.space()
	if s.i == len(s.b) {
		return nil, false
	}
	start, ok := s.i, false
	switch c := s.b[s.i]; c {
	case '"':
		ok = s.text()
	case '{', '[':
		ok = s.nested()
	case 't':
		ok = s.word("true")
	case 'f':
		ok = s.word("false")
	case 'n':
		ok = s.word("null")
	default:
		ok = s.number()
	}
	return s.b[start:s.i], ok
}

func (s *scanner) word(w string) bool {
	if !bytes.HasPrefix(s.b[s.i:], []byte(w)) {
		return false
	}
	s.i += len(w)
	return true
}

// text takes a string with its quotes.
func (s *scanner) text() bool {
	s.i++
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return true
		case c == '\\':
			if !s.escape() {
				return false
			}
		case c < ' ':
			return false
		default:
			s.i++
		}
	}
	return false
}

func (s *scanner) escape() bool {
	rest := s.b[s.i:]
	if len(rest) < 2 {
		return false
	}
	if rest[1] != 'u' {
		s.i += 2
		return bytes.IndexByte([]byte(`"\/bfnrt`), rest[1]) >= 0
	}
	if len(rest) < 6 {
		return false
	}
	for _, c := range rest[2:6] {
		if !isHex(c) {
			return false
		}
	}
	s.i += 6
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// number takes a number as JSON's grammar has it: no sign before a positive
// one, no leading zeros, digits on both sides of the point.
func (s *scanner) number() bool {
	if s.b[s.i] == '-' {
		s.i++
	}
	switch zero := s.i; s.digits() {
	case 0:
		return false
	case 1:
	default:
		if s.b[zero] == '0' {
			return false
		}
	}
	if s.at('.') {
		s.i++
		if s.digits() == 0 {
			return false
		}
	}
	if !s.at('e') && !s.at('E') {
		return true
	}
	s.i++
	if s.at('+') || s.at('-') {
		s.i++
	}
	return s.digits() > 0
}

func (s *scanner) at(c byte) bool { return s.i < len(s.b) && s.b[s.i] == c }

func (s *scanner) digits() int {
	start := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i - start
}

// nested takes an object or array: to its last bracket first, in one pass
// whatever its depth, and then its grammar.
func (s *scanner) nested() bool {
	start, depth := s.i, 0
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case '"':
			if !s.text() {
				return false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.i++
		if depth == 0 {
			return json.Valid(s.b[start:s.i])
		}
	}
	return false
}

// object hands every field of the line to each, which stops by returning
// false. It is false when the line is not one whole JSON object.
func (s *scanner) object(each func(key, value []byte) bool) bool {
	if !s.next('{') {
		return false
	}
	for first := true; !s.next('}'); first = false {
		if !first && !s.next(',') {
			return false
		}
		if s.space(); !s.at('"') {
			return false
		}
		start := s.i
		if !s.text() {
			return false
		}
		key := s.b[start:s.i]
		if !s.next(':') {
			return false
		}
		value, ok := s.value()
		if !ok || !each(key, value) {
			return false
		}
	}
	s.space()
	return s.i == len(s.b)
}

// unquote returns the text of a string as scanned. It is a part of the line
// unless the string has escapes or bytes that are no text.
func unquote(quoted []byte) []byte {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil
	}
	return []byte(s)
}
