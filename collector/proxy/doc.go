// Package proxy is a transparent HTTP proxy in front of a model server that
// meters it: it passes everything on as it is, reads the usage numbers out of
// the responses (see package usage), and writes one line a request to a log in
// sovmeter's interchange format (package jsonl). It is for servers whose own
// log tells no tokens, and for those who want their use by application.
//
//	client ── http://127.0.0.1:11435 ── proxy ── http://127.0.0.1:11434 ── server
//	                                      └── requests.jsonl ── sovmeter run
//
// # What is metered
//
// POST to /v1/chat/completions, /v1/completions, /v1/responses, /v1/embeddings
// (and the same without /v1, or below LM Studio's /api/v0), /v1/messages,
// /api/generate, /api/chat, /api/embed, /api/embeddings and llama-server's
// /completion. Everything else, WebSockets among it, passes unread and unlogged.
//
// A line has the model, the times, the outcome, and the tokens that the server
// reported. It is written when the request has ended, whatever ended it. A
// client can say who asks and for what in the headers X-Sovmeter-Client and
// X-Sovmeter-Project; they become the request's client and project, and go to
// the server like all others. They may hold what an id may: letters, digits
// and . _ - : / @ + = #, at most 128; others are left out.
//
// A server on another machine takes no energy here: its requests are written as
// calls that were served elsewhere. So are those that Ollama says it has its
// cloud answer, which it says in its own API (/api/…), not in OpenAI's.
//
// # Times
//
// Start is when the server had the whole request; how long it then waited in
// the server's queue cannot be seen from outside. Where the response has the
// server's own times (llama-server's timings, Ollama's durations, vLLM's
// metrics), the end of generation less these gives Start and FirstToken, and
// neither waiting nor the loading of a model is in them. Else FirstToken is
// when the first chunk with content came, and not known for a response in one
// piece. End is when the last byte came, or when a client went away.
//
// # Outcomes
//
// ok: the server answered with a status below 400 to the last byte, or said
// that generation had ended before the client went. cancelled: the client went
// away first, or the proxy was stopped. error: any other status, an error in
// the body, or a server that could not be reached or broke off.
//
// # Transparency
//
// No byte of a body is altered, added or held back, in either direction, and no
// header is but those that HTTP/1.1 defines for one connection (Connection,
// Keep-Alive, Transfer-Encoding, Trailer, Upgrade, Proxy-…, and TE but for
// "trailers"). There is no X-Forwarded-For, no Via, no Date, Content-Type or
// Accept-Encoding of the proxy's own, and Host is the client's own unless
// Config.UpstreamHost asks for the server's. Trailers, informational responses
// and Expect: 100-continue pass through. What differs from a direct connection:
//
//   - names of headers come in canonical case and in another order, which mean
//     nothing in HTTP;
//   - a body without a length is sent on in chunks, whatever ended it;
//   - each request goes to the server on a connection of its own: llama-server
//     closes it after a stream without saying so before, and a request on a
//     connection that is being closed is lost. With the connection the first
//     byte comes about 0.2 ms later than without the proxy, in 99 of 100 cases
//     less than 1 ms. Embeddings, and all over TLS, share connections, which
//     are kept for 3 s, less than servers keep them;
//   - where there is no server, or it breaks off before it answers, the client
//     gets a 502 with a JSON error in place of a refused or reset connection;
//   - a server that answers before it has the whole request gets no more of it,
//     and the answer waits for the request's end or its next 256 KB;
//   - a status that has no name of its own gets net/http's words for it, and a
//     304 has no Content-Length;
//   - requests that are not HTTP, such as a path with a broken escape, and more
//     than 1 MB of headers are answered with 400 and 431 by the proxy;
//   - the environment's HTTP_PROXY is not used, and HTTP/2 is not spoken.
//
// A response in gzip is passed on as it is, and a copy of it is decoded for the
// numbers; in any other encoding its tokens stay unknown.
//
// # Trust
//
// The proxy has no password and no TLS of its own: it listens on the loopback
// interface unless told otherwise, and everyone who reaches it reaches the
// server. It passes the Host header on, so that a server that checks it (as
// Ollama does) still can.
//
// # Privacy
//
// Prompts and replies are scanned byte by byte and forgotten. Neither log holds
// text, headers, addresses of clients, paths or query strings.
//
// # The log
//
// Lines are appended by a writer of its own, so a slow disk delays no client,
// each in one write. The file is made with mode 0600 and made again when it was
// renamed or removed, so any rotation does. Lines that cannot be written are
// kept (4096 at most), tried again every few seconds and when the proxy stops,
// and counted when they are lost.
//
// # Stopping
//
// When its context ends the proxy takes no new connections, lets requests in
// flight finish for Config.Drain, then cancels them, and returns when all are
// in the log.
package proxy
