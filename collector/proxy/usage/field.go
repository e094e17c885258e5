package usage

// field is a value on the allow-list.
type field uint8

const (
	fieldNone field = iota
	fieldModel
	fieldType    // the kind of a streamed event
	fieldError   // an error in place of the answer, or in the middle of it
	fieldDone    // OpenAI's [DONE], Ollama's "done"
	fieldReason  // why generation ended
	fieldContent // something that was generated
	fieldHost    // another server that answered in place of this one

	fieldPrompt     // prompt tokens as OpenAI and Ollama count them
	fieldOutput     // generated tokens
	fieldCached     // prompt tokens served from the cache
	fieldCacheWrite // prompt tokens prefilled and put into the cache, apart from fieldPrompt

	fieldTimedCached // llama-server's timings
	fieldTimedPrompt // fresh tokens
	fieldTimedOutput
	fieldPrefillMS
	fieldDecodeMS

	fieldPrefillNS // Ollama's durations
	fieldDecodeNS
	fieldLoadNS
)

// node is one place in a JSON document.
type node struct {
	key    string
	field  field
	kids   []*node // members, when an object is here
	elem   *node   // of every element, when an array is here
	object bool    // an object here is gone into
}

// child returns the member with a key, or nil.
func (n *node) child(key []byte) *node {
	for _, k := range n.kids {
		if string(key) == k.key {
			return k
		}
	}
	return nil
}

func leaf(key string, f field) *node { return &node{key: key, field: f} }

func object(key string, kids ...*node) *node { return &node{key: key, kids: kids, object: true} }

func array(key string, elem *node) *node { return &node{key: key, elem: elem} }

// either is a place where some servers have a value and others an object.
func either(f field, n *node) *node {
	n.field = f
	return n
}

// responseShape is the union of the responses of all APIs.
func responseShape() *node {
	root := object("",
		leaf("model", fieldModel), leaf("type", fieldType), leaf("done", fieldDone),
		either(fieldError, object("error")),
		usageShape(), timingsShape(), metricsShape(),
		array("choices", choiceShape()),
		// Ollama's text, or the object in an event of OpenAI's responses.
		either(fieldContent, object("response", leaf("model", fieldModel), usageShape())),
		leaf("thinking", fieldContent),
		either(fieldContent, object("delta", contents("text", "thinking", "partial_json")...)),
		leaf("content", fieldContent), // llama-server's own completions
		messageShape(),
	)
	root.kids = append(root.kids, ollamaShape()...)
	root.elem = leaf("", fieldDone)
	return root
}

func usageShape() *node {
	cached := leaf("cached_tokens", fieldCached)
	return object("usage",
		leaf("prompt_tokens", fieldPrompt), leaf("input_tokens", fieldPrompt),
		leaf("completion_tokens", fieldOutput), leaf("output_tokens", fieldOutput),
		leaf("cache_read_input_tokens", fieldCached), leaf("cache_creation_input_tokens", fieldCacheWrite),
		object("prompt_tokens_details", cached), object("input_tokens_details", cached),
	)
}

func timingsShape() *node {
	return object("timings",
		leaf("cache_n", fieldTimedCached), leaf("prompt_n", fieldTimedPrompt), leaf("prompt_ms", fieldPrefillMS),
		leaf("predicted_n", fieldTimedOutput), leaf("predicted_ms", fieldDecodeMS),
	)
}

// metricsShape is vLLM's: its time to the first token begins when the request
// is scheduled, so it has no waiting in it.
func metricsShape() *node {
	return object("metrics", leaf("time_to_first_token_ms", fieldPrefillMS), leaf("generation_time_ms", fieldDecodeMS))
}

func choiceShape() *node {
	delta := object("delta", contents("content", "reasoning_content", "reasoning", "refusal")...)
	delta.kids = append(delta.kids, toolCalls())
	return object("", leaf("text", fieldContent), leaf("finish_reason", fieldReason), delta)
}

// messageShape is Ollama's message, or that in the first event of Anthropic's.
// The output count of that event is where it begins, not what there will be.
func messageShape() *node {
	usage := usageShape()
	usage.kids = without(usage.kids, fieldOutput)
	m := object("message", leaf("model", fieldModel), usage, toolCalls())
	m.kids = append(m.kids, contents("content", "thinking")...)
	return m
}

func ollamaShape() []*node {
	return []*node{
		leaf("prompt_eval_count", fieldPrompt), leaf("prompt_eval_cached_count", fieldCached),
		leaf("eval_count", fieldOutput), leaf("prompt_eval_duration", fieldPrefillNS),
		leaf("eval_duration", fieldDecodeNS), leaf("load_duration", fieldLoadNS),
		leaf("remote_host", fieldHost),
	}
}

func toolCalls() *node {
	return array("tool_calls", object("", object("function", contents("name", "arguments")...)))
}

func contents(keys ...string) []*node {
	var out []*node
	for _, k := range keys {
		out = append(out, leaf(k, fieldContent))
	}
	return out
}

func without(kids []*node, f field) []*node {
	var out []*node
	for _, k := range kids {
		if k.field != f {
			out = append(out, k)
		}
	}
	return out
}

// requestShape is what is read of a request.
func requestShape() *node { return object("", leaf("model", fieldModel)) }
