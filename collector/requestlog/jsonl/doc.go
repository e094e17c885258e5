// Package jsonl reads and writes sovmeter's interchange log: one JSON object a
// line for each request that has ended. Any server, router or script can write
// it; the metering proxy, `sovmeter parse` and `sovmeter replay --requests` do
// too. Names follow OpenTelemetry's conventions for generative AI where those
// have one, as they stand in open-telemetry/semantic-conventions-genai
// (model/gen-ai/registry.yaml) in autumn 2026. [Schema] is a JSON Schema of it.
//
//	{"id":"llama/1/7","server":"llama","client":"editor","gen_ai.request.model":"qwen3-8b",
//	 "start":"2026-11-24T05:45:00.25Z","first_token":"2026-11-24T05:45:00.5Z","end":"2026-11-24T05:45:03Z",
//	 "outcome":"ok","gen_ai.usage.input_tokens":812,"gen_ai.usage.cache_read.input_tokens":500,
//	 "gen_ai.usage.output_tokens":120,"context_tokens":932}
//
// (on one line). The fields:
//
//	start, end                             required; RFC 3339 in any zone, written in UTC with up to nine decimals
//	first_token                            when prefill ended
//	id                                     unique among a server's that end in the same millisecond; made from end and offset when absent
//	server                                 the reader's configured name wins when it has one
//	client, project                        who asked and for what, for reports by application
//	gen_ai.request.model                   as the client or the log named it
//	gen_ai.response.model                  read when gen_ai.request.model is absent
//	gen_ai.usage.input_tokens              prompt tokens, those read from a cache or written to one INCLUDED
//	gen_ai.usage.cache_read.input_tokens   of these, tokens served from the cache
//	sovmeter.usage.fresh_input_tokens      prompt tokens that no cache served, when the cached ones are not known
//	gen_ai.usage.output_tokens             generated tokens, those of reasoning included
//	sovmeter.usage.estimated               true when a count was not told by the server but counted from what passed by
//	context_tokens                         tokens in the context at the end, when the log tells
//	outcome                                ok, cancelled or error
//	error.type                             on errors; makes the outcome error when outcome is absent
//	gen_ai.response.finish_reasons         a list; error in it does the same
//	gen_ai.operation.name                  see Operations
//	uncertainty_seconds                    how far the times may be off
//
// for calls that were served on another machine:
//
//	sovmeter.remote                           true: another machine served it; false: this one did
//	server.address                            decides when sovmeter.remote is absent, see Elsewhere
//	gen_ai.provider.name                      who served it, such as openai
//	gen_ai.usage.cache_write.input_tokens     of input_tokens, those written to the provider's cache
//	gen_ai.usage.cache_creation.input_tokens  the same, by its name of before September 2026; read, never written
//	sovmeter.spend_usd                        what the call cost, in US dollars
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
// Anything else is passed over, server.port among it.
//
// An error comes from the amount that there was to share (the baseline, other
// processes, unexplained energy), from sharing it among simultaneous requests,
// from the sensor over a short time, or from a gap in the measurement. Amounts
// are off for all requests in the same direction; sharing only moves energy
// between them, so the bands of requests do not add up to that of a day.
//
// # Unknown
//
// A count that is not known is absent or null, never 0. input_tokens without
// cache_read.input_tokens therefore does not tell how many tokens were
// prefilled, and sovmeter counts none of them: a writer without a prompt cache
// should write "gen_ai.usage.cache_read.input_tokens":0, or the reader be told
// with requestlog.Options.NoCache. Reading what was written gives the same
// request or call again (but for Position, which is the place in the file).
//
// # Elsewhere
//
// A call that another machine served took no energy here and becomes an
// attribution.RemoteCall. When sovmeter.remote is absent, a server.address of
// the public internet marks one. A private address or name does not (nor one of
// a tailnet): it may be this machine's own, seen from a container or by its name
// in the network. A writer in front of a server on another machine of the house
// must say so with sovmeter.remote, and one in front of a server here that has a
// public name must say false, unless that is this machine's own host name or an
// address of its interfaces. gen_ai.provider.name alone tells nothing: servers
// here speak the interfaces of others and are given their names.
//
// Input of such a call is what is left of input_tokens after the parts that are
// told. A provider that does not tell how much its cache served charged for all
// of it. Spend is read from the digits, to a billionth of a dollar (half up).
//
// # Operations
//
// Lines of the operations create_agent, invoke_agent, invoke_workflow,
// execute_tool, plan and retrieval, and of those on memory, are passed over: the
// inferences within have lines of their own, and their tokens would count twice.
// Every other operation, and a line without one, is an inference.
//
// # Strictness
//
// A line that is not one JSON object is malformed, and so is one with a field of
// the format that
//
//   - stands there twice: decoders differ in which one they take;
//   - is of another type: a number in quotes is a text;
//   - is a negative number, one beyond 10^12 tokens, 10^15 J, 10^6 dollars or
//     10^7 s of uncertainty, or a count that is not whole. Numbers are read from
//     their digits: 120, 120.0 and 1.2e2 are the same count, and 120.0000000001 is
//     none. JSON has no NaN and no infinity;
//   - is not an RFC 3339 time with T and Z in capitals (no comma, no leap second),
//     or not of the years 1970 to 2199;
//   - contradicts another: an end before its start or more than a week after it,
//     a first token outside both, parts of the prompt that exceed the whole,
//     prompt and output of more than 10^12 tokens, energy of a call served
//     elsewhere.
//
// Ids, servers, models and tags may hold only letters, digits and
// . _ - : / @ + = # (at most 128 bytes); a name of other shape is dropped and the
// request kept, an id of other shape is replaced. A key or a password can have
// that shape: tags are to be names. Extra fields may hold anything, a prompt
// among it: they are passed over unread.
//
// The schema says the same but for what no schema can: no field twice, the
// contradictions above except that of sovmeter.remote, and days that the
// calendar lacks.
//
// # Horizon
//
// The log speaks of a request only once it has ended: see
// requestlog.Parser.SpeaksAtEnd.
package jsonl
