package report_test

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/report"
)

// node is the part of JSON Schema that the report's schema uses.
type node struct {
	Ref        string           `json:"$ref"`
	Type       any              `json:"type"`
	Const      any              `json:"const"`
	Enum       []any            `json:"enum"`
	Pattern    string           `json:"pattern"`
	Minimum    *float64         `json:"minimum"`
	Maximum    *float64         `json:"maximum"`
	Required   []string         `json:"required"`
	Properties map[string]*node `json:"properties"`
	Items      *node            `json:"items"`
	Defs       map[string]*node `json:"$defs"`
}

func parseSchema(t testing.TB) *node {
	t.Helper()
	var n node
	if err := json.Unmarshal([]byte(report.Schema()), &n); err != nil {
		t.Fatal(err)
	}
	return &n
}

// check lists what v does against the schema. It is stricter than the schema:
// a field that the schema does not know is a fault.
func (n *node) check(v any) []string { return n.at("$", v, n.Defs) }

func (n *node) at(path string, v any, defs map[string]*node) []string {
	if n.Ref != "" {
		return defs[strings.TrimPrefix(n.Ref, "#/$defs/")].at(path, v, defs)
	}
	problems := n.scalar(path, v)
	switch v := v.(type) {
	case map[string]any:
		for _, name := range n.Required {
			if _, ok := v[name]; !ok {
				problems = append(problems, path+"."+name+": missing")
			}
		}
		for name, field := range v {
			child := n.Properties[name]
			if child == nil {
				problems = append(problems, path+"."+name+": not in the schema")
				continue
			}
			problems = append(problems, child.at(path+"."+name, field, defs)...)
		}
	case []any:
		for i, item := range v {
			problems = append(problems, n.Items.at(fmt.Sprintf("%s[%d]", path, i), item, defs)...)
		}
	}
	return problems
}

// scalar checks what does not need the children.
func (n *node) scalar(path string, v any) (problems []string) {
	fault := func(format string, args ...any) {
		problems = append(problems, path+": "+fmt.Sprintf(format, args...))
	}
	if n.Const != nil && n.Const != v {
		fault("%v is not %v", v, n.Const)
	}
	if n.Enum != nil && !slices.Contains(n.Enum, v) {
		fault("%v is none of %v", v, n.Enum)
	}
	if n.Type != nil && !n.hasType(v) {
		fault("%v is not of type %v", v, n.Type)
	}
	if s, ok := v.(string); ok && n.Pattern != "" && !regexp.MustCompile(n.Pattern).MatchString(s) {
		fault("%q does not match %s", s, n.Pattern)
	}
	if f, ok := v.(float64); ok && (n.Minimum != nil && f < *n.Minimum || n.Maximum != nil && f > *n.Maximum) {
		fault("%v is out of bounds", f)
	}
	return problems
}

func (n *node) hasType(v any) bool {
	types, ok := n.Type.([]any)
	if !ok {
		types = []any{n.Type}
	}
	for _, name := range types {
		if typeMatches(name.(string), v) {
			return true
		}
	}
	return false
}

func typeMatches(name string, v any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}
