package lmstudio

import (
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// usage is what a response says of its tokens.
type usage struct {
	Prompt slots.Count `cbor:"1,keyasint"`
	Output slots.Count `cbor:"2,keyasint"`
	Cached slots.Count `cbor:"3,keyasint"`
	Apart  bool        `cbor:"4,keyasint"` // Prompt is without Cached
}

// told is false for a usage that says nothing, and for the zeros of a request
// whose client went: no prompt is empty.
func (u usage) told() bool { return u.Output.Known && u.Prompt.Known && u.whole() > 0 }

// whole is the number of the prompt's tokens, cached ones included.
func (u usage) whole() int64 {
	if u.Apart {
		return u.Prompt.N + u.Cached.N
	}
	return u.Prompt.N
}

// body reads a response that stands in the log as JSON over many lines. It never
// parses strings: JSON.stringify escapes line feeds, so each line holds one key,
// and where a line stands is told by its indent, two spaces a level. What begins
// deeper than the usage, or with another key, is not looked at.
type body struct {
	Usage   usage `cbor:"1,keyasint"`
	Created int64 `cbor:"2,keyasint"` // Unix seconds; 0: not told
	Invalid bool  `cbor:"3,keyasint"` // an error that says the request was no good
	In      part  `cbor:"4,keyasint"`
}

// part is which object of the response a line is in.
type part uint8

const (
	partTop   part = iota
	partUsage      // of a response, or the stats of a chat
	partError
)

// take reads the next line. It returns true for the line that ends the body, and
// for any other whether it was on the list.
func (b *body) take(line []byte) (done, used bool) {
	if len(line) == 0 || line[0] != ' ' {
		return len(line) > 0 && line[0] == '}', false
	}
	s := linescan.Scanner{Rest: line}
	switch {
	case !s.Try("  "):
		return false, false
	case s.Try("    "): // details inside the usage
		return false, b.details(s)
	case s.Try("  "):
		return false, b.inner(s)
	}
	b.In = partTop
	switch {
	case s.Try(`"usage": {`), s.Try(`"stats": {`):
		b.In = partUsage
	case s.Try(`"error": {`):
		b.In = partError
	case s.Try(`"created": `), s.Try(`"created_at": `):
		if n := (slots.Count{}); number(s, &n) {
			b.Created = n.N
			return false, true
		}
	}
	return false, false
}

// inner reads a line in one of the objects of the response.
func (b *body) inner(s linescan.Scanner) bool {
	if b.In == partError {
		b.Invalid = b.Invalid || s.Try(`"type": "invalid_request_error"`)
		return b.Invalid
	}
	if b.In != partUsage {
		return false
	}
	switch {
	case s.Try(`"prompt_tokens": `), s.Try(`"input_tokens": `):
		return number(s, &b.Usage.Prompt)
	case s.Try(`"completion_tokens": `), s.Try(`"output_tokens": `), s.Try(`"total_output_tokens": `):
		return number(s, &b.Usage.Output)
	case s.Try(`"cache_read_input_tokens": `):
		b.Usage.Apart = true
		return number(s, &b.Usage.Cached)
	}
	return false
}

// details reads a line one level below the usage.
func (b *body) details(s linescan.Scanner) bool {
	return b.In == partUsage && s.Try(`"cached_tokens": `) && number(s, &b.Usage.Cached)
}

// number takes a whole number that ends the line, or a comma does.
func number(s linescan.Scanner, to *slots.Count) bool {
	n := s.Number()
	s.Try(",")
	if s.Bad || len(s.Rest) > 0 {
		return false
	}
	*to = slots.Count{N: n, Known: true}
	return true
}
