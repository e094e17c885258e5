package prices

import (
	"regexp"
	"strings"
)

// spelling brings the ways in which Ollama, providers and file names write the
// same family and version to that of the weights' own repository.
func spelling(name string) string {
	if rest, ok := strings.CutPrefix(name, "nvidia-"); ok {
		return spelling(rest)
	}
	if rest, ok := strings.CutPrefix(name, "meta-llama-"); ok {
		name = "llama-" + rest
	}
	name = glued.ReplaceAllString(name, "$1-$2") // llama3.3, gemma3n, phi4
	name = qwen.ReplaceAllString(name, "qwen$1") // qwen-2.5, qwen-3
	return llamaMinor.ReplaceAllString(name, "llama-$1.$2-$3")
}

var (
	glued = regexp.MustCompile(`^(llama|gemma|phi|granite|mistral-small|glm|ministral)(\d)`)
	qwen  = regexp.MustCompile(`^qwen-(\d)`)
	// llamaMinor is 3-3-70b, which file systems and some providers make of 3.3.
	llamaMinor = regexp.MustCompile(`^llama-(\d)-(\d)-(\d+b)`)
)

// synonym returns the weights that another name has stood for at all times.
func synonym(name string) (string, bool) {
	switch name {
	case "llama-3.3":
		return "llama-3.3-70b", true // there is one size
	case "qwq":
		return "qwq-32b", true
	case "qwen3-coder-30b":
		return "qwen3-coder-30b-a3b", true
	case "qwen3-coder-480b":
		return "qwen3-coder-480b-a35b", true
	case "qwen3-4b-2507", "qwen3-30b-a3b-2507", "qwen3-235b-a22b-2507": // LM Studio, OpenRouter
		return strings.TrimSuffix(name, "2507") + "instruct-2507", true
	case "phi-4-14b":
		return "phi-4", true
	case "mistral-small-24b-instruct-2501":
		return "mistral-small-24b", true
	case "mistral-small-3.1", "mistral-small-3.1-24b-instruct-2503":
		return "mistral-small-3.1-24b", true
	case "mistral-small-3.2", "mistral-small-3.2-24b-instruct-2506":
		return "mistral-small-3.2-24b", true
	case "mistral-small-2603":
		return "mistral-small-4-119b-2603", true
	case "kimi-k2-instruct-0905":
		return "kimi-k2-0905", true
	case "llama-4-scout", "llama-4-scout-17b":
		return "llama-4-scout-17b-16e", true
	case "llama-4-maverick", "llama-4-maverick-17b":
		return "llama-4-maverick-17b-128e", true
	case "deepseek-v3-671b":
		return "deepseek-v3", true
	case "deepseek-v3.1-671b":
		return "deepseek-v3.1", true
	}
	return distilled(name)
}

// distilled resolves Ollama's tags of deepseek-r1, which are not DeepSeek R1 but
// small models of others that were taught by it.
func distilled(name string) (string, bool) {
	size, ok := strings.CutPrefix(name, "deepseek-r1-")
	if !ok {
		return "", false
	}
	switch size {
	case "1.5b", "7b", "14b", "32b":
		return "deepseek-r1-distill-qwen-" + size, true
	case "70b":
		return "deepseek-r1-distill-llama-70b", true
	}
	return "", false
}

// ambiguous are names that have stood for different weights over time, or for
// whatever is new. The same name may be clear as that of a file and not as a
// tag of Ollama.
func ambiguous(name string, tagged bool) bool {
	switch name {
	case "deepseek-r1-8b", // the Llama distillation, then that of 0528 on Qwen3
		"deepseek-r1-671b",                        // the original, then 0528
		"qwen3-30b", "qwen3-235b", "devstral-24b", // the original, then a revision
		"command-r", "command-r-plus", // likewise
		"glm-4", "phi-3", "phi-3.5", "ministral-3": // of several sizes
		return true
	case "qwen3-4b":
		return tagged
	}
	return false
}

// untagged reports whether a name is one that Ollama takes for a small model of
// a family, where the repository of that name has the large one: deepseek-r1 is
// an 8B that was taught by DeepSeek R1.
func untagged(name string) bool {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "registry.ollama.ai/"), "library/")
	switch strings.TrimSuffix(name, ":latest") {
	case "deepseek-r1", "deepseek-v2", "deepseek-coder-v2":
		return true
	}
	return false
}
