package publishers

import (
	"regexp"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// hostedWeights returns what open weights a provider's model is, by its name;
// empty when that does not tell. A name for faster serving of the same weights
// ("-fast") stays apart: it is another product at another price.
func hostedWeights(provider, model string) string {
	if provider == "openai" {
		return "" // it sells none; tables list gpt-oss under its maker with the prices of others
	}
	name := strings.ToLower(model[strings.LastIndexByte(model, '/')+1:])
	switch provider {
	case "aws":
		name = strings.Replace(awsVendor.ReplaceAllString(name, ""), "-v0:", "-v0.", 1) // the model's own version
		name = awsVersion.ReplaceAllString(name, "")
	case "fireworks":
		name = pointless.ReplaceAllString(strings.Replace(name, "llama-v", "llama-", 1), "$1.$2")
	case "databricks":
		name = strings.TrimPrefix(name, "databricks-")
	}
	if closed.MatchString(name) {
		return ""
	}
	if w := hostedName(name); w != "" {
		return w
	}
	if rest := serving.ReplaceAllString(name, ""); rest != name {
		name = rest
	}
	if rest := sizedServing.ReplaceAllString(name, "$1"); rest != name {
		name = rest
	}
	w, _ := prices.WeightsOf("host/" + name) // a repository's name, and no tag of Ollama
	return w
}

// hostedName are names of providers that tell neither size nor revision.
func hostedName(name string) string {
	switch name {
	case "qwen3-coder":
		return "qwen3-coder-480b-a35b"
	case "kimi-k2-0711-preview":
		return "kimi-k2"
	case "kimi-k2-0905-preview":
		return "kimi-k2-0905"
	case "deepseek-chat-v3-0324":
		return "deepseek-v3-0324"
	case "deepseek-chat-v3.1":
		return "deepseek-v3.1"
	case "mistral-small-2501":
		return "mistral-small-24b"
	case "mistral-small-2503":
		return "mistral-small-3.1-24b"
	case "mistral-small-2506":
		return "mistral-small-3.2-24b"
	}
	return ""
}

var (
	// closed are families without open weights, a third of any table.
	closed     = regexp.MustCompile(`^(?:claude|gemini|chatgpt|gpt-[345]|o[134](?:-|$))`)
	awsVendor  = regexp.MustCompile(`^(?:[a-z-]+\.)?[a-z0-9]*[a-z]\.`)
	awsVersion = regexp.MustCompile(`(?:-v?1)?:\d+$`) // of the offer
	pointless  = regexp.MustCompile(`(\d)p(\d)`)      // 3p3 for 3.3
	serving    = regexp.MustCompile(`-(?:versatile|instant|specdec|tput|maas|reference)$`)
	// sizedServing is only a way of serving where there is a size: qwen-turbo is a
	// model of its own.
	sizedServing = regexp.MustCompile(`(-\d+(?:\.\d+)?b(?:-.*)?)-(?:turbo|lite)$`)
)
