package message

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// thousandths takes "0.194", a number with three decimals, up to 1.
func thousandths(s *linescan.Scanner) int64 {
	whole := s.NumberTo('.')
	part := int64(s.Digits(3))
	if s.Bad || whole*1000+part > 1000 {
		s.Bad = true
		return 0
	}
	return whole*1000 + part
}

// Millis takes "123.45", milliseconds with two decimals.
func Millis(s *linescan.Scanner) time.Duration {
	whole := s.NumberTo('.')
	hundredths := s.Digits(2)
	if s.Bad || whole > int64(MaxDuration/time.Millisecond) {
		s.Bad = true
		return 0
	}
	return time.Duration(whole)*time.Millisecond + time.Duration(hundredths)*10*time.Microsecond
}
