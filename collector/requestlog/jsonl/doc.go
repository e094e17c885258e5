// Package jsonl reads and writes sovmeter's interchange log: one JSON object a
// line for each request that has ended. Any server, router or script can write
// it; `sovmeter parse` and `sovmeter replay --requests` do too. Names follow
// OpenTelemetry's conventions for generative AI where those have one.
//
//	{"id":"llama/1/7","server":"llama","gen_ai.request.model":"qwen3-8b",
//	 "start":"2026-11-24T05:45:00.25Z","first_token":"2026-11-24T05:45:00.5Z","end":"2026-11-24T05:45:03Z",
//	 "outcome":"ok","gen_ai.usage.input_tokens":812,"gen_ai.usage.cache_read.input_tokens":500,
//	 "gen_ai.usage.output_tokens":120,"context_tokens":932}
//
// (on one line). The fields:
//
//	start, end                            required; RFC 3339 in any zone, written in UTC with up to nine decimals
//	first_token                           when prefill ended
//	id                                    unique over all servers; made from end and offset when absent
//	server                                the reader's configured name wins when it has one
//	gen_ai.request.model                  as the client or the log named it
//	gen_ai.usage.input_tokens             prompt tokens, those from the cache INCLUDED
//	gen_ai.usage.cache_read.input_tokens  of these, tokens served from the cache
//	sovmeter.usage.fresh_input_tokens     prompt tokens that were prefilled, when the cached ones are not known
//	gen_ai.usage.output_tokens            generated tokens
//	context_tokens                        tokens in the context at the end, when the log tells
//	outcome                               ok, cancelled or error
//	error.type                            on errors; makes the outcome error when outcome is absent
//	uncertainty_seconds                   how far the times may be off
//
// and, for requests that were metered:
//
//	energy_joules                         what was booked to it; absent when no measured window covers it
//	prefill_joules, decode_joules         its parts
//	error_joules                          half width of its error band: in 95 of 100 requests energy_joules is off by less
//	error_driver                          what makes up most of that: amount, sharing, sensor or gap; absent when it is 0
//	tier                                  measured, shared or estimated
//	covered_ratio                         part of its time with a measured window, 0 to 1
//	late                                  true when its energy had been booked elsewhere before it was known
//
// An error comes from the amount that there was to share (the baseline, other
// processes, unexplained energy), from sharing it among simultaneous requests,
// from the sensor over a short time, or from a gap in the measurement. Amounts
// are off for all requests in the same direction; sharing only moves energy
// between them, so the bands of requests do not add up to that of a day.
//
// # Unknown
//
// A count that is not known is absent, never 0. input_tokens without
// cache_read.input_tokens therefore does not tell how many tokens were
// prefilled, and sovmeter counts none of them: a writer without a prompt cache
// should write "gen_ai.usage.cache_read.input_tokens":0, or the reader be told
// with requestlog.Options.NoCache. Reading what was written gives the same request again
// (but for Position, which is the place in the file).
//
// # Strictness
//
// A number that is negative, not whole where a count is meant, or absurdly
// large, a time that is not RFC 3339, an end before its start, or a first token
// outside both makes the line malformed. Other fields are ignored, so a line may
// hold a prompt: it is dropped unread. Ids, servers and models may hold only
// letters, digits and . _ - : / @ + = # (at most 128 bytes); a model of other
// shape is dropped, an id of other shape is replaced.
//
// # Horizon
//
// The log speaks of a request only once it has ended: see
// requestlog.Parser.SpeaksAtEnd.
package jsonl
