package publishers_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

// Shapes as in an answer of August 2026; the models are made up.
const openrouterFile = `{"data": [
{"id": "acme/open-30b", "canonical_slug": "acme/open-30b-20260101", "hugging_face_id": "AcmeAI/Open-30B-Instruct", "architecture": {"output_modalities": ["text"]},
 "pricing": {"prompt": "0.00000012999999999", "completion": "0.0000006000000000000000001", "input_cache_read": "0.0000000028", "input_cache_write": "0", "web_search": "0.01"}},
{"id": "acme/open-30b:free", "canonical_slug": "acme/open-30b-20260101", "hugging_face_id": "AcmeAI/Open-30B-Instruct", "pricing": {"prompt": "0", "completion": "0"}},
{"id": "acme/long", "canonical_slug": "acme/long", "hugging_face_id": "", "architecture": {"output_modalities": ["text", "image"]},
 "pricing": {"prompt": "0.000001", "completion": "0.000005", "input_cache_read": "0.0000001", "overrides": [
  {"min_prompt_tokens": 128000, "prompt": "0.000003", "completion": "0.000015", "input_cache_read": "0.0000003"},
  {"min_prompt_tokens": 32000, "prompt": "0.000002", "completion": "0.00001"}]}},
{"id": "acme/variant", "canonical_slug": "acme/v-1", "pricing": {"prompt": "0.000001", "completion": "0.000001"}},
{"id": "acme/variant:thinking", "canonical_slug": "acme/v-1", "pricing": {"prompt": "0.000002", "completion": "0.000002"}},
{"id": "acme/preview", "pricing": {"prompt": "0", "completion": "0"}},
{"id": "acme/half", "pricing": {"prompt": "0.000001", "completion": "0"}},
{"id": "acme/empty", "pricing": {}},
{"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
{"id": "~acme/latest", "pricing": {"prompt": "0.000001", "completion": "0.000001"}},
{"id": "acme/painter", "architecture": {"output_modalities": ["image"]}, "pricing": {"prompt": "0.000001", "completion": "0.000001"}},
{"id": "acme/call", "pricing": {"prompt": "0.000001", "completion": "0.000001", "request": "0.005"}},
{"id": "acme/words", "pricing": {"prompt": "cheap", "completion": "0.000001"}},
{"id": "acme/huge", "pricing": {"prompt": "1e90", "completion": "0.000001"}},
{"id": "acme/list", "pricing": []},
{"id": "acme/\u001b[31mred", "pricing": {"prompt": "0.000001", "completion": "0.000001"}},
{"id": "acme/repo", "hugging_face_id": "AcmeAI/Nameless-2", "pricing": {"prompt": "0.000001", "completion": "0.000001"}},
{"id": "acme/variant", "pricing": {"prompt": "0.000009", "completion": "0.000009"}}
], "total_count": 18}`

func TestOpenRouter(t *testing.T) {
	tab := read(t, publishers.OpenRouter, openrouterFile)
	check(t, tab, `
		openrouter acme/open-30b 0.13/0.0028/?/0.6 = open-30b
		openrouter acme/long 1/0.1/?/5 >32000 2/0.1/?/10 >128000 3/0.3/?/15
		openrouter acme/variant 1/?/?/1
		openrouter acme/variant:thinking 2/?/?/2
		openrouter acme/repo 1/?/?/1 = nameless-2
	`, `
		4 a price that is no number or out of all range, or a name that cannot be printed (openrouter acme/words)
		2 price of 0 or no price: free, a preview or not told (openrouter acme/preview)
		1 a :free variant (openrouter acme/open-30b:free)
		1 a name that moves on to the newest model (openrouter ~acme/latest)
		1 also billed by the request (openrouter acme/call)
		1 makes no text: an embedding, image, audio, video or search model (openrouter acme/painter)
		1 no fixed price: a router, which bills what it picks (openrouter openrouter/auto)
		1 no price for input, or none for output (openrouter acme/half)
		1 the same provider and model once more (openrouter acme/variant)
	`)
	if tab.Models != 18 || tab.Entries[0].Source != "openrouter 2026-08-01" || !tab.Entries[0].Published.Equal(tableDay()) {
		t.Errorf("%d models, %+v", tab.Models, tab.Entries[0])
	}
}

// OpenRouter's price of cache writes for Gemini is that of storing, and not in
// place of fresh input.
func TestOpenRouterStoresGemini(t *testing.T) {
	const file = `{"data": [
{"id": "google/gemini-x", "pricing": {"prompt": "0.00000125", "completion": "0.00001", "input_cache_write": "0.000000375",
  "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.0000025", "completion": "0.000015", "input_cache_write": "0.000000375"}]}},
{"id": "anthropic/x", "pricing": {"prompt": "0.000001", "completion": "0.00001", "input_cache_write": "0.00000125"}}]}`
	check(t, read(t, publishers.OpenRouter, file), `
		openrouter google/gemini-x 1.25/?/?/10 >200000 2.5/?/?/15
		openrouter anthropic/x 1/?/1.25/10
	`, "")
}
