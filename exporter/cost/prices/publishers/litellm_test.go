package publishers_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

// Shapes as in the table of July 2026; the models are made up.
const litellmFile = `{
"sample_spec": {"input_cost_per_token": 0.0, "litellm_provider": "one of https://docs.litellm.ai/docs/providers", "max_tokens": "LEGACY parameter"},
"fallback_generalizations": {"rules": [{"name": "x", "pattern": "^x"}]},
"acme-chat": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 3e-07, "output_cost_per_token": 1.25E-6, "cache_read_input_token_cost": 0.0,
  "input_cost_per_token_batches": 1.5e-07, "output_cost_per_token_batches": 6.25e-07, "input_cost_per_token_priority": 9e-07},
"xai/acme-chat": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 9e-07, "output_cost_per_token": 9e-07},
"vertex_ai/acme-long": {"litellm_provider": "vertex_ai-language-models", "mode": "chat", "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
  "cache_read_input_token_cost": 1.25e-07, "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05,
  "input_cost_per_token_above_200k_tokens_priority": 9e-06, "cache_creation_input_token_cost_above_1hr": 6e-06},
"dashscope/acme-tiers": {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": [
  {"range": [256000.0, 1000000.0], "input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06},
  {"range": [0, 256000.0], "input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07}]},
"fireworks_ai/accounts/fireworks/models/llama-v3p3-70b-instruct": {"litellm_provider": "fireworks_ai", "mode": "chat", "input_cost_per_token": 9e-07, "output_cost_per_token": 9e-07},
"meta.llama3-3-70b-instruct-v1:0": {"litellm_provider": "bedrock_converse", "mode": "chat", "input_cost_per_token": 7.2e-07, "output_cost_per_token": 7.2e-07},
"together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo": {"litellm_provider": "together_ai", "mode": "chat", "input_cost_per_token": 8.8e-07, "output_cost_per_token": 8.8e-07},
"databricks/databricks-x": {"litellm_provider": "databricks", "mode": "chat", "input_cost_per_token": 2.9999900000000002e-06, "output_cost_per_token": 1.5000020000000002e-05},
"acme-hit": {"litellm_provider": "deepseek", "input_cost_per_token": 1.4e-07, "input_cost_per_token_cache_hit": 1.4e-08, "output_cost_per_token": 2.8e-07},
"acme-batch": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "input_cost_per_token_batches": 5e-07, "output_cost_per_token_batches": 5e-07},
"acme-free": {"litellm_provider": "github_copilot", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0.0},
"acme-untold": {"litellm_provider": "openai", "mode": "chat"},
"openrouter/acme/x:free": {"litellm_provider": "openrouter", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0},
"acme-embed": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 1e-07, "output_cost_per_token": 0.0},
"acme-half": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-07, "output_cost_per_token": 0.0},
"acme-chars": {"litellm_provider": "vertex_ai", "mode": "chat", "input_cost_per_character": 2.5e-07, "output_cost_per_character": 5e-07},
"acme-seconds": {"litellm_provider": "replicate", "mode": "chat", "input_cost_per_second": 0.00042, "input_cost_per_token": 0, "output_cost_per_token": 0},
"acme-search": {"litellm_provider": "exa_ai", "mode": "chat", "tiered_pricing": [{"input_cost_per_query": 0.005, "max_results_range": [0, 25]}]},
"acme-call": {"litellm_provider": "perplexity", "mode": "chat", "input_cost_per_request": 0.005, "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
"acme-minus": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": -1, "output_cost_per_token": -1},
"acme-array": [1, 2],
"last_updated": "2026-07-24T18:23:43.215560+00:00"
}`

func TestLiteLLM(t *testing.T) {
	tab := read(t, publishers.LiteLLM, litellmFile)
	check(t, tab, `
		x-ai acme-chat 0.3/?/?/1.25 batch 0.5
		google-vertex acme-long 1.25/0.125/?/10 >200000 2.5/0.125/?/15
		alibaba acme-tiers 0.05/?/?/0.4 >256000 0.25/?/?/2
		fireworks llama-v3p3-70b-instruct 0.9/?/?/0.9 = llama-3.3-70b accounts/fireworks/models/llama-v3p3-70b-instruct
		aws meta.llama3-3-70b-instruct-v1:0 0.72/?/?/0.72 = llama-3.3-70b
		together meta-llama/Llama-3.3-70B-Instruct-Turbo 0.88/?/?/0.88 = llama-3.3-70b
		databricks databricks-x 2.99999/?/?/15.00002
		deepseek acme-hit 0.14/0.014/?/0.28
		openai acme-batch 1/?/?/2
	`, `
		3 not priced by the token but by image, second, character, page or query (google-vertex acme-chars)
		2 price of 0 or no price: free, a preview or not told (github-copilot acme-free)
		1 a :free variant (openrouter acme/x:free)
		1 a price that is no number or out of all range, or a name that cannot be printed (acme-array)
		1 also billed by the request (perplexity acme-call)
		1 makes no text: an embedding, image, audio, video or search model (openai acme-embed)
		1 no fixed price: a router, which bills what it picks (openai acme-minus)
		1 no price for input, or none for output (openai acme-half)
		1 the same provider and model once more (x-ai acme-chat)
	`)
	if day(tab.Day) != "2026-07-24" || tab.Entries[0].Source != "litellm 2026-07-24" {
		t.Errorf("the table's own day is lost: %s, %q", tab.Day, tab.Entries[0].Source)
	}
}
