package llamaswap

import (
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

const (
	maxCount = 1e12 // tokens; no context is near it
	// timingSlack is by how much the two phases may exceed the duration, which
	// llama-swap measures by itself and cuts to a millisecond.
	timingSlack = 50 * time.Millisecond
)

// entry is one request as the activity endpoint tells it.
type entry struct {
	ID        *int64 `json:"id"`
	Timestamp string `json:"timestamp"`
	Model     string `json:"model"`
	Path      string `json:"req_path"`
	Status    int    `json:"resp_status_code"`
	Took      *int64 `json:"duration_ms"`
	Nested    *usage `json:"tokens"` // since 2026
	usage            // before

	at    time.Time // of Timestamp; zero: not understood
	bad   bool      // a value is not what it should be
	paged bool      // it comes from a page, so from llama-swap's database
}

// first is the id of the first entry in a life of llama-swap.
func (e *entry) first() int64 {
	if e.paged {
		return 1
	}
	return 0
}

// ended is when the request ended, and by how much that may be wrong: the
// database keeps seconds, rounded down. It was before now.
func (e *entry) ended(now time.Time) (time.Time, time.Duration) {
	if !e.paged || e.at.Nanosecond() != 0 {
		return e.at, time.Millisecond
	}
	return requestlog.Line{Arrival: now, Spread: requestlog.SpreadUnknown}.Written(e.at, e.at.Add(time.Second))
}

// usage are an entry's tokens and speeds.
type usage struct {
	Cached *int64   `json:"cache_tokens"` // -1: unknown
	Input  *int64   `json:"input_tokens"`
	Output *int64   `json:"output_tokens"`
	Prompt *float64 `json:"prompt_per_second"` // -1: unknown
	Decode *float64 `json:"tokens_per_second"` // -1: unknown
}

// settle works out what the rest relies on, once after decoding.
func (e *entry) settle() {
	if e.Nested != nil {
		e.usage = *e.Nested
	}
	at, err := time.Parse(time.RFC3339Nano, e.Timestamp)
	if y := at.UTC().Year(); err == nil && y >= 1970 && y < 2200 {
		e.at = at.UTC()
	}
	e.bad = e.bad || e.at.IsZero() || e.Took == nil || *e.Took < 0 || *e.Took > int64(maxDuration/time.Millisecond)
	for _, n := range []*int64{e.Cached, e.Input, e.Output} {
		e.bad = e.bad || n != nil && (*n < -1 || *n > maxCount)
	}
}

// counted is false for an entry whose numbers are all 0 or absent: llama-swap
// makes it when an answer has no usage.
func (u usage) counted() bool {
	return count(u.Input).N > 0 || count(u.Output).N > 0 || count(u.Cached).N > 0
}

// timed is true when the counts are llama-server's timings, so that Input is
// what was prefilled. Versions that do not tell the prompt's speed take Input
// from the usage all the same. Those with pages take speeds from vLLM too, beside
// the usage; llama-server also tells what was cached, which vLLM does not unless
// it is asked to.
func (e *entry) timed() bool {
	return e.Prompt != nil && *e.Prompt >= 0 && (!e.paged || count(e.Cached).Known)
}

func count(n *int64) attribution.Count {
	if n == nil || *n < 0 {
		return attribution.Count{}
	}
	return attribution.Known(*n)
}

// tokens are the fresh, cached and generated tokens, and the whole context.
func (e *entry) tokens(noCache bool) (fresh, cached, output, context attribution.Count) {
	if !e.counted() {
		return
	}
	input := count(e.Input)
	cached, output = count(e.Cached), count(e.Output)
	if !cached.Known && !e.timed() && (noCache || uncached(e.Path)) {
		cached = attribution.Known(0)
	}
	switch {
	case !input.Known:
	case e.timed(), cached.Known && e.apart():
		fresh = input
	case cached.Known && cached.N <= input.N:
		fresh = attribution.Known(input.N - cached.N)
	case !cached.Known && output.Known:
		return fresh, cached, output, attribution.Known(input.N + output.N)
	}
	if fresh.Known && cached.Known && output.Known {
		context = attribution.Known(fresh.N + cached.N + output.N)
	}
	return fresh, cached, output, context
}

// apart is true when the usage counts cached tokens beside the input: that of
// /v1/messages does. Versions that do not tell the path know no other.
func (e *entry) apart() bool {
	return e.Path == "" || e.Path == "/v1/messages" || e.Path == "/v/messages"
}

// times are the start and the first token of a request that ended at end.
func (e *entry) times(end time.Time) (start, first time.Time) {
	took := time.Duration(*e.Took) * time.Millisecond
	prefill, decode, ok := e.phases()
	if !ok || prefill+decode > took+timingSlack {
		return end.Add(-took), time.Time{}
	}
	first = end.Add(-decode)
	return first.Add(-prefill), first
}

// phases is how long prefill and decoding took.
func (e *entry) phases() (prefill, decode time.Duration, ok bool) {
	if !e.timed() || e.Decode == nil || count(e.Output).N == 0 || count(e.Input).N == 0 {
		return 0, 0, false
	}
	prefill, ok = span(*e.Input, *e.Prompt)
	if !ok {
		return 0, 0, false
	}
	decode, ok = span(*e.Output, *e.Decode)
	return prefill, decode, ok
}

// span is how long n tokens take at a speed.
func span(n int64, perSecond float64) (time.Duration, bool) {
	seconds := float64(n) / perSecond
	if !(perSecond > 0) || seconds > maxDuration.Seconds() {
		return 0, false
	}
	return time.Duration(seconds * 1e9), true
}

// id names the entry over all lives of llama-swap.
func (e *entry) id(server string) string {
	return server + "/" + strconv.FormatInt(e.at.UnixMilli(), 10) + "/" + strconv.FormatInt(*e.ID, 10)
}

func (e *entry) request(opt *ActivityOptions, now time.Time) attribution.Request {
	r := attribution.Request{
		ID: e.id(opt.Server), Server: opt.Server, Model: requestlog.Model(e.Model),
		Outcome: outcome(e.Status), Position: *e.ID,
	}
	if opt.Model != "" {
		r.Model = opt.Model
	}
	r.End, r.Uncertainty = e.ended(now)
	r.Start, r.FirstToken = e.times(r.End)
	r.Input, r.Cached, r.Output, r.Context = e.tokens(opt.NoCache)
	return r
}

// call is a request that a peer of llama-swap served.
func (e *entry) call(opt *ActivityOptions, now time.Time) attribution.RemoteCall {
	c := attribution.RemoteCall{
		ID: e.id(opt.Server), Server: opt.Server, Model: requestlog.Model(e.Model),
		Outcome: outcome(e.Status), Position: *e.ID,
	}
	c.End, _ = e.ended(now)
	c.Start, _ = e.times(c.End)
	c.Input, c.Cached, c.Output, _ = e.tokens(opt.NoCache)
	return c
}
