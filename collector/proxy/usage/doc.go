// Package usage reads what a request of a model server took out of the bytes
// of its response, while they pass. It understands the responses of OpenAI's
// API (chat completions, completions, responses, embeddings), of Ollama's
// (generate, chat, embed) and of Anthropic's (messages), whole and streamed, as
// server-sent events or as one JSON object a line.
//
// A Reader knows the fields, Match the paths of the APIs, and a Meter is fed
// the bytes of one response in pieces of any size. Memory is constant: a Meter
// holds one number or one model name at a time, so a response of 100 MB costs
// what one of 100 bytes does.
//
// # What is read
//
// An allow-list of paths from the top of the JSON document, and nothing at any
// other depth: what a model writes, such as the arguments of a tool call, can
// hold a field "usage" and is not believed.
//
//	model                          also in response and message; the last one wins
//	usage                          prompt_tokens, completion_tokens, input_tokens, output_tokens,
//	                               cache_read_input_tokens, cache_creation_input_tokens,
//	                               prompt_tokens_details.cached_tokens, input_tokens_details.cached_tokens
//	response.usage                 the same, in the last event of OpenAI's responses
//	message.usage                  the input side, in the first event of Anthropic's messages
//	timings                        cache_n, prompt_n, prompt_ms, predicted_n, predicted_ms (llama-server)
//	metrics                        time_to_first_token_ms, generation_time_ms (vLLM with
//	                               --enable-per-request-metrics)
//	prompt_eval_count, …           Ollama: also prompt_eval_cached_count (since 0.33), eval_count,
//	                               prompt_eval_duration, eval_duration, load_duration
//	remote_host                    whether there is one: Ollama's cloud models are computed there
//	error, done, type, finish_reason   how the response ended
//	content, text, delta, …        only whether there is any, to count chunks; never what
//
// # Tokens
//
// Counts of fresh and cached prompt tokens are known when the server tells
// both, or one and their sum. With the sum alone only Context is known: how
// much of a prompt was in a cache decides what it cost, and is not guessed.
// OpenAI's and Ollama's prompt counts include cached tokens, Anthropic's do
// not; that a server leaves the cached count out is unknown, not zero. An
// embedding is computed from the whole prompt: none of it is cached, and no
// token is generated.
//
// Where a stream reports no output count, chunks with content are counted in
// its place, and Usage.Estimated says so. That is the number of tokens with
// servers that send each token by itself (llama-server and Ollama do, but for
// tokens held back until a character or a stop word is complete); others pack
// several into one.
//
// # Limits
//
// A key with an escape sequence in it is not recognised, and a model name with
// characters that no id has is dropped. Counts above 10^12 are not believed.
//
// The shapes are those of llama-server b11669, Ollama's api/types.go and
// anthropic.go of mid 2026, vLLM's entrypoints/openai of 2026, and the public
// references of OpenAI's and Anthropic's APIs.
package usage
