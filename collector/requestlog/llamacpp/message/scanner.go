package message

import "time"

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
	if s.Bad || len(s.Rest) < len(t) || string(s.Rest[:len(t)]) != t {
		s.Bad = true
		return
	}
	s.Rest = s.Rest[len(t):]
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

// Word takes lower-case letters.
func (s *Scanner) Word() {
	i := 0
	for i < len(s.Rest) && s.Rest[i] >= 'a' && s.Rest[i] <= 'z' {
		i++
	}
	s.Bad = s.Bad || i == 0
	s.Rest = s.Rest[i:]
}

// Number takes digits and the byte after them, which must be end; 0 takes none.
func (s *Scanner) Number(end byte) int64 {
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
	if end != 0 {
		s.Byte(end)
	}
	return n
}

// Digits is Number with exactly want digits.
func (s *Scanner) Digits(want int, end byte) int64 {
	before := len(s.Rest)
	n := s.Number(end)
	if end != 0 {
		before--
	}
	s.Bad = s.Bad || before-len(s.Rest) != want
	return n
}

// Thousandths takes "0.194", a number with three decimals.
func (s *Scanner) Thousandths() int64 {
	whole := s.Number('.')
	part := s.Digits(3, 0)
	if s.Bad || whole*1000+part > 1000 {
		s.Bad = true
		return 0
	}
	return whole*1000 + part
}

// Millis takes "123.45", milliseconds with two decimals.
func (s *Scanner) Millis() time.Duration {
	whole := s.Number('.')
	hundredths := s.Digits(2, 0)
	if s.Bad || whole > int64(MaxDuration/time.Millisecond) {
		s.Bad = true
		return 0
	}
	return time.Duration(whole)*time.Millisecond + time.Duration(hundredths)*10*time.Microsecond
}
