package llamacpp

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// kind is which message of the allow-list a line is.
type kind uint8

const (
	none kind = iota
	broken
	initializing
	loading
	loaded
	loadFailed
	chosen // n thousandths of the prompt are in the slot's cache
	launch
	prompt   // n tokens, cached ones included
	cached   // n tokens
	promptMS // took, n tokens
	evalMS
	totalMS
	drafted
	cancel
	failed
	release // n tokens, flag: truncated
)

// message is what a line says.
type message struct {
	kind kind
	slot int64
	task int64
	n    int64
	took time.Duration
	flag bool
	text string // model id
}

// read recognises the messages of the allow-list.
func read(msg []byte, sh shape) message {
	s := scanner{rest: msg}
	switch {
	case s.try("slot "):
		return readSlot(s)
	case s.try("srv "):
		return readServer(s, sh)
	}
	return message{}
}

// readSlot reads what follows "slot ": a function name padded to 12 bytes, the
// slot, the task and the text.
func readSlot(s scanner) message {
	if len(s.rest) < 14 {
		return message{}
	}
	name := strings.TrimLeft(string(s.rest[:12]), " ")
	s.rest = s.rest[12:]
	if !s.try(": id ") {
		return message{}
	}
	var m message
	s.spaces()
	m.slot = s.number(' ')
	s.text("| task ")
	if s.try("-1 | ") { // a slot without a task
		if name == "get_availabl" {
			return m.choice(s)
		}
		return message{}
	}
	m.task = s.number(' ')
	s.text("| ")
	if s.bad {
		return message{}
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
	return message{}
}

// as returns m as a message of kind k, or as a broken one when s went bad.
func (m message) as(k kind, s scanner) message {
	if s.bad {
		return message{kind: broken}
	}
	m.kind = k
	return m
}

// choice reads why a slot was chosen for the task that is launched next.
func (m message) choice(s scanner) message {
	switch {
	case s.try("selected slot by LRU"):
		return m.as(chosen, s)
	case s.try("selected slot by LCP similarity, f_sim_best = "):
		m.n = s.thousandths()
		return m.as(chosen, s)
	}
	return message{}
}

func (m message) launch(s scanner) message {
	if !s.try("processing task") {
		return message{}
	}
	if s.try(", is_child = ") {
		m.flag = s.number(0) != 0
	}
	return m.as(launch, s)
}

func (m message) timing(s scanner) message {
	var k kind
	switch {
	case s.try("prompt eval time = "):
		k = promptMS
	case s.try("       eval time = "):
		k = evalMS
	case s.try("      total time = "):
		k = totalMS
	case s.try("draft acceptance"):
		return m.as(drafted, s)
	default:
		return message{}
	}
	s.spaces()
	m.took = s.millis()
	s.text(" ms / ")
	s.spaces()
	m.n = s.number(0)
	s.text(" tokens")
	return m.as(k, s)
}

func (m message) release(s scanner) message {
	if !s.try("stop processing: n_tokens = ") {
		return message{}
	}
	m.n = s.number(0)
	s.text(", truncated = ")
	m.flag = s.number(0) != 0
	return m.as(release, s)
}

func (m message) prompt(s scanner) message {
	switch {
	case s.try("new prompt, n_ctx_slot = "):
		s.number(0)
		s.text(", n_keep = ")
		s.number(0)
		if !s.try(", task.n_tokens = ") {
			s.text(", n_prompt_tokens = ")
		}
		m.n = s.number(0)
		return m.as(prompt, s)
	case s.try("cached n_tokens = "), s.try("n_tokens = "):
		m.n = s.number(0)
		if !s.try(", memory_seq_rm [") {
			return message{}
		}
		return m.as(cached, s)
	}
	return message{}
}

// readServer reads what follows "srv ": a padded function name and the text.
func readServer(s scanner, sh shape) message {
	s.byte(' ')
	s.spaces()
	switch {
	case s.try("llama_server: "):
		return readLife(s)
	case s.try("load_model: "):
		return readLoad(s, sh)
	case s.try("stop: cancel task, id_task = "):
		m := message{task: s.number(0)}
		return m.as(cancel, s)
	case s.try("send_error: task id = "):
		m := message{task: s.number(0)}
		return m.as(failed, s)
	}
	return message{}
}

func readLife(s scanner) message {
	switch {
	case s.try("initializing"):
		s.try(" ...")
		return whole(s, initializing)
	case s.try("model loaded"):
		return whole(s, loaded)
	}
	return message{}
}

// whole is a message of kind k if nothing follows it. A line that goes on is
// somebody's text: a run that it began would end every request in flight.
func whole(s scanner, k kind) message {
	if s.bad || len(s.rest) > 0 {
		return message{kind: broken}
	}
	return message{kind: k}
}

func readLoad(s scanner, sh shape) message {
	switch {
	case s.try("loading model '"):
		path, ok := strings.CutSuffix(string(s.rest), "'")
		if !ok {
			return message{kind: broken}
		}
		return message{kind: loading, text: modelID(path, sh)}
	case s.try("failed to load model"):
		return message{kind: loadFailed}
	}
	return message{}
}

// modelID turns a model's path into its id: the base name without .gguf and
// without the number of a split file's part.
func modelID(path string, sh shape) string {
	if sh == shapeJSON {
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
	w := scanner{rest: []byte(s)}
	w.byte('-')
	w.digits(5, 0)
	w.text("-of-")
	w.digits(5, 0)
	return !w.bad && len(w.rest) == 0
}
