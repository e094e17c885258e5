package prices_test

import (
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

func TestWeightsOf(t *testing.T) {
	for name, want := range map[string]string{
		// llama.cpp: files and what people call them
		"qwen3-30b-a3b-q4_k_m":                                 "qwen3-30b-a3b",
		"Qwen3-30B-A3B-Q4_K_M.gguf":                            "qwen3-30b-a3b",
		"Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf":              "qwen3-30b-a3b-instruct-2507",
		"Qwen3-30B-A3B-Instruct-2507-UD-Q4_K_XL.gguf":          "qwen3-30b-a3b-instruct-2507",
		"Qwen3-30B-A3B-Thinking-2507-IQ4_XS":                   "qwen3-30b-a3b-thinking-2507",
		"/Users/me/models/Qwen_Qwen3-32B-Q4_K_M.gguf":          "qwen3-32b",
		"Qwen3-235B-A22B-Q2_K-00001-of-00003.gguf":             "qwen3-235b-a22b",
		"Llama-3.3-70B-Instruct-Q4_K_M.gguf":                   "llama-3.3-70b",
		"meta-llama_Llama-3.3-70B-Instruct-IQ2_XXS.gguf":       "llama-3.3-70b",
		"Meta-Llama-3.1-8B-Instruct.Q8_0.gguf":                 "llama-3.1-8b",
		"Hermes-3-Llama-3.1-8B.i1-Q4_K_M.gguf":                 "hermes-3-llama-3.1-8b",
		"google_gemma-3-27b-it-qat-Q4_0.gguf":                  "gemma-3-27b",
		"gpt-oss-120b-mxfp4-00001-of-00003.gguf":               "gpt-oss-120b",
		"mistralai_Mistral-Small-3.2-24B-Instruct-2506-Q6_K_L": "mistral-small-3.2-24b",
		"DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf":              "deepseek-r1-distill-qwen-7b",
		"DeepSeek-R1-0528-Qwen3-8B-Q4_K_M.gguf":                "deepseek-r1-0528-qwen3-8b",
		"DeepSeek-R1-UD-IQ1_S.gguf":                            "deepseek-r1",
		"DeepSeek-V3-0324-UD-Q2_K_XL":                          "deepseek-v3-0324",
		"GLM-4.5-Air-Q4_K_M.gguf":                              "glm-4.5-air",
		"Kimi-K2-Instruct-0905-TQ1_0":                          "kimi-k2-0905",
		"Qwen3-4B-Q8_0.gguf":                                   "qwen3-4b",
		"Qwen3-30B-A3B-Base-Q4_K_M":                            "qwen3-30b-a3b-base",
		// MLX
		"mlx-community/Llama-3.3-70B-Instruct-4bit":                                               "llama-3.3-70b",
		"mlx-community/Qwen3-Coder-30B-A3B-Instruct-4bit-dwq":                                     "qwen3-coder-30b-a3b",
		"mlx-community/gpt-oss-20b-MXFP4-Q8":                                                      "gpt-oss-20b",
		"lmstudio-community/Qwen3-Coder-480B-A35B-Instruct-MLX-6bit":                              "qwen3-coder-480b-a35b",
		"/Users/me/.cache/huggingface/hub/models--mlx-community--Qwen3-32B-4bit/snapshots/0a1b2c": "qwen3-32b",
		"mlx-community/Qwen3-Next-80B-A3B-Instruct-4bit":                                          "qwen3-next-80b-a3b",
		// Ollama
		"qwen2.5-coder:14b":                     "qwen2.5-coder-14b",
		"qwen2.5-coder:14b-instruct-q8_0":       "qwen2.5-coder-14b",
		"qwen3:30b-a3b":                         "qwen3-30b-a3b",
		"qwen3:30b-a3b-instruct-2507-q4_K_M":    "qwen3-30b-a3b-instruct-2507",
		"qwen3-coder:30b":                       "qwen3-coder-30b-a3b",
		"gpt-oss:20b":                           "gpt-oss-20b",
		"llama3.3":                              "llama-3.3-70b",
		"llama3.3:latest":                       "llama-3.3-70b",
		"llama3.1:8b-instruct-q4_K_M":           "llama-3.1-8b",
		"gemma3:27b-it-qat":                     "gemma-3-27b",
		"gemma3n:e4b":                           "gemma-3n-e4b",
		"mistral-small3.2:24b":                  "mistral-small-3.2-24b",
		"deepseek-r1:32b":                       "deepseek-r1-distill-qwen-32b",
		"deepseek-r1:70b":                       "deepseek-r1-distill-llama-70b",
		"deepseek-v3:671b":                      "deepseek-v3",
		"hf.co/unsloth/gpt-oss-20b-GGUF:Q4_K_M": "gpt-oss-20b",
		"hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:IQ3_M": "llama-3.2-3b",
		"ai/qwen3:30B-A3B-Q4_K_M":                          "qwen3-30b-a3b",
		// LM Studio, vLLM, providers
		"qwen/qwen3-30b-a3b@q4_k_m":                       "qwen3-30b-a3b",
		"qwen/qwen3-32b:2":                                "qwen3-32b",
		"qwen/qwen3-30b-a3b-2507":                         "qwen3-30b-a3b-instruct-2507",
		"qwen/qwen3-4b-2507":                              "qwen3-4b-instruct-2507",
		"qwen/qwen3-4b-thinking-2507":                     "qwen3-4b-thinking-2507",
		"deepseek-ai/DeepSeek-R1":                         "deepseek-r1",
		"mlx-community/DeepSeek-R1-4bit":                  "deepseek-r1",
		"openai/gpt-oss-120b":                             "gpt-oss-120b",
		"Qwen/Qwen3-32B-AWQ":                              "qwen3-32b",
		"Qwen/Qwen3-32B-FP8":                              "qwen3-32b",
		"RedHatAI/Llama-3.3-70B-Instruct-quantized.w4a16": "llama-3.3-70b",
		"unsloth/Qwen3-14B-unsloth-bnb-4bit":              "qwen3-14b",
		"Qwen3-32B-q4f16_1-MLC":                           "qwen3-32b",
		"qwen/qwen-2.5-coder-32b-instruct":                "qwen2.5-coder-32b",
		"meta-llama-3_3-70b-instruct":                     "llama-3.3-70b",
	} {
		got, ok := prices.WeightsOf(name)
		if !ok || got != want {
			t.Errorf("%s: got %q, %v; want %q", name, got, ok, want)
		}
	}
}

// Names that a loose comparison would take for each other.
func TestWeightsStayApart(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{
		"qwen3-30b-a3b", "qwen3-32b", "qwen3-235b-a22b", "qwen3-3b", "qwen2.5-32b", "qwen3.5-35b-a3b", "qwen3.6-35b-a3b",
		"qwen3-30b-a3b-instruct-2507", "qwen3-30b-a3b-thinking-2507", "qwen3-30b-a3b-base", "qwen3-coder-30b-a3b-instruct",
		"qwen3-vl-30b-a3b-instruct", "qwen3-next-80b-a3b-instruct", "qwen2.5-coder:14b", "qwen2.5:14b", "qwen2.5-vl-7b", "qwen2.5-7b", "qwen2.5-math-7b",
		"llama-3.1-70b", "llama-3.3-70b", "llama3:70b", "llama-3.1-8b", "llama-3.1-405b", "nousresearch/hermes-4-70b", "nvidia/Llama-3.1-Nemotron-70B-Instruct",
		"deepseek-ai/deepseek-r1", "deepseek-r1-0528", "DeepSeek-R1-Distill-Qwen-7B", "DeepSeek-R1-Distill-Llama-70B", "DeepSeek-R1-0528-Qwen3-8B",
		"deepseek-v3", "deepseek-v3-0324", "deepseek-v3.1", "deepseek-v3.2", "deepseek-v3.2-exp", "deepseek-v4-flash",
		"gpt-oss-20b", "gpt-oss-120b", "gpt-oss-safeguard-20b", "gpt-oss:120b-cloud",
		"gemma3:27b", "gemma2:27b", "gemma-4-31b-it", "gemma3:12b", "gemma3n:e4b", "medgemma-27b-it",
		"mistral-small3.1:24b", "mistral-small3.2:24b", "mistral-small-24b-instruct-2501", "dolphin-mistral-24b-venice-edition",
		"glm-4.5", "glm-4.5-air", "glm-4.6", "glm-4.7", "glm-4.7-flash", "glm-4.6v", "kimi-k2-instruct", "kimi-k2-instruct-0905", "kimi-k2-thinking", "kimi-k2.5",
		"mixtral-8x7b-instruct", "mixtral-8x22b-instruct", "mistral-7b-instruct-v0.2", "mistral-7b-instruct-v0.3",
		"Qwen3-32B-abliterated", "qwen3-30b-a3b-fp16-lora",
	} {
		w, ok := prices.WeightsOf(name)
		if !ok {
			t.Errorf("%s: no weights", name)
		}
		if other, taken := seen[w]; taken {
			t.Errorf("%s and %s are both %s", name, other, w)
		}
		seen[w] = name
	}
}

func TestNoWeights(t *testing.T) {
	for _, name := range []string{
		"", " ", "/", ":", "default", "gpt-4o", "local-model", "llama3", "qwen3", "qwen3:latest", "gpt-oss:latest", "model.gguf",
		"deepseek-r1", "DeepSeek-R1:latest", "registry.ollama.ai/library/deepseek-r1:latest", "deepseek-v2", "deepseek-coder-v2:latest",
		"command-r", "command-r-plus", "glm4", "phi3", "phi3.5:latest", "ministral-3",
		"deepseek-r1:8b", "deepseek-r1:671b", "qwen3:30b", "qwen3:4b", "qwen3:235b",
		"nomic-embed-text", "Qwen3-Embedding-8B-Q8_0.gguf", "qwen3-reranker-4b", "bge-m3", "text-embedding-nomic-embed-text-v1.5", "mmproj-gemma-3-27b-it-f16.gguf", "whisper-large-v3-1b",
		strings.Repeat("7b-", 1000),
	} {
		if got, ok := prices.WeightsOf(name); ok {
			t.Errorf("%.60s: got %q, want none", name, got)
		}
	}
}

func FuzzWeightsOf(f *testing.F) {
	for _, s := range []string{"hf.co/unsloth/gpt-oss-20b-GGUF:Q4_K_M", "models--a--b-7b", `C:\m\q_7b-4bit.gguf`, "models-:a--b-7b", "-7b", "@:@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w, ok := prices.WeightsOf(s)
		if !ok {
			if w != "" && strings.ContainsAny(w, "/:@ ") {
				t.Errorf("%q: %q holds a separator", s, w)
			}
			return
		}
		// With an owner: weights are called as their repository is.
		if again, ok := prices.WeightsOf("owner/" + w); !ok || again != w {
			t.Errorf("%q is %q, which is %q, %v", s, w, again, ok)
		}
	})
}
