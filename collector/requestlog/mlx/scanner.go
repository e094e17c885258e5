package mlx

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// maxTook bounds every duration read: a request of a month is a forgery.
const maxTook = 31 * 24 * time.Hour

// scanner reads what stands in these servers' lines besides words and numbers.
type scanner struct{ linescan.Scanner }

// seconds takes "12.34s", seconds with one to three decimals.
func (s *scanner) seconds() time.Duration {
	whole := s.Number()
	s.Text(".")
	before := len(s.Rest)
	part := s.Number()
	unit := time.Second
	for range before - len(s.Rest) {
		unit /= 10
	}
	s.Bad = s.Bad || unit < time.Millisecond || whole > int64(maxTook/time.Second)
	s.Text("s")
	if s.Bad {
		return 0
	}
	return time.Duration(whole)*time.Second + time.Duration(part)*unit
}

// word takes bytes up to the next space, comma or line end.
func (s *scanner) word() []byte { return s.Field(" ,") }
