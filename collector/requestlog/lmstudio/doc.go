// Package lmstudio reads the server log of LM Studio (0.3 to 0.4 and the
// versions of late 2026): ~/.lmstudio/server-logs/YYYY-MM/YYYY-MM-DD.N.log, the
// files of which Files lists in order, and what `lms log stream --source server`
// prints, which has the same lines.
//
// # Caveats
//
// LM Studio is closed source. The lines are those of logs that its users have
// shown in lmstudio-ai/lmstudio-bug-tracker (among others threads 204, 407, 597,
// 778, 1143, 1977, 2006, 2011, 2220, 2257, 2419; versions 0.3.9 to 0.4.20) and
// elsewhere, and of the sources of its parts: lmstudio-ai/mlx-engine (the prompt
// cache's lines), lmstudio-ai/lms (src/subcommands/log.ts), llama.cpp. Nothing
// here was recorded by us. The ends of embeddings, of /v1/messages without a
// stream and of /v1/responses with one were not found; see Limits.
//
// # Shape
//
// An entry begins with a stamp of local time in column one and may go on for many
// lines:
//
//	[2026-04-24 18:04:33][INFO][qwen/qwen3.6-27b] Running chat completion on conversation with 8 messages.
//	[2026-04-24 18:04:50][DEBUG] slot print_timing: id  1 | task 3416 |
//	prompt eval time =    4364.00 ms /  3797 tokens (…)
//
// Stamps have whole seconds and no offset: Options.Zone says which. A line that is
// seen as it is written is placed within its second by its arrival. The hour that
// clocks show twice in autumn is told apart by that and by the order of the entries.
//
// # What is read
//
// Of the server, at INFO and ERROR, with the model's tag or, in logs to October
// 2025, without:
//
//	Running chat completion on …, Running completion on …, Running Anthropic messages
//	API on …, Generating synchronous v1/responses response        a request begins
//	Streaming response…, Streaming Anthropic response…            its reply is streamed
//	Prompt processing progress: N%                                0 and 100: its prefill
//	First token generated, Accumulating tokens …                  its first token
//	Finished streaming response, … Anthropic response             it ends
//	Generated prediction: {…}, Generated synchronous …: {…}       it ends, with usage
//	Client disconnected. Stopping generation…                     it was cancelled
//	[ERROR][Server Error] {…}, [ERROR] Error: …, … streaming error: …
//	Received request to embed …, Returning embeddings             the same for embeddings
//	[JIT] Requested model (…)                                     a model load begins
//	Success! HTTP server listening                                what was in flight is lost
//
// Of the engines, at DEBUG:
//
//	Total prompt tokens: N; Prompt tokens to decode: N; llama_perf_context_print: …
//	    llama.cpp as a library (seen to November 2025): fresh and cached tokens exactly;
//	    output tokens from the decoder's runs, to one token (TokensEstimated)
//	slot launch_slot_: …, print_timing: …, release: …, cancel task
//	    llama.cpp's server (LlamaV4, seen from April 2026): as package llamacpp/slots says
//	Prompt cache restore: cached_tokens=N uncached_tokens=N, Prompt cache: using N/N
//	    MLX: the prompt, which the first pair of numbers is one short of; no output
//	Done · input N · cached N · output N · TTFT N s · N tok/s, Cancelled · …
//	    Splash (seen from September 2026): everything
//
// # What a request has
//
//	                             input, cached     output    first token
//	INFO, without a stream       Context only      yes       with progress lines
//	INFO, streamed               no                no        with progress lines
//	DEBUG, llama.cpp             yes               yes       yes
//	DEBUG, MLX, no stream        yes               yes       with progress lines
//	DEBUG, MLX, streamed         yes               no        with progress lines
//	DEBUG, Splash                yes               yes       yes
//
// A response's usage has prompt tokens of which the cached part is not told (but by
// /v1/responses): they are in Context, and Input and Cached stay unknown unless the
// engine tells or Options.NoCache. A cancelled request has the context that
// its slot held. What is missing is unknown, never zero: the usage of zeros that a
// cancelled request's response shows is not believed. For streamed replies of MLX,
// and at INFO, the metering proxy has the counts.
//
// Start is when the prompt's processing began, where a line or the engine's timings
// tell, else the request's first line. The model is empty where only the client
// named one: LM Studio serves what it has loaded, whatever is asked for.
//
// # Which engine's lines are whose
//
// The engines name no request, and several run at once. A work that begins while
// exactly one request is without, and no other work is unaccounted for, is that
// request's. Otherwise a request that ends takes the only work that has ended,
// began after it, and does not contradict its response. Where two remain, both
// stay nobody's: the requests are told with unknown tokens. A work that begins
// while no request of the server waits is the app's own (its chat, an SDK) and a
// request by itself, without a model. Two models' servers number their tasks alike;
// while such numbers meet, their tokens are unknown.
//
// A line that ends a request names its model at most. Of several it takes the one
// whose work has ended, whose prompt fits the response, or whose second of creation
// does; else the oldest, and Uncertainty grows by how far their beginnings lie
// apart. "Client disconnected" names nobody: with several in flight it is the next
// that ends within two seconds, else whoever is left.
//
// # Text in the log
//
// At DEBUG whole prompts stand in the log, and replies at INFO. They are JSON with
// escaped line feeds, so no text begins a line, and of a response only the usage's
// numbers are read, by key and indent, without parsing a string. Engines' lines are
// read only in entries that begin like an engine's. Some entries print text raw
// (Accumulated N tokens, Tool calls, Running completion on text): a line there that
// has the shape of an entry, in column one, with a stamp between the entry before
// and the line's arrival, or as old as the line, cannot be told from a real one.
//
// # Limits
//
// At INFO the app's own chats and SDK calls are not in the log. Requests for
// embeddings are not in flight until they are answered, for which the line is known
// by hearsay only. A streamed /v1/responses has no lines of its own known: with
// llama.cpp or Splash at DEBUG it is counted as the app's own. A log rotated by LM
// Studio is a new file; Position is an offset in its file, and with the end's time
// it is still a request's own. Logs before 0.3 (stamps with milliseconds) are not
// read. The developer view of the app, when copied, has another shape.
package lmstudio
