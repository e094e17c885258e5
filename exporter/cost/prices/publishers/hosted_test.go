package publishers_test

import (
	"fmt"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

// What a provider's name for a model says of its weights, and what it does not.
func TestHostedWeights(t *testing.T) {
	for _, tt := range []struct{ provider, model, want string }{
		{"groq", "llama-3.3-70b-versatile", "llama-3.3-70b"},
		{"groq", "llama-3.1-8b-instant", "llama-3.1-8b"},
		{"cerebras", "qwen-3-32b", "qwen3-32b"},
		{"ovhcloud", "Meta-Llama-3_3-70B-Instruct", "llama-3.3-70b"},
		{"together_ai", "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo", "llama-3.1-8b"},
		{"doubleword", "Qwen/Qwen3-14B-FP8", "qwen3-14b"},
		{"fireworks_ai", "kimi-k2p5", "kimi-k2.5"},
		{"fireworks_ai", "glm-4p7", "glm-4.7"},
		{"fireworks_ai", "glm-5p1-fast", "glm-5.1-fast"}, // another product
		{"bedrock", "meta.llama3-3-70b-instruct-v1:0", "llama-3.3-70b"},
		{"bedrock", "us.meta.llama3-1-8b-instruct-v1:0", "llama-3.1-8b"},
		{"bedrock", "openai.gpt-oss-120b-1:0", "gpt-oss-120b"},
		{"bedrock", "mistral.mistral-7b-instruct-v0:2", "mistral-7b-instruct-v0.2"},
		{"bedrock", "nvidia.nemotron-nano-9b-v2:0", "nemotron-nano-9b-v2"},
		{"databricks", "databricks-meta-llama-3-3-70b-instruct", "llama-3.3-70b"},
		{"vertex_ai", "openai/gpt-oss-20b-maas", "gpt-oss-20b"},
		{"mistral", "mistral-small-2506", "mistral-small-3.2-24b"},
		{"mistral", "mistral-small-2603", "mistral-small-4-119b-2603"},
		{"azure", "deepseek-r1", "deepseek-r1"},
		{"cohere", "command-r", ""}, // two revisions, at two prices
		{"moonshot", "kimi-k2-0905-preview", "kimi-k2-0905"},
		{"openrouter", "qwen/qwen3-coder", "qwen3-coder-480b-a35b"},
		{"openrouter", "qwen/qwen3-235b-a22b-2507", "qwen3-235b-a22b-instruct-2507"},
		{"openai", "gpt-oss-20b", ""},
		{"openai", "gpt-5.4-nano", ""},
		{"anthropic", "claude-opus-5", ""},
		{"google", "gemini-2.5-flash", ""},
		{"alibaba", "qwen-turbo", ""},
		{"alibaba", "qwen-plus", ""},
		{"deepseek", "deepseek-chat", ""}, // whatever is current
		{"deepseek", "deepseek-reasoner", ""},
	} {
		file := fmt.Sprintf(`{"x": {"litellm_provider": %q, "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6}}`, tt.provider)
		file = fmt.Sprintf(`{%q%s`, tt.model, file[len(`{"x"`):])
		tab, err := publishers.Read(publishers.LiteLLM, []byte(file), tableDay())
		if err != nil || len(tab.Entries) != 1 {
			t.Errorf("%s %s: %v, %v", tt.provider, tt.model, tab, err)
			continue
		}
		if got := tab.Entries[0].Weights; got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.provider, tt.model, got, tt.want)
		}
	}
}

// Publishers' numbers are read as they are written and rounded once.
func TestDecimals(t *testing.T) {
	for text, want := range map[string]string{
		"3e-07": "0.3", "3E-7": "0.3", "0.0000003": "0.3", `"0.0000003"`: "0.3", "1.25e-06": "1.25", "1": "1000000",
		"0.00000012999999999": "0.13", "0.0000006000000000000001": "0.6", "9.999999999999999e-07": "1", "2.9999900000000002e-06": "2.99999",
		"0.00000008333333333333334": "0.083333333", "3.0001999999999996E-7": "0.30002",
		"1e-15": "0.000000001", "1.5e-15": "0.000000002", "2.5e-15": "0.000000002", // half to even
		"0": "", "0.0": "", "-0": "", "1e-16": "", "null": "", `""`: "", "-1": "", `"-1"`: "",
		"1.1": "", "1e90": "", "1e999999999": "", `"1e-999999999"`: "", `"0x10"`: "", `"1_0"`: "", `"+1"`: "", `"1.-5"`: "", `"one"`: "", "true": "", "[]": "", `"1.2.3"`: "",
	} {
		file := fmt.Sprintf(`{"x": {"litellm_provider": "acme", "input_cost_per_token": %s, "output_cost_per_token": 1}}`, text)
		tab, err := publishers.Read(publishers.LiteLLM, []byte(file), tableDay())
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := ""
		if len(tab.Entries) == 1 {
			got = tab.Entries[0].Rates.Input.Decimal()
		}
		if got != want {
			t.Errorf("%s a token: got %q a million, want %q", text, got, want)
		}
	}
}
