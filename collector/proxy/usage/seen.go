package usage

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// seen is what a response has told so far. Numbers that come again, as usage
// does in the chunks of some servers, replace those before.
type seen struct {
	model                              string
	prompt, output, cached, cacheWrite attribution.Count
	timedCached, timedPrompt, timedOut attribution.Count
	prefill, decode, load              Span
	reported                           time.Time
	firstContent                       time.Time
	chunks                             int64
	complete, failed, elsewhere        bool
}

// number takes the number of a field that arrived at at.
func (s *seen) number(f field, text []byte, at time.Time) {
	switch f {
	case fieldPrompt:
		put(&s.prompt, text)
	case fieldOutput:
		put(&s.output, text)
	case fieldCached:
		put(&s.cached, text)
	case fieldCacheWrite:
		put(&s.cacheWrite, text)
	case fieldTimedCached:
		put(&s.timedCached, text)
	case fieldTimedPrompt:
		put(&s.timedPrompt, text)
	case fieldTimedOutput:
		put(&s.timedOut, text)
	case fieldPrefillMS:
		s.time(&s.prefill, text, time.Millisecond, at)
	case fieldDecodeMS:
		s.time(&s.decode, text, time.Millisecond, at)
	case fieldPrefillNS:
		s.time(&s.prefill, text, time.Nanosecond, at)
	case fieldDecodeNS:
		s.time(&s.decode, text, time.Nanosecond, at)
	case fieldLoadNS:
		s.time(&s.load, text, time.Nanosecond, at)
	}
}

func put(to *attribution.Count, text []byte) {
	if c, ok := count(text); ok {
		*to = c
	}
}

func (s *seen) time(to *Span, text []byte, unit time.Duration, at time.Time) {
	if d, ok := span(text, unit); ok {
		*to, s.reported = d, at
	}
}

// usage works the counts of an API out.
func (s *seen) usage(api API, streamed bool) Usage {
	u := Usage{
		Model: s.model, FirstContent: s.firstContent, Complete: s.complete, Failed: s.failed,
		Prefill: s.prefill, Decode: s.decode, Load: s.load, Reported: s.reported,
		Elsewhere: s.elsewhere,
	}
	u.Prompt, u.CacheWrite = s.split(&u, api), s.cacheWrite
	switch {
	case api.embeds && u.Prompt.Known:
		u.Output = attribution.Known(0)
	case s.output.Known:
		u.Output = s.output
	case s.timedOut.Known:
		u.Output = s.timedOut
	case streamed && s.chunks > 0:
		u.Output, u.Estimated = attribution.Known(s.chunks), true
	}
	if u.Prompt.Known && u.Output.Known {
		u.Context = attribution.Known(u.Prompt.N + u.Output.N)
	}
	return u
}

// split works out which part of the prompt came from the cache, and returns
// the size of the whole prompt.
func (s *seen) split(u *Usage, api API) attribution.Count {
	cached := s.cached
	if !cached.Known {
		cached = s.timedCached
	}
	switch {
	case !s.prompt.Known: // a stream without usage
		u.Input, u.Cached = s.timedPrompt, s.timedCached
		if !u.Input.Known || !u.Cached.Known {
			return attribution.Count{}
		}
		return attribution.Known(u.Input.N + u.Cached.N)
	case api.embeds:
		u.Input, u.Cached = s.prompt, attribution.Known(0)
		return s.prompt
	case api.cachedApart && cached.Known:
		u.Input, u.Cached = attribution.Known(s.prompt.N+s.cacheWrite.N), cached
		return attribution.Known(u.Input.N + u.Cached.N)
	case api.cachedApart:
		return attribution.Known(s.prompt.N + s.cacheWrite.N)
	case cached.Known && cached.N <= s.prompt.N:
		u.Input, u.Cached = attribution.Known(s.prompt.N-cached.N), cached
	case s.timedPrompt.Known && s.timedPrompt.N <= s.prompt.N: // llama-server before cache_n
		u.Input, u.Cached = s.timedPrompt, attribution.Known(s.prompt.N-s.timedPrompt.N)
	}
	return s.prompt
}
