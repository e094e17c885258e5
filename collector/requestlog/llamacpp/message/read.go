package message

import (
	"encoding/json"
	"strings"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Read recognises the messages of the allow-list. It returns a message of kind
// None for any other line. escaped says that msg is the inside of a JSON string.
func Read(msg []byte, escaped bool) Message {
	s := Scanner{Rest: msg}
	switch {
	case s.Try("slot "):
		return readSlot(s)
	case s.Try("srv "):
		return readServer(s, escaped)
	}
	return Message{}
}

// readSlot reads what follows "slot ": a function name padded to 12 bytes, the
// slot, the task and the text.
func readSlot(s Scanner) Message {
	if len(s.Rest) < 14 {
		return Message{}
	}
	name := strings.TrimLeft(string(s.Rest[:12]), " ")
	s.Rest = s.Rest[12:]
	if !s.Try(": id ") {
		return Message{}
	}
	var m Message
	s.Spaces()
	m.Slot = s.Number(' ')
	s.Text("| task ")
	if s.Try("-1 | ") { // a slot without a task
		if name == "get_availabl" {
			return m.choice(s)
		}
		return Message{}
	}
	m.Task = s.Number(' ')
	s.Text("| ")
	if s.Bad {
		return Message{}
	}
	switch name {
	case "launch_slot_":
		return m.launch(s)
	case "print_timing":
		return m.timing(s)
	case "release":
		return m.release(s)
	case "operator()", "update_slots":
		return m.prompt(s)
	}
	return Message{}
}

// as returns m as a message of kind k, or as a broken one when s went bad.
func (m Message) as(k Kind, s Scanner) Message {
	if s.Bad {
		return Message{Kind: Broken}
	}
	m.Kind = k
	return m
}

// choice reads why a slot was chosen for the task that is launched next.
func (m Message) choice(s Scanner) Message {
	switch {
	case s.Try("selected slot by LRU"):
		if s.Try(", n_tokens = ") {
			m.Held, m.HeldKnown = s.Number(0), true
		}
		return m.as(Chosen, s)
	case s.Try("selected slot by LCP similarity, f_sim_best = "):
		m.N = s.Thousandths()
		return m.as(Chosen, s)
	}
	return Message{}
}

func (m Message) launch(s Scanner) Message {
	if !s.Try("processing task") {
		return Message{}
	}
	if s.Try(", is_child = ") {
		m.Flag = s.Number(0) != 0
	}
	return m.as(Launch, s)
}

func (m Message) timing(s Scanner) Message {
	var k Kind
	switch {
	case s.Try("prompt eval time = "):
		k = PromptTime
	case s.Try("       eval time = "):
		k = EvalTime
	case s.Try("      total time = "):
		k = TotalTime
	case s.Try("draft acceptance"):
		return m.as(Drafted, s)
	default:
		return Message{}
	}
	s.Spaces()
	m.Took = s.Millis()
	s.Text(" ms / ")
	s.Spaces()
	m.N = s.Number(0)
	s.Text(" tokens")
	return m.as(k, s)
}

func (m Message) release(s Scanner) Message {
	if !s.Try("stop processing: n_tokens = ") {
		return Message{}
	}
	m.N = s.Number(0)
	s.Text(", truncated = ")
	m.Flag = s.Number(0) != 0
	return m.as(Release, s)
}

func (m Message) prompt(s Scanner) Message {
	switch {
	case s.Try("new prompt, n_ctx_slot = "):
		m.Context = s.Number(0)
		s.Text(", n_keep = ")
		s.Number(0)
		if !s.Try(", task.n_tokens = ") {
			s.Text(", n_prompt_tokens = ")
		}
		m.N = s.Number(0)
		return m.as(Prompt, s)
	case s.Try("cached n_tokens = "), s.Try("n_tokens = "):
		m.N = s.Number(0)
		if !s.Try(", memory_seq_rm [") {
			return Message{}
		}
		return m.as(Cached, s)
	}
	return Message{}
}

// readServer reads what follows "srv ": a padded function name and the text.
func readServer(s Scanner, escaped bool) Message {
	s.Byte(' ')
	s.Spaces()
	switch {
	case s.Try("llama_server: "):
		return readLife(s)
	case s.Try("load_model: "):
		return readLoad(s, escaped)
	case s.Try("stop: cancel task, id_task = "):
		m := Message{Task: s.Number(0)}
		return m.as(Cancel, s)
	case s.Try("send_error: task id = "):
		m := Message{Task: s.Number(0)}
		return m.as(Failed, s)
	}
	return Message{}
}

func readLife(s Scanner) Message {
	switch {
	case s.Try("initializing"):
		s.Try(" ...")
		return whole(s, Initializing)
	case s.Try("model loaded"):
		return whole(s, Loaded)
	}
	return Message{}
}

// whole is a message of kind k if nothing follows it. A line that goes on is
// somebody's text: a run that it began would end every request in flight.
func whole(s Scanner, k Kind) Message {
	if s.Bad || len(s.Rest) > 0 {
		return Message{Kind: Broken}
	}
	return Message{Kind: k}
}

func readLoad(s Scanner, escaped bool) Message {
	switch {
	case s.Try("loading model '"):
		path, ok := strings.CutSuffix(string(s.Rest), "'")
		if !ok {
			return Message{Kind: Broken}
		}
		return Message{Kind: Loading, Text: modelID(path, escaped)}
	case s.Try("failed to load model"):
		return Message{Kind: LoadFailed}
	}
	return Message{}
}

// modelID turns a model's path into its id: the base name without .gguf and
// without the number of a split file's part.
func modelID(path string, escaped bool) string {
	if escaped {
		if json.Unmarshal([]byte(`"`+path+`"`), &path) != nil {
			return ""
		}
	}
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		path = path[i+1:]
	}
	id := strings.TrimSuffix(path, ".gguf")
	const part = "-00001-of-00001"
	if n := len(id) - len(part); n > 0 && isPart(id[n:]) {
		id = id[:n]
	}
	return requestlog.Model(id)
}

// isPart is true for "-00001-of-00003".
func isPart(s string) bool {
	w := Scanner{Rest: []byte(s)}
	w.Byte('-')
	w.Digits(5, 0)
	w.Text("-of-")
	w.Digits(5, 0)
	return !w.Bad && len(w.Rest) == 0
}
