package prices

import (
	"regexp"
	"strings"
)

// WeightsOf returns the open weights that a local server's name for a model
// stands for, as they are spelled in Entry.Weights: the name of the weights'
// repository in lower case, without its owner, without what tells that they
// were quantised or packed, and without "instruct", "it" or "chat" at its end.
//
//	mlx-community/Llama-3.3-70B-Instruct-4bit      llama-3.3-70b
//	Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf        qwen3-30b-a3b-instruct-2507
//	qwen2.5-coder:14b                              qwen2.5-coder-14b
//	hf.co/unsloth/gpt-oss-20b-GGUF:Q4_K_M          gpt-oss-20b
//
// Two names have the same weights only when nothing but that differs: another
// size, generation, revision, fine-tune or distillation is another model, and
// "base" stays. A quantised model is still priced as its weights are sold: no
// provider sells the same bits.
//
// It is false for what is no generating model with a size or a known family in
// its name, and for names that stand for several: deepseek-r1:8b has been two
// models, and deepseek-r1 without owner and tag is a third one to Ollama. Somebody
// has to tell what those are.
func WeightsOf(localName string) (weights string, ok bool) {
	name := strings.ToLower(strings.TrimSpace(localName))
	if len(name) > maxName || untagged(name) {
		return "", false
	}
	name, tag := splitTag(lastPart(name))
	name = strings.TrimPrefix(trimOwner(name), ".")
	tagged := false
	if tag != "" {
		tag = trimPacking("-" + tag)
		tagged = tag != "" && tag != "-" && tag != "-latest" && !instance.MatchString(tag)
	}
	if tagged {
		name = trimPacking(name) + tag
	}
	return canonical(name, tagged, false)
}

// WeightsOfRepository is WeightsOf for the name of a repository of open weights,
// such as zai-org/GLM-4.6, which needs no size or known family in it.
func WeightsOfRepository(name string) (weights string, ok bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	if len(name) > maxName {
		return "", false
	}
	return canonical(trimOwner(lastPart(name)), false, true)
}

// longestPacking is more than any one way of packing takes in a name.
const longestPacking = 32

// maxName is far longer than the name of any model, path included.
const maxName = 1024

// canonical turns a name without owner and packing into that of weights. Tagged
// says that a part of it was a tag, open that it names open weights for sure.
func canonical(name string, tagged, open bool) (string, bool) {
	name = spelling(trimAll(name))
	if !plain.MatchString(name) || strings.Contains(name, "--") || ambiguous(name, tagged) || notGenerating.MatchString(name) {
		return "", false
	}
	if w, ok := synonym(name); ok {
		return w, true
	}
	if open || sized.MatchString(name) || family.MatchString(name) {
		return name, true
	}
	return "", false
}

// lastPart takes the repository's or file's name out of a path. The cache of
// Hugging Face has it in the name of a folder: models--owner--name. A bare
// owner--name is the same, flattened.
func lastPart(name string) string {
	name = strings.TrimRight(strings.ReplaceAll(name, `\`, "/"), "/")
	if _, cached, ok := strings.Cut(name, "models--"); ok {
		name, _, _ = strings.Cut(cached, "/")
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	if i := strings.LastIndex(name, "--"); i >= 0 {
		return name[i+len("--"):]
	}
	return name
}

// splitTag cuts the tag of Ollama and Docker (:) or LM Studio (@).
func splitTag(name string) (base, tag string) {
	i := strings.IndexAny(name, ":@")
	if i < 0 {
		return name, ""
	}
	return name[:i], name[i+1:]
}

// trimOwner takes away the owner that some put before a file's name, as in
// Qwen_Qwen3-32B-Q4_K_M.gguf.
func trimOwner(name string) string {
	owner, rest, ok := strings.Cut(name, "_")
	if ok && owners.MatchString(owner) {
		return rest
	}
	return name
}

// trimPacking takes from the end of a name, as long as there is something, what
// tells how the weights are stored.
func trimPacking(name string) string {
	name = strings.NewReplacer("_", "-", " ", "-").Replace(name)
	for {
		tail := max(0, len(name)-longestPacking)
		at := packing.FindStringIndex(name[tail:])
		if at == nil {
			return name
		}
		name = name[:tail+at[0]]
	}
}

// trimAll takes packing and chat endings away in whatever order they stand.
func trimAll(name string) string {
	for {
		rest := cutChat(strings.Trim(trimPacking(name), "-."))
		if rest == name {
			return name
		}
		name = rest
	}
}

func cutChat(name string) string {
	for _, end := range []string{"-instruct", "-it", "-chat"} {
		if base, ok := strings.CutSuffix(name, end); ok {
			return base
		}
	}
	return name
}

var (
	// packing are file extensions, parts of files, quantisations as llama.cpp,
	// MLX, vLLM and MLC name them, and the formats themselves.
	packing = regexp.MustCompile(`(?:` + strings.Join([]string{
		`\.(?:gguf|ggml|safetensors|bin)`,
		`-\d{5}-of-\d{5}`,
		`[-.](?:i?q|tq)[1-8](?:-(?:[01]|k|xxs|xs|s|m|l|xl|xxl|nl|8x8|4x8|4x4))*`, // q4_k_m, iq2_xxs, q8_0
		`[-.](?:i1|ud|imat|imatrix)`,
		`-q[0-9]f(?:16|32)(?:-\d)?`, // MLC
		`[-.](?:fp|bf|f|int|mxfp|nvfp)(?:4|8|16|32)(?:-(?:moe|dynamic|block))?`,
		`-(?:\d(?:\.\d+)?|16)-?bits?(?:-g?s?(?:32|64|128))?`, // 4bit, 4-bit-gs64
		`-\d(?:\.\d+)?bpw(?:-h\d)?`,
		`[-.]w\d+a\d+`,
		`-(?:hf|gguf|ggml|mlx|mlc|awq|gptq|exl2|exl3|hqq|bnb|dwq|qat|autoround|unsloth|quantized|quantised)`,
	}, "|") + `)$`)
	owners = regexp.MustCompile(`^(?:qwen|meta-llama|google|mistralai|openai|deepseek-ai|microsoft|zai-org|moonshotai|nvidia|ibm-granite|allenai|minimaxai|nousresearch|unsloth|bartowski|lmstudio-community|mlx-community)$`)
	plain  = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]*$`)
	// instance is what LM Studio appends to tell two loaded copies apart.
	instance = regexp.MustCompile(`^-\d+$`)
	// sized is a size among the parts of a name: 30b, 0.6b, 8x7b, e4b, 270m.
	sized = regexp.MustCompile(`(?:^|-)(?:\d+x|e|a)?\d+(?:\.\d+)?[bm](?:-|$)`)
	// family are open weights whose names have no size.
	family = regexp.MustCompile(`^(?:deepseek-(?:v\d|r\d|coder-v\d)|glm-\d|kimi-(?:k\d|dev|linear|vl)|minimax-(?:m\d|text)|phi-\d|` +
		`mistral-(?:nemo|small-\d)|mi(?:ni|xt)stral-\d|magistral-small-\d|devstral-(?:small-)?\d|qwen\d(?:\.\d)?-(?:coder-)?next|llama-4-|mimo-v\d|step-\d|command-[ar]|hunyuan-a\d)`)
	notGenerating = regexp.MustCompile(`embed|rerank|(?:^|-)(?:bge|gte|e5|whisper|minilm|tts|ocr|clip|colbert|reward|nomic|mmproj)(?:-|$)`)
)
