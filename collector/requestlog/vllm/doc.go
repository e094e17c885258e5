// Package vllm reads the log of vLLM's API server: the builds for Apple
// Silicon (vllm-metal, the CPU build) write the same one. The lines are those
// of vLLM 0.6 to 0.33, from vllm/entrypoints/logger.py, v1/engine/async_llm.py,
// v1/metrics/loggers.py, the older engine/async_llm_engine.py and metrics.py,
// and uvicorn's protocol. vllm-mlx shares the name only; see package mlx.
//
// # Shapes
//
//	(APIServer pid=4286) INFO 11-24 10:00:10 [async_llm.py:420] Added request chatcmpl-X.
//	INFO 11-24 10:00:10 async_llm_engine.py:211] Added request chatcmpl-X.                       2024
//	(APIServer pid=4286) INFO:     127.0.0.1:50400 - "POST /v1/chat/completions HTTP/1.1" 200 OK   uvicorn
//
// with ANSI colours or without.
//
// # What is read
//
//	vLLM API server version …                       a run begins: what was in flight has failed
//	non-default args: {…}                           the model's name; --disable-log-stats and such
//	Initializing a V1 LLM engine … served_model_name=M, Starting to load model M...
//	                                                a model load begins
//	init engine (…                                  it ends
//	Received request ID: params: …                  a request comes
//	Added request ID.                               the engine has it
//	Request ID aborted. Aborted request(s) ID,ID.   the client has gone
//	Request ID failed…                              it failed
//	Finished request ID.                            it ends (the engine before V1)
//	Generated response ID…, output_token_ids: […]   it ends, and its output tokens
//	"POST … HTTP/1.1" 200 OK                        see below
//	Engine 000: Avg prompt throughput: … Running: 1 reqs, Waiting: 0 reqs, …
//
// # What must be switched on
//
// By default (since 0.10) the log holds nothing of a request but uvicorn's
// access line, which is printed with the headers: at the beginning of a stream
// and at the end of an answer in one piece, without saying which. Such
// requests are handed over without times: they are counted, and the energy
// shows as the server's own work. With --enable-log-requests they have times.
// The lines it adds hold sampling parameters, and the prompt as well in
// versions before 2026. The counts of tokens are told only with
// --enable-log-outputs too, which logs every answer; better is the proxy.
//
// # When a request begins and ends
//
// Start is the Received line. vLLM batches continuously, so the queue is
// empty as a rule; where requests wait, their wait is in it.
//
// A stream is told from an answer in one piece by the order of lines: the front
// end sends a stream's headers at once, and only then fetches the first token,
// which is when the engine gets the request. So an access line between Received
// and Added begins that stream, and another ends an answer in one piece: of
// those in flight the oldest, for the line names none. That may be the wrong
// one. But each access line ends exactly one request, so their number in flight
// is right at every moment, and with it the energy that goes to requests and to
// the rest; only the division between two that overlapped may be swapped.
//
// A stream's end is not logged. The stats line, every ten seconds while there
// is work, counts what runs and waits; streams in flight beyond that number
// have ended since the last one, the oldest first. Their End is the middle of
// the time in question and Uncertainty half of it, 5 s as a rule. The engine
// counts a request only after its first step, so a stream is not ended by a
// line that cannot have seen its tokens. With several engines (data parallel)
// the lines count apart and are not used, unless --aggregate-engine-logging adds
// them up. Then, and with --disable-log-stats, streams are handed over at once
// without an end, and so are those in flight ten minutes after the last stats
// line when another request comes; but not with --enable-log-outputs.
//
// Without uvicorn's lines (--disable-uvicorn-access-log, --uvicorn-log-level)
// every request is taken for a stream.
//
// # Tokens
//
// Prompt and cached tokens are never logged by request. The stats line has
// tokens per second as an average over about ten seconds, with one decimal, but
// neither the length of that time to better than a second nor whose the tokens
// were, and the lines of idle stretches are left out. A sum made from it would
// be off by a tenth and more, so none is made: tokens are unknown, not zero.
//
// # Time
//
// Stamps are local time in whole seconds without a year. The arrival of a line
// tells the year, narrows the second (requestlog.Line.Written), and places
// uvicorn's lines, which have no stamp. Found in an old log, these are placed by
// the line above them, to the ten seconds of the stats. A log without arrivals
// has no year, and gives requests without times.
//
// # Privacy and forged lines
//
// Ids of requests can be chosen by clients (X-Request-Id) and are kept as
// hashes. Prompts and answers are quoted by Python, line feeds included, so
// they cannot forge a line of their own; the list of token ids is taken from
// the end of a line. A Received line with a prompt longer than the longest line
// that is read is missed: that request begins with the Added line, and ends with
// an access line or by the stats, whichever comes first. A model given as a path is known by its last part.
package vllm
