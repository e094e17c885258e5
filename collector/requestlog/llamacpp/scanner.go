package llamacpp

import (
	"time"
)

// maxNumber bounds every number read; all real ones are far smaller.
const maxNumber = 1 << 53

// scanner reads a message from the left. After the first thing that does not
// fit it is bad and stays so.
type scanner struct {
	rest []byte
	bad  bool
}

// text takes exactly t.
func (s *scanner) text(t string) {
	if s.bad || len(s.rest) < len(t) || string(s.rest[:len(t)]) != t {
		s.bad = true
		return
	}
	s.rest = s.rest[len(t):]
}

// try takes t when it is next.
func (s *scanner) try(t string) bool {
	if s.bad || len(s.rest) < len(t) || string(s.rest[:len(t)]) != t {
		return false
	}
	s.rest = s.rest[len(t):]
	return true
}

func (s *scanner) byte(c byte) {
	if s.bad || len(s.rest) == 0 || s.rest[0] != c {
		s.bad = true
		return
	}
	s.rest = s.rest[1:]
}

// spaces takes any number of spaces.
func (s *scanner) spaces() {
	for len(s.rest) > 0 && s.rest[0] == ' ' {
		s.rest = s.rest[1:]
	}
}

// word takes lower-case letters.
func (s *scanner) word() {
	i := 0
	for i < len(s.rest) && s.rest[i] >= 'a' && s.rest[i] <= 'z' {
		i++
	}
	s.bad = s.bad || i == 0
	s.rest = s.rest[i:]
}

// number takes digits and the byte after them, which must be end; 0 takes none.
func (s *scanner) number(end byte) int64 {
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
	if end != 0 {
		s.byte(end)
	}
	return n
}

// digits is number with exactly want digits.
func (s *scanner) digits(want int, end byte) int64 {
	before := len(s.rest)
	n := s.number(end)
	if end != 0 {
		before--
	}
	s.bad = s.bad || before-len(s.rest) != want
	return n
}

// thousandths takes "0.194", a number with three decimals.
func (s *scanner) thousandths() int64 {
	whole := s.number('.')
	part := s.digits(3, 0)
	if s.bad || whole*1000+part > 1000 {
		s.bad = true
		return 0
	}
	return whole*1000 + part
}

// millis takes "123.45", milliseconds with two decimals.
func (s *scanner) millis() time.Duration {
	whole := s.number('.')
	hundredths := s.digits(2, 0)
	if s.bad || whole > int64(maxStamp/time.Millisecond) {
		s.bad = true
		return 0
	}
	return time.Duration(whole)*time.Millisecond + time.Duration(hundredths)*10*time.Microsecond
}
