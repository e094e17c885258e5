package mlx

import (
	"bytes"
	"time"
)

// maxNumber bounds every number read; all real ones are far smaller.
const maxNumber = 1 << 53

// maxTook bounds every duration read: a request of a month is a forgery.
const maxTook = 31 * 24 * time.Hour

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

// skipTo is until for a part that may be missing: it takes nothing then.
func (s *scanner) skipTo(sep string) bool {
	i := bytes.Index(s.rest, []byte(sep))
	if s.bad || i < 0 {
		return false
	}
	s.rest = s.rest[i+len(sep):]
	return true
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

// seconds takes "12.34s", seconds with one to three decimals.
func (s *scanner) seconds() time.Duration {
	whole := s.number()
	s.text(".")
	before := len(s.rest)
	part := s.number()
	unit := time.Second
	for range before - len(s.rest) {
		unit /= 10
	}
	s.bad = s.bad || unit < time.Millisecond || whole > int64(maxTook/time.Second)
	s.text("s")
	if s.bad {
		return 0
	}
	return time.Duration(whole)*time.Second + time.Duration(part)*unit
}

// word takes bytes up to the next space, comma or line end.
func (s *scanner) word() []byte {
	i := 0
	for i < len(s.rest) && s.rest[i] != ' ' && s.rest[i] != ',' {
		i++
	}
	s.bad = s.bad || i == 0
	out := s.rest[:i]
	s.rest = s.rest[i:]
	return out
}
