package avoided

import (
	"cmp"
	"strings"
)

// ruleFor is the whole rule of a local model: the first that matches, and the
// default for what it leaves open.
func (p *Plan) ruleFor(model string) Rule {
	rule := Rule{}
	for _, r := range p.rules {
		if matches(strings.ToLower(r.Model), strings.ToLower(model)) {
			rule = r
			break
		}
	}
	rule.SameWeights = cmp.Or(rule.SameWeights, p.fallback.SameWeights)
	rule.Substitute = cmp.Or(rule.Substitute, p.fallback.Substitute)
	rule.ShareRatio = cmp.Or(rule.ShareRatio, p.fallback.ShareRatio)
	rule.TokenizerRatio = cmp.Or(rule.TokenizerRatio, p.fallback.TokenizerRatio, 1)
	return rule
}

// matches tells whether a name is what a pattern says, in which a * stands for
// any text. Names of models have slashes, so path.Match would not do.
func matches(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok || len(rest) < len(parts[last]) || !strings.HasSuffix(rest, parts[last]) {
		return false
	}
	rest = rest[:len(rest)-len(parts[last])]
	for _, part := range parts[1:last] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}
