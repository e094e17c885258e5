package message

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// Read recognises the messages of the allow-list. It returns a message of kind
// None for any other line. escaped says that msg is the inside of a JSON string.
func Read(msg []byte, escaped bool) Message {
	s := linescan.Scanner{Rest: msg}
	switch {
	case s.Try("slot "):
		return readSlot(s)
	case s.Try("srv "):
		return readServer(s, escaped)
	case s.Try("main: "):
		return readMain(s)
	case s.Try("llama_model_loader: "):
		return readLoader(s, escaped)
	case s.Try("print_timings: "):
		m := Message{Slot: NoNumber, Task: NoNumber}
		return m.timing(s, " runs")
	}
	return Message{}
}

// Continue reads a line of the block of timings that builds from September 2024
// to May 2026 print below a message of kind Begun. Slot and Task are that
// message's. It is of kind None for any other line.
func Continue(line []byte) Message {
	s := linescan.Scanner{Rest: line}
	s.Try("\r")
	return Message{}.timing(s, " tokens")
}

// as returns m as a message of kind k, or as a broken one when s went bad.
func (m Message) as(k Kind, s linescan.Scanner) Message {
	if s.Bad {
		return Message{Kind: Broken}
	}
	m.Kind = k
	return m
}

// whole is a message of kind k if nothing follows it. A line that goes on is
// somebody's text: a run that it began would end every request in flight.
func whole(s linescan.Scanner, k Kind) Message {
	if s.Bad || len(s.Rest) > 0 {
		return Message{Kind: Broken}
	}
	return Message{Kind: k}
}

// timing reads a timing line; decoded is what the eval line counts, tokens or
// runs.
func (m Message) timing(s linescan.Scanner, decoded string) Message {
	var k Kind
	unit := " tokens"
	switch {
	case s.Try("prompt eval time = "):
		k = PromptTime
	case s.Try("       eval time = "):
		k, unit = EvalTime, decoded
	case s.Try("      total time = "):
		k = TotalTime
	case s.Try("draft acceptance"):
		return m.as(Drafted, s)
	default:
		return Message{}
	}
	m.Took, m.N = timing(&s, unit)
	return m.as(k, s)
}

// timing takes "   123.45 ms /    67 tokens". The number of tokens may be
// missing: total lines had none before September 2024.
func timing(s *linescan.Scanner, unit string) (took time.Duration, n int64) {
	s.Spaces()
	took = Millis(s)
	s.Text(" ms")
	if len(s.Rest) == 0 {
		return took, NoNumber
	}
	s.Text(" / ")
	s.Spaces()
	n = s.Number()
	s.Text(unit)
	return took, n
}
