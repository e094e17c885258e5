package vllm

import "bytes"

// maxNumber bounds every number read; all real ones are far smaller.
const maxNumber = 1 << 53

// scanner reads a line from the left. After the first thing that does not fit
// it is bad and stays so.
type scanner struct {
	rest []byte
	bad  bool
}

// text takes exactly t.
func (s *scanner) text(t string) {
	if !s.try(t) {
		s.bad = true
	}
}

// try takes t when it is next.
func (s *scanner) try(t string) bool {
	if s.bad || len(s.rest) < len(t) || string(s.rest[:len(t)]) != t {
		return false
	}
	s.rest = s.rest[len(t):]
	return true
}

// until takes all before the next sep, and sep.
func (s *scanner) until(sep string) []byte {
	i := bytes.Index(s.rest, []byte(sep))
	if s.bad || i < 0 {
		s.bad = true
		return nil
	}
	out := s.rest[:i]
	s.rest = s.rest[i+len(sep):]
	return out
}

// number takes digits.
func (s *scanner) number() int64 {
	n, i := int64(0), 0
	for i < len(s.rest) && s.rest[i] >= '0' && s.rest[i] <= '9' {
		if n = n*10 + int64(s.rest[i]-'0'); n > maxNumber {
			s.bad = true
			return 0
		}
		i++
	}
	s.bad = s.bad || i == 0
	s.rest = s.rest[i:]
	return n
}

// digits takes exactly want digits.
func (s *scanner) digits(want int) int {
	before := len(s.rest)
	n := s.number()
	s.bad = s.bad || before-len(s.rest) != want
	return int(n)
}

// tenths takes "12.3", a number with one decimal.
func (s *scanner) tenths() int64 {
	whole := s.number()
	s.text(".")
	return whole*10 + int64(s.digits(1))
}

// word takes bytes up to the next space, comma, colon or line end.
func (s *scanner) word() []byte {
	i := 0
	for i < len(s.rest) && s.rest[i] != ' ' && s.rest[i] != ',' && s.rest[i] != ':' {
		i++
	}
	s.bad = s.bad || i == 0
	out := s.rest[:i]
	s.rest = s.rest[i:]
	return out
}
