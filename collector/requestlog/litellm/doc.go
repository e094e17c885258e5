// Package litellm reads what a LiteLLM proxy logs of its calls: one
// StandardLoggingPayload a call. It tells the calls to servers on this machine,
// which are requests, from those that went to a cloud, which are remote calls
// with what they cost.
//
// Fields and shapes are those of LiteLLM 1.4x (2024) to its main branch of
// October 2026: litellm/types/utils.py (StandardLoggingPayload),
// litellm/litellm_core_utils/litellm_logging.py (how they are filled, and
// LITELLM_PRINT_STANDARD_LOGGING_PAYLOAD), litellm/_logging.py (json_logs) and
// litellm/proxy/_types.py (SpendLogsPayload).
//
// # How to have it logged
//
// "json_logs: true" alone is not enough: it dresses LiteLLM's messages as JSON,
// and none of them is the payload. LITELLM_PRINT_STANDARD_LOGGING_PAYLOAD=1 in the
// proxy's environment prints it to stdout over many lines, prompts included,
// whatever their length. Better is a callback (litellm_settings: callbacks:
// calls.calls) that writes one line a call and no text at all:
//
//	import json
//	from litellm.integrations.custom_logger import CustomLogger
//
//	KEEP = ("id call_type status model custom_llm_provider api_base startTime endTime "
//	        "completionStartTime prompt_tokens completion_tokens response_cost cache_hit").split()
//	META = ("user_api_key_alias", "user_api_key_team_alias", "usage_object")
//
//	class Calls(CustomLogger):
//	    def write(self, kwargs):
//	        call = kwargs.get("standard_logging_object")
//	        if call:
//	            line = {k: call.get(k) for k in KEEP}
//	            line["metadata"] = {k: (call.get("metadata") or {}).get(k) for k in META}
//	            with open("/usr/local/var/log/litellm-calls.jsonl", "a") as f:
//	                f.write(json.dumps(line) + "\n")
//
//	    async def async_log_success_event(self, kwargs, *_):
//	        self.write(kwargs)
//
//	    async def async_log_failure_event(self, kwargs, *_):
//	        self.write(kwargs)
//
//	calls = Calls()
//
// A callback that writes the whole payload is read too, but a line longer than
// the follower keeps (64 KiB: a long prompt is enough) is skipped and counted.
//
// # Shapes
//
// Four, told apart line by line:
//
//	{"id": …, "call_type": …, …}                 the payload on one line
//	{"message": "{…}", "level": …, …}            the same in the dress of json_logs
//	{ / "    \"id\": …," / … / }                 printed with an indent of four, over many lines
//	{"request_id": …, "spend": …, …}             a row of the spend log, as /spend/logs gives it
//
// # What is read
//
// An allow-list of keys, whatever their order:
//
//	id, request_id                       with the start, the request's id
//	call_type                            which calls are inference; listing models is not
//	status                               success or failure
//	model, custom_llm_provider           the model, without the provider's prefix
//	api_base                             host and port: who served it; nothing else of it is kept
//	startTime, endTime                   seconds since 1970, or a date and time; without an offset in the configured zone
//	completionStartTime                  the first token, when it lies between the two: LiteLLM sets it to the end where nothing was streamed
//	prompt_tokens, completion_tokens     prompt tokens include the cached ones; both 0 means unknown
//	cached_tokens, cache_read_input_tokens, cache_creation_tokens, cache_creation_input_tokens
//	                                     below metadata, hidden_params or response, in usage_object or usage
//	response_cost, spend                 US dollars, read from the decimal text
//	response_cost_failure_debug_info     present: the cost is not known
//	cache_hit                            LiteLLM's own cache answered
//	user_api_key_alias, user_api_key_user_id, user     the client
//	user_api_key_project_alias, user_api_key_team_alias, user_api_key_team_id, team_id     the project
//
// Tags must have the shape of a model id (requestlog.Model). What looks like a
// key, the hash of one or a mail address is dropped. Hashes, headers, addresses,
// messages and responses are never read.
//
// # Where a call ran
//
//   - api_base on localhost, a loopback address, 0.0.0.0, a name that containers
//     call their host by (host.docker.internal), or one of Options.Hosts: on
//     this machine. If its port is one of Options.Elsewhere the server there is
//     metered by a log of its own and the line is ignored, else it is a request
//     of Options.Server.
//   - another api_base, a machine in the same house too: a remote call.
//   - no api_base: the usual place of ollama, lm_studio, llamafile and the like
//     is this machine; of any other provider a cloud; without a provider the
//     call did not get as far as a server and is ignored.
//   - cache_hit: it ran nowhere and took no energy. It is ignored.
//
// # What a request's fields mean
//
// Start is when LiteLLM took the call, so the local server's queue and a model
// load are part of it. Cached tokens are known where the server reports them
// (recent llama-server and vLLM do, Ollama does not), and only then, or with
// Options.NoCache, Input is known too; Context is prompt and output in any case.
// Tokens written to a cache are prefilled, so a local request counts them as
// input. A remote call whose usage says nothing of a cache has all its prompt
// tokens in Input; Cached stays unknown.
//
// Spend is rounded to a billionth of a dollar, half up. 0 is what LiteLLM writes
// where it knows no price, so it makes the spend unknown, not free.
//
// # Limits
//
// Cancelled calls: LiteLLM logs most of them as success with what was streamed,
// or not at all, so they are not told apart. A call that is tried again or falls
// back is a line, and a request, for each try. A payload that two callbacks write
// is taken once, as long as they are less than 256 calls apart. At debug level
// json_logs prints request bodies and lifts their keys into the line: such a line
// is not read unless the whole message is an object, but who meters clients that
// would forge one should use the callback above, which prints no client's text.
//
// The log speaks of a call only once it has ended: see
// requestlog.Parser.SpeaksAtEnd.
package litellm
