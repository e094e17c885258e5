package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// secretHeader is a header whose value nobody else should see.
var secretHeader = regexp.MustCompile(`(?i)auth|cookie|token|secret|password|key`)

// headers reads what is sent with each question: values, or where they are kept.
func (r *reader) headers(n ast.Node, key string, e *meterEntry) {
	const want = "headers, such as {X-Api-Key: {file: /usr/local/etc/sovmeter/key}}"
	names, ok := keysOf(n)
	if !ok || len(names) == 0 {
		r.problem(n, key, "got %s, want %s", describe(n), want)
		return
	}
	e.Header = map[string]systemmeter.Secret{}
	var fields []field
	for _, name := range names {
		if slices.ContainsFunc(fields, func(f field) bool { return strings.EqualFold(f.key, name) && f.key != name }) {
			r.problem(n, key, "has %s twice, want each header once", shown(name))
		}
		fields = append(fields, field{name, func(n ast.Node, k string) {
			if value, ok := r.headerValue(n, k, name, e); ok {
				e.Header[name] = value
			}
		}})
	}
	r.mapping(n, key, fields)
}

// headerValue reads one value; one that is kept elsewhere is empty until the
// secrets are read.
func (r *reader) headerValue(n ast.Node, key, name string, e *meterEntry) (systemmeter.Secret, bool) {
	const want = "a text, or {env: NAME} or {file: PATH}"
	if _, isMapping := n.(ast.MapNode); !isMapping {
		if secretHeader.MatchString(name) {
			r.problem(n, key, "stands in the config, which others can read, want {file: PATH}, the absolute path of a file with mode 0600, or {env: NAME}")
			return systemmeter.Secret{}, false
		}
		v := r.meterText(n, key, want)
		return systemmeter.NewSecret(v), v != ""
	}
	s := secretPlace{key: key, name: name, header: name}
	r.mapping(n, key, []field{
		{"env", func(n ast.Node, k string) { s.env = r.envName(n, k) }},
		{"file", func(n ast.Node, k string) { s.path = r.secretPath(n, k) }},
	})
	if r.given(key+".env") == r.given(key+".file") {
		r.problem(n, key, "wants one of env and file")
		return systemmeter.Secret{}, false
	}
	e.secrets = append(e.secrets, s)
	return systemmeter.Secret{}, true
}
