// Package mlx reads the logs of the servers that run models with Apple's MLX.
// They share an engine and not a log; three kinds are told apart line by line,
// and a fourth gives no more than a count.
//
// # mlx_lm.server
//
// mlx-lm's own server (mlx_lm/server.py, 0.21 to 0.32, and its many forks)
// answers through Python's http.server:
//
//	127.0.0.1 - - [24/Nov/2026 10:00:10] "POST /v1/chat/completions HTTP/1.1" 200 -
//	2026-11-24 10:00:12,499 - INFO - Prompt processing progress: 2048/5000
//
// The access line is printed when the headers are sent, and the handler sends
// them before the first token: once the generating thread has taken the
// request out of its queue and cut the prompt into tokens, or, in the versions
// with one thread, before anything. So it is the request's beginning, streamed
// or not, and without its time in the queue. Nothing is printed at its end. The
// progress lines (since 0.28) count the fresh part of the prompt, what the
// cache holds left out, and stop up to a dozen tokens short of it.
//
// Such a request has a start, the fresh prompt tokens where progress lines can
// only be its own, the first token, and neither an end nor output tokens. It is
// handed over without an end, which makes it an unplaced one: it is counted,
// and what the server used appears as its own work and not as the request's.
// Nothing in the log bounds the end: the next request may come hours later or
// in the same batch, and taking the time until then would spoil what is known
// of the idle machine. The proxy gives all that is missing.
//
// # oMLX
//
// oMLX (omlx/server.py, 0.3 to 0.7; ~/.omlx/logs/server.log) sums every request
// up at its end, for chat, completions, Anthropic messages and responses:
//
//	2026-11-24 10:00:32,750 - omlx.server - INFO - [-] - Chat completion: model=M, 534 tokens in 26.00s (24.4 tok/s), prompt: 4168, finish_reason=stop, …, stream_model_ttft=1.25s, …
//	2026-11-24 10:00:07,000 - omlx.scheduler - INFO - [-] - Prefix cache restore for ID: source=paged cached=4096 suffix=72 …
//	2026-11-24 10:00:07,000 - omlx.scheduler - INFO - [-] - prefix cache: request ID re-prefills 72 of 4168 tokens (reused 4096); …
//	2026-11-24 10:00:01,000 - omlx.engine_pool - INFO - [-] - Loading model: M
//
// End is the line's stamp, to the millisecond, Start lies before it by the
// duration, FirstToken after that by stream_model_ttft. The duration counts
// from the request's arrival, so a wait for other requests or for the model to
// load is in it. The prompt is told whole, and only by chat and completions;
// what of it was cached comes from the scheduler's lines, joined by the length
// of the prompt and by time. Without such a line Input and Cached are unknown
// and Context has the sum, unless Options.NoCache says that there is no cache.
// A request whose client left is not summed up and is not seen.
//
// # vllm-mlx, Rapid-MLX, vMLX
//
// These (vllm_mlx/scheduler.py and routes, 0.2 to 0.6 of vllm-mlx, 0.6 to 0.16
// of Rapid-MLX) log without a time, so their lines are placed by when they
// arrived, which a log that is followed tells to the interval of polling:
//
//	INFO:vllm_mlx.scheduler:[schedule] request=ID uid=2 prompt_tokens=58 tokens_to_prefill=8, 50 cached max_tokens=…   begins, out of the queue
//	INFO:vllm_mlx.engine_core:[stream_outputs] ID first token after 0.5s
//	INFO:vllm_mlx.scheduler:[cache_store] request=ID tokens=88 …                                                       ends; prompt and output together
//	INFO:vllm_mlx.engine_core:[stream_outputs] ID finished normally, …                                                 ends, where nothing is stored
//	INFO:vllm_mlx.scheduler:[abort_request] ID ABORTED …                                                               the client has gone
//	WARNING:vllm_mlx.scheduler:[generation_error_recovery] aborted N running requests, …                               all have failed
//	INFO:vllm_mlx.routes.chat:Chat completion (stream): 30 tokens in 2.05s (14.6 tok/s)                                sums one up
//
// With the scheduler's lines every count is exact. Where no cache_store line
// comes (another cache, or none) the summary gives the output tokens of the
// request that has just streamed its last, or else of the one that began when
// the summary says: of several in flight that may be the wrong one, but their
// number and the sum of their tokens are right. Without the scheduler's lines
// (SimpleEngine) the summary is all there is: end, duration, output tokens. A
// rate that says "decode" spans the decode phase alone (vMLX); prefill then
// shows as the server's own work.
//
// # Other servers behind uvicorn
//
// mlx-vlm, mlx-openai-server and others leave only uvicorn's access line. It is
// printed with the headers: at the beginning of a stream, and at the end of an
// answer in one piece, and does not say which it was. These requests are handed
// over without times, to be counted.
//
// # Time
//
// Stamps are local time without an offset: Options.Zone says where. An hour
// that the clock showed twice is resolved by the line's arrival. http.server
// prints whole seconds, which the arrival narrows (requestlog.Line.Written).
//
// # Privacy and forged lines
//
// At INFO none of these logs a prompt. mlx_lm.server at DEBUG logs bodies and
// tokens, over several lines; a line of a prompt that has the shape of an
// access line or of progress is believed. Request ids, which clients may
// choose, are kept as hashes. A model given as a path is known by its last part.
package mlx
