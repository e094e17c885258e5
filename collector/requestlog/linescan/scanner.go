// Package linescan reads a line of a log from the left, piece by piece, for the
// formats whose lines are text with fixed words between the values:
//
//	s := linescan.Scanner{Rest: line}
//	s.Text("task ")
//	id := s.Number()
//	s.Text(" | ")
//	if s.Bad {
//		return // not such a line
//	}
//
// Nothing is copied, and only Until, SkipTo and Field look ahead, so that
// no text in front of what a server writes can pose as it.
package linescan

import "bytes"

// maxNumber bounds every number read; all real ones are far smaller.
const maxNumber = 1 << 53

// Scanner reads a line from the left. After the first thing that does not fit it
// is bad and stays so, and what it returns means nothing.
type Scanner struct {
	Rest []byte // what was not taken yet
	Bad  bool
}

// Text takes exactly t.
func (s *Scanner) Text(t string) {
	if !s.Try(t) {
		s.Bad = true
	}
}

// Try takes t when it is next.
func (s *Scanner) Try(t string) bool {
	if s.Bad || len(s.Rest) < len(t) || string(s.Rest[:len(t)]) != t {
		return false
	}
	s.Rest = s.Rest[len(t):]
	return true
}

// Byte takes c.
func (s *Scanner) Byte(c byte) {
	if s.Bad || len(s.Rest) == 0 || s.Rest[0] != c {
		s.Bad = true
		return
	}
	s.Rest = s.Rest[1:]
}

// Spaces takes any number of spaces.
func (s *Scanner) Spaces() {
	for len(s.Rest) > 0 && s.Rest[0] == ' ' {
		s.Rest = s.Rest[1:]
	}
}

// Until takes all before the next sep, and sep.
func (s *Scanner) Until(sep string) []byte {
	i := bytes.Index(s.Rest, []byte(sep))
	if s.Bad || i < 0 {
		s.Bad = true
		return nil
	}
	out := s.Rest[:i]
	s.Rest = s.Rest[i+len(sep):]
	return out
}

// SkipTo is Until for a part that may be missing: it takes nothing then.
func (s *Scanner) SkipTo(sep string) bool {
	i := bytes.Index(s.Rest, []byte(sep))
	if s.Bad || i < 0 {
		return false
	}
	s.Rest = s.Rest[i+len(sep):]
	return true
}

// Field takes the bytes up to the next of stops or the line's end, at least one.
func (s *Scanner) Field(stops string) []byte {
	i := 0
	for i < len(s.Rest) && !oneOf(s.Rest[i], stops) {
		i++
	}
	s.Bad = s.Bad || i == 0
	out := s.Rest[:i]
	s.Rest = s.Rest[i:]
	return out
}

// oneOf is a loop because a call for each byte of a line is felt.
func oneOf(c byte, stops string) bool {
	for i := range len(stops) {
		if stops[i] == c {
			return true
		}
	}
	return false
}

// Word takes lower-case letters.
func (s *Scanner) Word() {
	i := 0
	for i < len(s.Rest) && s.Rest[i] >= 'a' && s.Rest[i] <= 'z' {
		i++
	}
	s.Bad = s.Bad || i == 0
	s.Rest = s.Rest[i:]
}

// Number takes digits.
func (s *Scanner) Number() int64 {
	n, i := int64(0), 0
	for i < len(s.Rest) && s.Rest[i] >= '0' && s.Rest[i] <= '9' {
		if n = n*10 + int64(s.Rest[i]-'0'); n > maxNumber {
			s.Bad = true
			return 0
		}
		i++
	}
	s.Bad = s.Bad || i == 0
	s.Rest = s.Rest[i:]
	return n
}

// NumberTo takes digits and the byte end after them.
func (s *Scanner) NumberTo(end byte) int64 {
	n := s.Number()
	s.Byte(end)
	return n
}

// Digits takes a number of exactly want digits.
func (s *Scanner) Digits(want int) int {
	before := len(s.Rest)
	n := s.Number()
	s.Bad = s.Bad || before-len(s.Rest) != want
	return int(n)
}
