// Package llamaswap reads what llama-swap, a proxy that starts and stops model
// servers on demand, tells of the requests it passed on. There are two ways, and
// the first is the better one by far:
//
//   - Activity asks its activity endpoint, which has model, tokens and speeds of
//     the last requests.
//   - Parser reads the access lines of its log, which have no tokens and mostly
//     no model.
//
// Use one of them, and not the log of the model server behind llama-swap as well:
// each would tell of the same requests.
//
// Written from the source of llama-swap: proxy/proxymanager.go and
// proxy/logMonitor.go (February 2025 to v226), internal/server/log.go and
// internal/logmon/logging.go (June 2026 on) for the lines;
// proxy/metrics_middleware.go, proxy/metrics_monitor.go, internal/server/metrics.go,
// and since July 2026 internal/server/apigroup.go and internal/store for the endpoint.
//
// # The access log
//
//	[INFO] Request 127.0.0.1 "POST /v1/chat/completions HTTP/1.1" 200 2200 "python-httpx/0.28.1" 13.855236978s
//	2026-07-09T09:11:31.5Z [INFO] Request …                    with logTimeFormat
//	[llama-swap] 127.0.0.1 [2025-03-20 11:27:15] "POST …" …    before the spring of 2025; local time
//
// Method, path, status and duration are read. Of the paths an allow-list of those
// that make a model work counts, and of these only what was not refused at the
// door (401, 403, 404, 405, 429). 499 is a client that went away; older versions
// log such a request with the status that was sent before.
//
// The line is written when the request ends, so its end is the stamp or, without
// one, the arrival of the line; a request whose line lay in the file before
// anybody looked has no time and is left out and counted. logTimeFormat: rfc3339nano
// in llama-swap's config is the remedy. Formats without a date (kitchen, stamp …)
// are read as no stamp. Start is the end less the duration, which includes the
// time that llama-swap took to load the model. The model is known only for
// /upstream/MODEL/… paths. Tokens are not known, and booked as that.
//
// With "logToStdout: both" the lines of the servers behind it stand in the same
// log. They are not read here. If there is but one llama-server, its lines are
// worth more than the access lines: read that log with the format llamacpp, which
// ignores llama-swap's. With several at once it cannot tell them apart.
//
// # The activity endpoint
//
// Since July 2026 llama-swap keeps its entries in a database, in memory or with
// store.path in a file, and gives them by pages at /api/metrics/activity; before,
// /api/metrics was the list of all. Activity asks for whichever there is. An entry
// is made when a request ends:
//
//	{"id": 7, "timestamp": "2026-10-05T08:12:44.1+02:00", "model": "qwen3-8b", "req_path": "/v1/chat/completions",
//	 "resp_status_code": 200, "duration_ms": 4210, "tokens": {"cache_tokens": 512, "input_tokens": 90,
//	 "output_tokens": 128, "prompt_per_second": 801.2, "tokens_per_second": 31.5}}
//
// In versions of 2025 the numbers under tokens stand beside the others, and there
// is no path and no status; before September 2025 there are no cache_tokens and no
// prompt_per_second either. -1 means unknown, and so do numbers that are all 0.
//
// Where the server behind it is a llama-server its own timings are passed on, and
// input_tokens are the fresh ones. They also place the request: it ends at the
// timestamp, tokens and speeds give how long prefill and decoding took before it,
// and what is left of the duration, a queue or a model load, is not part of it.
// With other servers input_tokens are what their usage says: of /v1/messages
// without the cached ones, else with them; where those are not told Input is
// unknown (but for embeddings and reranking, which have no cache, and with
// NoCache), and the request starts at the end less the duration. An entry
// without tokens is a request without usage, such as a stream that the client
// broke off: it has status 200 and cannot be told from one whose server sends none.
//
// The list holds the last 1000 entries (metricsMaxInMemory; a database in a file
// holds all, of which a look reads 8000) and its ids begin at 0, with a database in
// memory at 1, when llama-swap is started or reads its config anew. A checkpoint therefore
// holds the last id with its timestamp: the entry with that id and another
// timestamp, or a list that ends before it, shows a new life of llama-swap, and all
// its entries are new. Entries that fell out of the list between two looks are
// counted, as far as their ids tell, in ActivityStats.Dropped and
// LogUpdate.Unplaced; what ended after the last look before llama-swap did is not
// known to anybody. Models of peers are requests of this machine unless
// ActivityOptions.PeerModels names them.
//
// # Limits
//
// llama-swap logs the path of a request with its line feeds, so a client can put
// a line into the log that is none. A line counts only if it has all its parts and
// no quotes inside them; a client that is let in can as well make a real request.
// Lines and entries are not requests of their own where a client tries again.
//
// A vLLM that is run with --enable-per-request-metrics and
// --enable-prompt-tokens-details behind a llama-swap with a database looks like a
// llama-server, so its cached tokens are counted as input too.
//
// Both ways speak of a request only once it has ended: see
// requestlog.Parser.SpeaksAtEnd.
package llamaswap
