package publishers

import "strings"

// providerOf brings the names that publishers give a provider to one.
func providerOf(name string) string {
	name = strings.ToLower(name)
	for _, family := range []struct{ begin, provider string }{
		{"vertex_ai", "google-vertex"}, {"google-vertex", "google-vertex"}, {"bedrock", "aws"},
		{"fireworks_ai", "fireworks"}, {"text-completion-", strings.TrimPrefix(name, "text-completion-")},
	} {
		if strings.HasPrefix(name, family.begin) {
			return family.provider
		}
	}
	switch name {
	case "xai":
		return "x-ai"
	case "gemini":
		return "google"
	case "together_ai", "togetherai":
		return "together"
	case "fireworks-ai":
		return "fireworks"
	case "amazon-bedrock":
		return "aws"
	case "azure_ai", "azure_text", "azure-cognitive-services":
		return "azure"
	case "moonshot":
		return "moonshotai"
	case "novita-ai":
		return "novita"
	case "cohere_chat":
		return "cohere"
	case "dashscope":
		return "alibaba"
	}
	return strings.ReplaceAll(name, "_", "-")
}

// modelOf is a provider's name for a model without the path that is the same
// for all of its models, and the whole name where that differs.
func modelOf(provider, model string) (name string, also []string) {
	if provider == "fireworks" {
		if rest, ok := strings.CutPrefix(model, "accounts/fireworks/models/"); ok {
			return rest, []string{model}
		}
	}
	return model, nil
}
