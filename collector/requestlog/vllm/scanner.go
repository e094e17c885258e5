package vllm

import "github.com/sovmeter/sovmeter/collector/requestlog/linescan"

// scanner reads what stands in vLLM's lines besides words and whole numbers.
type scanner struct{ linescan.Scanner }

// tenths takes "12.3", a number with one decimal.
func (s *scanner) tenths() int64 {
	whole := s.Number()
	s.Text(".")
	return whole*10 + int64(s.Digits(1))
}

// word takes bytes up to the next space, comma, colon or line end.
func (s *scanner) word() []byte { return s.Field(" ,:") }
