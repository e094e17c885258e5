package message

import (
	"bytes"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// readSlot reads what follows "slot ": a function name padded to 12 bytes, the
// slot, the task and the text. Before February 2024 it is the slot alone.
func readSlot(s linescan.Scanner) Message {
	if len(s.Rest) < 14 {
		return Message{}
	}
	name := bytes.TrimLeft(s.Rest[:12], " ")
	after := linescan.Scanner{Rest: s.Rest[12:]}
	if !after.Try(": id ") {
		return readOldSlot(s)
	}
	s = after
	var m Message
	s.Spaces()
	m.Slot = s.NumberTo(' ')
	s.Text("| task ")
	if s.Try("-1 | ") { // a slot without a task
		if string(name) == "get_availabl" {
			return m.choice(s)
		}
		return Message{}
	}
	m.Task = s.NumberTo(' ')
	s.Text("| ")
	if s.Bad {
		return Message{}
	}
	switch string(name) {
	case "launch_slot_":
		return m.launch(s)
	case "print_timing":
		return m.print(s)
	case "release":
		return m.release(s)
	case "operator()", "update_slots":
		return m.prompt(s)
	}
	return Message{}
}

// choice reads why a slot was chosen for the task that is launched next.
func (m Message) choice(s linescan.Scanner) Message {
	switch {
	case s.Try("selected slot by LRU"), s.Try("selected slot by lru"):
		if s.Try(", n_tokens = ") {
			m.Held, m.HeldKnown = s.Number(), true
		}
		return m.as(Chosen, s)
	case s.Try("selected slot by LCP similarity, f_sim_best = "), s.Try("selected slot by LCP similarity, sim_best = "):
		m.N = thousandths(&s)
		return m.as(Chosen, s)
	}
	return Message{}
}

func (m Message) launch(s linescan.Scanner) Message {
	if !s.Try("processing task") {
		return Message{}
	}
	if s.Try(", is_child = ") {
		m.Flag = s.Number() != 0
	}
	return m.as(Launch, s)
}

// print reads what print_timing says: a timing, the head of a block of them, or
// how far the task is.
func (m Message) print(s linescan.Scanner) Message {
	switch {
	case len(s.Rest) == 0:
		return m.as(Begun, s)
	case s.Try("n_gen = "):
		return m.progress(s, 1)
	case s.Try("n_decoded = "):
		return m.progress(s, 0)
	}
	return m.timing(s, " tokens")
}

// progress reads "   132, tg =   3.81 t/s": tokens generated, and how fast. The
// first of them takes no time where it is not counted in the speed: n_gen lines
// of a recorded run put the first token 0.03 to 0.05 s off the client's account
// by n - 1, and 0.25 s by n.
func (m Message) progress(s linescan.Scanner, uncounted int64) Message {
	s.Spaces()
	m.N = s.Number()
	s.Text(", tg = ")
	s.Spaces()
	whole := s.NumberTo('.')
	speed := whole*100 + int64(s.Digits(2)) // hundredths of a token a second
	s.Text(" t/s")
	if s.Bad || m.N < uncounted || speed <= 0 {
		return Message{Kind: Broken}
	}
	seconds := float64(m.N-uncounted) * 100 / float64(speed)
	if seconds > MaxDuration.Seconds() {
		return Message{Kind: Broken}
	}
	m.Took = time.Duration(seconds * float64(time.Second))
	return m.as(Progress, s)
}

func (m Message) release(s linescan.Scanner) Message {
	switch {
	case s.Try("stop processing: n_tokens = "):
	case s.Try("stop processing: n_past = "):
		m.Early = true
	default:
		return Message{}
	}
	m.N = s.Number()
	s.Text(", truncated = ")
	m.Flag = s.Number() != 0
	return m.as(Release, s)
}

func (m Message) prompt(s linescan.Scanner) Message {
	switch {
	case s.Try("new prompt, n_ctx_slot = "), s.Try("prompt tokenized, n_ctx_slot = "):
		m.Context = s.Number()
		s.Text(", n_keep = ")
		s.Number()
		if !s.Try(", task.n_tokens = ") {
			s.Text(", n_prompt_tokens = ")
		}
		m.N = s.Number()
		return m.as(Prompt, s)
	case s.Try("cached n_tokens = "), s.Try("n_tokens = "), s.Try("n_past = "):
		m.N = s.Number()
		if !s.Try(", memory_seq_rm [") {
			return Message{}
		}
		return m.as(Cached, s)
	case s.Try("kv cache rm ["):
		m.N = s.Number()
		if !s.Try(", end)") {
			return Message{}
		}
		return m.as(Cached, s)
	}
	return Message{}
}

// readOldSlot reads what builds before February 2024 say of a slot: they name
// its task only when they launch it.
func readOldSlot(s linescan.Scanner) Message {
	m := Message{Slot: s.NumberTo(' '), Task: NoNumber}
	switch {
	case s.Try("is processing [task id: "):
		m.Task = s.NumberTo(']')
		return m.as(Launch, s)
	case s.Try(": kv cache rm - ["):
		m.N = s.NumberTo(',')
		return m.as(Cached, s)
	case s.Try(": in cache: "):
		m.N = s.NumberTo(' ')
		s.Text("tokens | to process: ")
		m.N += s.NumberTo(' ')
		s.Text("tokens")
		return m.as(Prompt, s)
	case s.Try("released ("):
		m.N = s.NumberTo(' ')
		s.Text("tokens in cache)")
		return m.as(Release, s)
	}
	return Message{}
}
