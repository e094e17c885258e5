package vllm

import "bytes"

// readRequest reads what is told of requests.
func readRequest(s scanner) message {
	switch {
	case s.try("Received request "):
		m := message{}.of(s.word())
		m.flag = s.try(": params: SamplingParams(n=1,")
		return m.as(received, s)
	case s.try("Added request "):
		return message{}.of(sentence(s.rest)).as(added, s)
	case s.try("Finished request "):
		return message{}.of(sentence(s.rest)).as(finished, s)
	case s.try("Aborted request"):
		return readAborted(s)
	case s.try("Request "):
		return readFate(s)
	case s.try("Generated response "):
		return readGenerated(s)
	case s.try("Engine "):
		m := message{engine: s.number()}
		s.text(": ")
		return m.readStats(s)
	case bytes.HasPrefix(s.rest, []byte("Avg prompt throughput: ")):
		return message{}.readStats(s)
	}
	s.number() // of all engines together
	if !s.try(" Engines Aggregated: ") {
		return message{}
	}
	return message{}.readStats(s)
}

// sentence takes the full stop off.
func sentence(b []byte) []byte { return bytes.TrimSuffix(b, []byte(".")) }

// readAborted takes "Aborted request ID." and "Aborted request(s) ID,ID.".
func readAborted(s scanner) message {
	if !s.try("(s)") {
		s.try("s")
	}
	s.text(" ")
	var m message
	for id := range bytes.SplitSeq(sentence(s.rest), []byte(",")) {
		if len(m.ids) >= 2*maxRequests {
			break
		}
		m.ids = append(m.ids, message{}.of(bytes.TrimSpace(id)).ids...)
	}
	return m.as(aborted, s)
}

// readFate takes "Request ID aborted." and "Request ID failed…".
func readFate(s scanner) message {
	m := message{}.of(s.word())
	switch {
	case s.try(" aborted"):
		return m.as(aborted, s)
	case s.try(" failed"):
		return m.as(failed, s)
	}
	return message{}
}

// readGenerated takes an answer, of which only the number of its tokens is
// kept: the list of their ids stands behind the text.
func readGenerated(s scanner) message {
	m := message{}.of(s.word())
	k := generated
	switch {
	case s.try(" (streaming delta): output: "):
		k = delta
	case s.try(" (streaming complete): output: "), s.try(": output: "):
	default:
		return message{}
	}
	if i := bytes.LastIndex(s.rest, []byte(", output_token_ids: [")); i >= 0 {
		s.rest = s.rest[i+len(", output_token_ids: ["):]
		m.n, m.known = countList(s.until("], finish_reason: "))
	}
	return m.as(k, s)
}

// countList counts the numbers of "1, 22, 333". It is false for other lists.
func countList(b []byte) (int64, bool) {
	if len(b) == 0 {
		return 0, true
	}
	if len(bytes.Trim(b, "0123456789, ")) > 0 {
		return 0, false
	}
	return int64(bytes.Count(b, []byte(","))) + 1, true
}

// readStats takes the line that is printed every ten seconds.
func (m message) readStats(s scanner) message {
	s.text("Avg prompt throughput: ")
	m.prompt = s.tenths() > 0
	s.text(" tokens/s, Avg generation throughput: ")
	m.output = s.tenths() > 0
	s.text(" tokens/s, Running: ")
	m.n = s.number()
	s.text(" reqs, ")
	if s.try("Swapped: ") {
		m.n += s.number()
		s.text(" reqs, Pending: ")
	} else {
		s.text("Waiting: ")
	}
	m.n += s.number()
	s.text(" reqs")
	return m.as(stats, s)
}
