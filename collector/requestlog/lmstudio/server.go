package lmstudio

import (
	"bytes"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// info acts on what the server says of its requests.
func (p *Parser) info(rest []byte, justEnded bool) requestlog.Verdict {
	s := linescan.Scanner{Rest: rest}
	model, first := "", tag(&s)
	if bytes.Equal(first, []byte("JIT")) {
		return p.justInTime(s)
	}
	if first != nil {
		if model = modelID(first); model == "" { // the server itself; a model may follow
			model = modelID(tag(&s))
		}
	}
	switch {
	case s.Try("Running chat completion on "), s.Try("Running completion on "):
		p.begin(model, apiChat, wayUnknown)
	case s.Try("Running Anthropic messages API on "):
		p.begin(model, apiMessages, wayUnknown)
	case s.Try("Generating synchronous v1/responses response"):
		p.begin(model, apiResponses, wayWhole)
	case s.Try("Streaming response"):
		return used(p.streams(model, apiChat))
	case s.Try("Streaming Anthropic response"):
		return used(p.streams(model, apiMessages))
	case s.Try("Prompt processing progress: "):
		return p.percent(s, model)
	case s.Try("First token generated"), s.Try("Accumulating tokens ..."):
		return used(p.firstToken())
	case s.Try("Client disconnected. Stopping generation"):
		p.s.JustEnded = justEnded
		gone := p.disconnect()
		p.s.JustEnded = false
		return used(gone)
	default:
		return p.infoEnd(s, model)
	}
	return requestlog.Used
}

// infoEnd acts on the lines that end a request.
func (p *Parser) infoEnd(s linescan.Scanner, model string) requestlog.Verdict {
	switch {
	case s.Try("Finished streaming response"):
		return used(p.finish(model, apiChat))
	case s.Try("Finished streaming Anthropic response"):
		return used(p.finish(model, apiMessages))
	case s.Try("Generated prediction: "):
		return p.response(s, model, apiChat)
	case s.Try("Generated synchronous v1/responses response: "):
		return p.response(s, model, apiResponses)
	case s.Try("Generated Anthropic "):
		return p.response(s, model, apiMessages)
	case s.Try("Received request to embed"):
		return p.embed()
	case s.Try("Returning embeddings"):
		return p.embedded()
	case s.Try("Success! HTTP server listening on port "):
		return used(p.restart())
	}
	return requestlog.Ignored
}

// percent reads how far a prompt is.
func (p *Parser) percent(s linescan.Scanner, model string) requestlog.Verdict {
	n := decimal(&s)
	s.Text("%")
	if s.Bad || len(s.Rest) > 0 || n > 100 {
		return requestlog.Malformed
	}
	return used(p.progress(model, n))
}

// response begins to read a response that follows on the next lines.
func (p *Parser) response(s linescan.Scanner, model string, a api) requestlog.Verdict {
	s.Spaces()
	p.s.Body = &pending{Model: model, API: a, End: p.now, Sec: p.s.Clock.Last, Position: p.offset}
	if bytes.HasSuffix(s.Rest, []byte("{")) {
		p.s.Section = sectionBody
		return requestlog.Used
	}
	p.respond() // a response that is not shown, or on one line
	return requestlog.Used
}

// restart ends what an earlier run of the server left open.
func (p *Parser) restart() bool {
	lost := len(p.s.Open) > 0
	for len(p.s.Open) > 0 {
		p.fail(0, p.now)
	}
	p.s.Gone, p.s.Embeds = 0, nil
	return lost
}

// justInTime reads that a request made a model load.
func (p *Parser) justInTime(s linescan.Scanner) requestlog.Verdict {
	if !s.Try("Requested model (") {
		return requestlog.Ignored
	}
	end := bytes.IndexByte(s.Rest, ')')
	if end < 0 {
		return requestlog.Malformed
	}
	return p.loadingID(modelID(s.Rest[:end]))
}

// trouble acts on an error. Most say nothing of a request; those that do are told
// by how they begin.
func (p *Parser) trouble(rest []byte) requestlog.Verdict {
	s := linescan.Scanner{Rest: rest}
	first := tag(&s)
	switch {
	case bytes.Equal(first, []byte("Server Error")):
		p.s.Body = &pending{End: p.now, Sec: p.s.Clock.Last, Position: p.offset, Error: true}
		if len(s.Rest) == 1 && s.Rest[0] == '{' {
			p.s.Section = sectionBody
			return requestlog.Used
		}
		p.respond()
		return requestlog.Used
	case first != nil:
		return p.streamError(s, modelID(first))
	case s.Try("Failed to load model "):
		return used(p.loaded(p.now))
	case len(s.Rest) == 0, s.Try("Error: "), s.Try("Error rendering prompt"):
		return p.broken()
	}
	return requestlog.Ignored
}

// streamError notes that the reply of a model's request broke off. The end of the
// stream follows.
func (p *Parser) streamError(s linescan.Scanner, model string) requestlog.Verdict {
	if !s.Try("Anthropic streaming error") && !s.Try("Streaming error") && !s.Try("Error: ") {
		return requestlog.Ignored
	}
	all := p.alive(of(model))
	if model == "" || len(all) != 1 {
		return requestlog.Ignored
	}
	p.s.Open[all[0]].Failed = true
	return requestlog.Used
}

// broken ends the only request in flight: the error is nobody else's.
func (p *Parser) broken() requestlog.Verdict {
	all := p.alive(func(*open) bool { return true })
	if len(all) != 1 {
		return requestlog.Ignored
	}
	p.fail(all[0], p.now)
	return requestlog.Used
}
