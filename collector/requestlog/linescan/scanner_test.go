package linescan_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

func TestScanner(t *testing.T) {
	tests := []struct {
		name, line string
		read       func(s *linescan.Scanner) any
		want       any
		rest       string
		bad        bool
	}{
		{"text", "task 5", func(s *linescan.Scanner) any { s.Text("task "); return nil }, nil, "5", false},
		{"other text", "tusk 5", func(s *linescan.Scanner) any { s.Text("task "); return nil }, nil, "tusk 5", true},
		{"text past the end", "ta", func(s *linescan.Scanner) any { s.Text("task"); return nil }, nil, "ta", true},
		{"try", "ab", func(s *linescan.Scanner) any { return s.Try("a") }, true, "b", false},
		{"try in vain", "ab", func(s *linescan.Scanner) any { return s.Try("b") }, false, "ab", false},
		{"byte at the end", "", func(s *linescan.Scanner) any { s.Byte('x'); return nil }, nil, "", true},
		{"spaces", "  x", func(s *linescan.Scanner) any { s.Spaces(); return nil }, nil, "x", false},
		{"until", "a: b: c", func(s *linescan.Scanner) any { return string(s.Until(": ")) }, "a", "b: c", false},
		{"until what never comes", "abc", func(s *linescan.Scanner) any { return string(s.Until(": ")) }, "", "abc", true},
		{"skip", "a: b", func(s *linescan.Scanner) any { return s.SkipTo(": ") }, true, "b", false},
		{"skip to what never comes", "abc", func(s *linescan.Scanner) any { return s.SkipTo(": ") }, false, "abc", false},
		{"field", "id-1, x", func(s *linescan.Scanner) any { return string(s.Field(" ,")) }, "id-1", ", x", false},
		{"field to the end", "id-1", func(s *linescan.Scanner) any { return string(s.Field(" ,")) }, "id-1", "", false},
		{"empty field", ",x", func(s *linescan.Scanner) any { return string(s.Field(" ,")) }, "", ",x", true},
		{"word", "infoX", func(s *linescan.Scanner) any { s.Word(); return nil }, nil, "X", false},
		{"no word", "Info", func(s *linescan.Scanner) any { s.Word(); return nil }, nil, "Info", true},
		{"number", "42x", func(s *linescan.Scanner) any { return s.Number() }, int64(42), "x", false},
		{"no number", "x", func(s *linescan.Scanner) any { return s.Number() }, int64(0), "x", true},
		{"largest number", "9007199254740992", func(s *linescan.Scanner) any { return s.Number() }, int64(1 << 53), "", false},
		{"too large", "9007199254740993", func(s *linescan.Scanner) any { return s.Number() }, int64(0), "9007199254740993", true},
		{"number to", "42]x", func(s *linescan.Scanner) any { return s.NumberTo(']') }, int64(42), "x", false},
		{"number to another", "42)", func(s *linescan.Scanner) any { return s.NumberTo(']') }, int64(42), ")", true},
		{"digits", "0071", func(s *linescan.Scanner) any { return s.Digits(4) }, 71, "", false},
		{"too many digits", "00712", func(s *linescan.Scanner) any { return s.Digits(4) }, 712, "", true},
		{"bad stays bad", "xab", func(s *linescan.Scanner) any { s.Byte('y'); s.Number(); return s.Try("x") }, false, "xab", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := linescan.Scanner{Rest: []byte(tt.line)}
			got := tt.read(&s)
			if got != tt.want || string(s.Rest) != tt.rest || s.Bad != tt.bad {
				t.Errorf("got %v, rest %q, bad %v; want %v, %q, %v", got, s.Rest, s.Bad, tt.want, tt.rest, tt.bad)
			}
		})
	}
}
