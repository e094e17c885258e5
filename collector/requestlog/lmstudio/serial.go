package lmstudio

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// serial acts on a line of the llama.cpp that LM Studio linked before it ran
// llama.cpp's server: one request at a time, its prompt told at the beginning and
// the library's own timings at the end.
func (p *Parser) serial(s linescan.Scanner) requestlog.Verdict {
	switch {
	case s.Try("Target model llama_perf"), s.Try("target model llama_perf"):
		p.s.Draft = false
		return requestlog.Used
	case s.Try("Draft model llama_perf"), s.Try("draft model llama_perf"):
		p.s.Draft = true
		return requestlog.Used
	case s.Try("Total prompt tokens: "):
		return p.serialPrompt(s)
	case s.Try("Prompt tokens to decode: "):
		return p.serialFresh(s)
	case s.Try("llama_perf_context_print:") && !p.s.Draft:
		s.Spaces()
		if s.Try("prompt eval time =") {
			return p.serialPrefilled(s)
		}
		if s.Try("eval time =") {
			return p.serialDone(s)
		}
	}
	return requestlog.Ignored
}

// running is the work of the engine that does one at a time, or nil.
func (p *Parser) running() *work {
	for i := range p.s.Works {
		if w := &p.s.Works[i]; w.Kind == kindSerial && !w.Ended {
			return w
		}
	}
	return nil
}

func (p *Parser) serialPrompt(s linescan.Scanner) requestlog.Verdict {
	var n slots.Count
	if !number(s, &n) {
		return requestlog.Malformed
	}
	if w := p.running(); w != nil { // it never came to its end
		w.Mixed, w.Orphan = true, false
		w.Ended, w.Broken = true, true
	}
	p.birth(work{Kind: kindSerial, Whole: n})
	return requestlog.Used
}

func (p *Parser) serialFresh(s linescan.Scanner) requestlog.Verdict {
	var n slots.Count
	w := p.running()
	switch {
	case !number(s, &n):
		return requestlog.Malformed
	case w == nil:
		return requestlog.Ignored
	case w.Input.Known, n.N > w.Whole.N:
		return requestlog.Malformed
	}
	w.Input = n
	w.Cached = slots.Count{N: w.Whole.N - n.N, Known: true}
	return requestlog.Used
}

func (p *Parser) serialPrefilled(s linescan.Scanner) requestlog.Verdict {
	took, n, ok := perf(s, " tokens")
	if !ok {
		return requestlog.Malformed
	}
	w := p.running()
	if w == nil { // versions that do not tell the prompt
		w = p.birth(work{Kind: kindSerial})
		w.Input = slots.Count{N: n, Known: true}
	}
	if w.Input.Known && w.Input.N != n && n > 1 {
		w.Input, w.Cached = slots.Count{}, slots.Count{} // cut off, or not its own
	}
	w.Prompt = took
	return requestlog.Used
}

func (p *Parser) serialDone(s linescan.Scanner) requestlog.Verdict {
	took, n, ok := perf(s, " runs")
	w := p.running()
	switch {
	case !ok:
		return requestlog.Malformed
	case w == nil:
		return requestlog.Ignored
	}
	w.Eval, w.Output, w.Runs = max(took, time.Microsecond), slots.Count{N: n, Known: true}, true
	w.Outcome = attribution.OutcomeOK
	p.ended(w)
	return requestlog.Used
}

// perf reads "  708.96 ms /    85 tokens".
func perf(s linescan.Scanner, unit string) (time.Duration, int64, bool) {
	s.Spaces()
	took := message.Millis(&s)
	s.Text(" ms / ")
	s.Spaces()
	n := s.Number()
	s.Text(unit)
	return took, n, !s.Bad
}

// restored reads what MLX's cache held of a prompt: all but its last token, which
// the first step of decoding takes, so the two numbers are one short of it.
func (p *Parser) restored(s linescan.Scanner) requestlog.Verdict {
	cached := s.Number()
	s.Text(" uncached_tokens=")
	fresh := s.Number()
	if s.Bad {
		return requestlog.Malformed
	}
	return p.prompt(cached, fresh+1)
}

// reused reads the same of the engine that serves one request at a time.
func (p *Parser) reused(s linescan.Scanner) requestlog.Verdict {
	cached := s.NumberTo('/')
	whole := s.Number()
	s.Text(" tokens")
	if s.Bad || cached > whole {
		return requestlog.Malformed
	}
	return p.prompt(cached, whole-cached)
}

func (p *Parser) prompt(cached, fresh int64) requestlog.Verdict {
	w := p.birth(work{Kind: kindPrompt})
	w.Whole = slots.Count{N: cached + fresh, Known: true}
	w.Input = slots.Count{N: fresh, Known: true}
	w.Cached = slots.Count{N: cached, Known: true}
	if w.Orphan { // the app's own: nothing will say when it ends
		p.drop(p.work(w.Seq))
	}
	return requestlog.Used
}
