package vllm

import "bytes"

// readRequest reads what is told of requests.
func readRequest(s scanner) message {
	switch {
	case s.Try("Received request "):
		m := message{}.of(s.word())
		m.flag = s.Try(": params: SamplingParams(n=1,")
		return m.as(received, s)
	case s.Try("Added request "):
		return message{}.of(sentence(s.Rest)).as(added, s)
	case s.Try("Finished request "):
		return message{}.of(sentence(s.Rest)).as(finished, s)
	case s.Try("Aborted request"):
		return readAborted(s)
	case s.Try("Request "):
		return readFate(s)
	case s.Try("Generated response "):
		return readGenerated(s)
	case s.Try("Engine "):
		m := message{engine: s.Number()}
		s.Text(": ")
		return m.readStats(s)
	case bytes.HasPrefix(s.Rest, []byte("Avg prompt throughput: ")):
		return message{}.readStats(s)
	}
	s.Number() // of all engines together
	if !s.Try(" Engines Aggregated: ") {
		return message{}
	}
	return message{}.readStats(s)
}

// sentence takes the full stop off.
func sentence(b []byte) []byte { return bytes.TrimSuffix(b, []byte(".")) }

// readAborted takes "Aborted request ID." and "Aborted request(s) ID,ID.".
func readAborted(s scanner) message {
	if !s.Try("(s)") {
		s.Try("s")
	}
	s.Text(" ")
	var m message
	for id := range bytes.SplitSeq(sentence(s.Rest), []byte(",")) {
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
	case s.Try(" aborted"):
		return m.as(aborted, s)
	case s.Try(" failed"):
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
	case s.Try(" (streaming delta): output: "):
		k = delta
	case s.Try(" (streaming complete): output: "), s.Try(": output: "):
	default:
		return message{}
	}
	if i := bytes.LastIndex(s.Rest, []byte(", output_token_ids: [")); i >= 0 {
		s.Rest = s.Rest[i+len(", output_token_ids: ["):]
		m.n, m.known = countList(s.Until("], finish_reason: "))
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
	s.Text("Avg prompt throughput: ")
	m.prompt = s.tenths() > 0
	s.Text(" tokens/s, Avg generation throughput: ")
	m.output = s.tenths() > 0
	s.Text(" tokens/s, Running: ")
	m.n = s.Number()
	s.Text(" reqs, ")
	if s.Try("Swapped: ") {
		m.n += s.Number()
		s.Text(" reqs, Pending: ")
	} else {
		s.Text("Waiting: ")
	}
	m.n += s.Number()
	s.Text(" reqs")
	return m.as(stats, s)
}
