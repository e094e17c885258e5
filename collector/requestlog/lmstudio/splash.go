package lmstudio

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// dot stands between the parts of a summary of the Splash engine:
//
//	12:00:14 Done · input 1,536 · cached 1,024 · output 812 · TTFT 1.8s · 64.2 tok/s
const dot = " · "

// summary acts on such a line. It is false for any other.
func (p *Parser) summary(line []byte) (requestlog.Verdict, bool) {
	s := linescan.Scanner{Rest: line}
	if clock := s; true { // the engine's own time of day
		clock.Digits(2)
		clock.Byte(':')
		clock.Digits(2)
		clock.Byte(':')
		clock.Digits(2)
		clock.Byte(' ')
		if !clock.Bad {
			s = clock
		}
	}
	w := work{Kind: kindSplash, Outcome: attribution.OutcomeOK}
	switch {
	case s.Try("Done" + dot + "input "):
	case s.Try("Cancelled" + dot + "input "):
		w.Outcome, w.Broken = attribution.OutcomeCancelled, true
	default:
		return requestlog.Ignored, false
	}
	whole := grouped(&s)
	s.Text(dot + "cached ")
	cached := grouped(&s)
	s.Text(dot + "output ")
	out := grouped(&s)
	if s.Bad || cached > whole {
		return requestlog.Malformed, true
	}
	first, rate, ok := speeds(s)
	if !ok {
		return requestlog.Malformed, true
	}
	w.Whole = slots.Count{N: whole, Known: true}
	w.Cached = slots.Count{N: cached, Known: true}
	w.Output = slots.Count{N: out, Known: true}
	w.Input = slots.Count{N: whole - cached, Known: true}
	if first > 0 {
		w.Prompt = first
		if rate > 0 {
			w.Eval = max(time.Duration(float64(out)/rate*float64(time.Second)), time.Microsecond)
		} else {
			w.Prompt = 0
		}
	}
	p.ended(p.birth(w))
	return requestlog.Used, true
}

// speeds reads the rest of a summary: tools, time to first token, and tokens a
// second, each of which may be missing. Nothing else may follow.
func speeds(s linescan.Scanner) (first time.Duration, rate float64, ok bool) {
	for len(s.Rest) > 0 {
		switch {
		case s.Try(dot + "tools "):
			s.Number()
			if s.Try("·") {
				hex(&s)
			}
		case s.Try(dot + "TTFT "):
			n := decimal(&s)
			switch {
			case s.Try("ms"):
				first = time.Duration(n * float64(time.Millisecond))
			default:
				s.Text("s")
				first = time.Duration(n * float64(time.Second))
			}
		default:
			s.Text(dot)
			rate = decimal(&s)
			s.Text(" tok/s")
		}
		if s.Bad {
			return 0, 0, false
		}
	}
	return first, rate, first < message.MaxDuration && rate >= 0
}

// grouped takes "1,536", digits in groups of three.
func grouped(s *linescan.Scanner) int64 {
	n := s.Number()
	for s.Try(",") {
		if n = n*1000 + int64(s.Digits(3)); n > 1<<40 {
			s.Bad = true
		}
	}
	return n
}

// decimal takes "64.2", which may have no fraction.
func decimal(s *linescan.Scanner) float64 {
	n := float64(s.Number())
	if !s.Try(".") {
		return n
	}
	unit := 0.1
	before := len(s.Rest)
	for len(s.Rest) > 0 && s.Rest[0] >= '0' && s.Rest[0] <= '9' {
		n += unit * float64(s.Rest[0]-'0')
		unit /= 10
		s.Rest = s.Rest[1:]
	}
	s.Bad = s.Bad || len(s.Rest) == before
	return n
}

func hex(s *linescan.Scanner) {
	for len(s.Rest) > 0 && (s.Rest[0] >= '0' && s.Rest[0] <= '9' || s.Rest[0] >= 'a' && s.Rest[0] <= 'f') {
		s.Rest = s.Rest[1:]
	}
}
