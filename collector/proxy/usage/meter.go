package usage

import (
	"bytes"
	"cmp"
	"mime"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Reader knows the fields that are read. It is safe for concurrent use.
type Reader struct{ response, request *node }

// NewReader returns a Reader.
func NewReader() *Reader { return &Reader{responseShape(), requestShape()} }

// Meter reads one response. It is not safe for concurrent use.
type Meter struct {
	api      API
	scan     *scanner
	events   *events // nil when the body is not of server-sent events
	lines    bool    // each line is a document
	streamed bool    // the answer comes in parts
	seen     seen
	at       time.Time // when the bytes that are being read arrived
	content  bool      // the document that is being read has some
}

// Response returns a Meter for a response of an API with a Content-Type.
func (r *Reader) Response(api API, contentType string) *Meter {
	m := &Meter{api: api}
	m.scan = newScanner(r.response, m)
	switch media, _, _ := mime.ParseMediaType(contentType); media {
	case "text/event-stream":
		m.events, m.streamed = &events{scan: m.scan}, true
	case "application/x-ndjson", "application/ndjson", "application/jsonl":
		m.lines, m.streamed = true, true
	}
	return m
}

// Feed takes the next bytes of the body, which arrived at at. It keeps none.
func (m *Meter) Feed(p []byte, at time.Time) {
	m.at = at
	switch {
	case m.events != nil:
		m.events.feed(p)
	case m.lines:
		m.feedLines(p)
	default:
		m.scan.feed(p)
	}
}

// feedLines begins anew with each line, whatever became of the one before.
func (m *Meter) feedLines(p []byte) {
	for len(p) > 0 {
		line := p
		if i := bytes.IndexByte(p, '\n'); i >= 0 {
			line = p[:i+1]
		}
		p = p[len(line):]
		m.scan.feed(line)
		if line[len(line)-1] == '\n' {
			m.scan.reset()
		}
	}
}

// Usage returns what the body has told so far.
func (m *Meter) Usage() Usage { return m.seen.usage(m.api, m.streamed) }

// end implements sink.
func (m *Meter) end() {
	if m.content && m.streamed {
		m.seen.chunks++
		if m.seen.firstContent.IsZero() {
			m.seen.firstContent = m.at
		}
	}
	m.content = false
}

// forget implements sink.
func (m *Meter) forget() { m.content = false }

// value implements sink.
func (m *Meter) value(f field, k kind, text []byte) {
	switch f {
	case fieldContent:
		m.content = m.content || k == aString
	case fieldModel:
		if k == aString && string(text) != m.seen.model { // it comes with every chunk
			m.seen.model = cmp.Or(ID(text), m.seen.model)
		}
	case fieldError:
		// Some APIs have the field in every answer, with null.
		m.seen.failed = m.seen.failed || k != aScalar
	case fieldDone:
		m.seen.complete = m.seen.complete || string(text) == "true" || string(text) == "DONE"
	case fieldReason:
		m.seen.complete = m.seen.complete || k == aString
	case fieldHost:
		m.seen.elsewhere = m.seen.elsewhere || (k == aString && len(text) > 0)
	case fieldType:
		m.event(text)
	default:
		if k == aScalar {
			m.seen.number(f, text, m.at)
		}
	}
}

// event takes the kind of an event, as OpenAI's responses and Anthropic's
// messages name them.
func (m *Meter) event(kind []byte) {
	switch string(kind) {
	case "response.failed", "error":
		m.seen.failed = true
	case "message_stop", "response.completed", "response.incomplete":
		m.seen.complete = true
	}
}

// Request finds the model in the body of a request.
type Request struct {
	scan  *scanner
	model string
}

// Request returns a Request that has seen nothing.
func (r *Reader) Request() *Request {
	q := &Request{}
	q.scan = newScanner(r.request, q)
	return q
}

// Feed takes the next bytes of the body. It keeps none.
func (q *Request) Feed(p []byte) {
	if q.model == "" {
		q.scan.feed(p)
	}
}

// Model returns the model that was asked for; empty: not named so far.
func (q *Request) Model() string { return q.model }

// value implements sink.
func (q *Request) value(_ field, k kind, text []byte) {
	if k == aString {
		q.model = ID(text)
	}
}

// end implements sink: there is one document, and what follows is not read.
func (q *Request) end() { q.scan.state = lost }

// forget implements sink.
func (q *Request) forget() {}

// Span is a duration that may be unknown.
type Span struct {
	D     time.Duration // meaningless unless Known
	Known bool
}

// Usage is what a response tells of its request.
type Usage struct {
	Model  string            // empty when it was not named
	Input  attribution.Count // fresh prompt tokens
	Cached attribution.Count // prompt tokens from the cache
	Output attribution.Count // generated tokens
	// Prompt is the whole prompt, known also where the part of it that was
	// cached is not. CacheWrite of its fresh tokens, those in Input, were said
	// to have been put into a cache.
	Prompt, CacheWrite attribution.Count
	// Context is Prompt and Output together.
	Context attribution.Count
	// Estimated is true when Output, and Context with it, was counted from the
	// chunks of the stream.
	Estimated bool
	// FirstContent is when the first chunk with content came; zero when the
	// body is not a stream or none came.
	FirstContent time.Time
	// Prefill, Decode and Load are the server's own times of processing the
	// prompt, of generating, and of loading the model before that. Reported is
	// when they arrived, at the end of generation; zero when they did not.
	Prefill, Decode, Load Span
	Reported              time.Time
	// Complete is true when the body said that generation has ended.
	Complete bool
	// Failed is true when the body told of an error.
	Failed bool
	// Elsewhere is true when the server said that it had another one answer.
	Elsewhere bool
}
