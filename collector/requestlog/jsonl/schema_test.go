package jsonl_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// checker validates values by the keywords that schema.json uses, and fails the
// test on any other.
type checker struct {
	t    testing.TB
	root map[string]any
	res  map[string]*regexp.Regexp
}

func newChecker(t testing.TB, schema []byte) *checker {
	t.Helper()
	c := &checker{t: t, res: map[string]*regexp.Regexp{}}
	c.root = c.decode(schema).(map[string]any)
	return c
}

func (c *checker) decode(text []byte) any {
	v, ok := decodeJSON(text)
	if !ok {
		c.t.Fatalf("not JSON: %s", text)
	}
	return v
}

// decodeJSON keeps numbers as they were written.
func decodeJSON(text []byte) (any, bool) {
	if !json.Valid(text) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	return v, d.Decode(&v) == nil
}

// line is true when the schema accepts the line.
func (c *checker) line(text []byte) bool {
	v, ok := decodeJSON(text)
	return ok && c.ok(c.root, v)
}

func (c *checker) ok(schema map[string]any, v any) bool {
	for key, arg := range schema {
		if !c.keyword(schema, key, arg, v) {
			return false
		}
	}
	return true
}

func (c *checker) keyword(schema map[string]any, key string, arg, v any) bool {
	object, isObject := v.(map[string]any)
	switch key {
	case "$schema", "$id", "$defs", "title", "description", "format", "then", "else":
		return true
	case "$ref":
		return c.ok(c.root["$defs"].(map[string]any)[strings.TrimPrefix(arg.(string), "#/$defs/")].(map[string]any), v)
	case "type":
		return isType(arg, v)
	case "enum":
		return slices.Contains(arg.([]any), v)
	case "const":
		return arg == v
	case "minimum", "maximum":
		n, isNumber := v.(json.Number)
		if !isNumber {
			return true
		}
		d := rational(n).Cmp(rational(arg.(json.Number)))
		return key == "minimum" && d >= 0 || key == "maximum" && d <= 0
	case "pattern":
		s, isText := v.(string)
		return !isText || c.regexp(arg.(string)).MatchString(s)
	case "required":
		return !isObject || !slices.ContainsFunc(arg.([]any), func(name any) bool { _, has := object[name.(string)]; return !has })
	case "properties":
		for name, sub := range arg.(map[string]any) {
			if value, has := object[name]; has && !c.ok(sub.(map[string]any), value) {
				return false
			}
		}
		return true
	case "items":
		list, _ := v.([]any)
		return !slices.ContainsFunc(list, func(item any) bool { return !c.ok(arg.(map[string]any), item) })
	case "allOf":
		return !slices.ContainsFunc(arg.([]any), func(sub any) bool { return !c.ok(sub.(map[string]any), v) })
	case "oneOf":
		n := 0
		for _, sub := range arg.([]any) {
			if c.ok(sub.(map[string]any), v) {
				n++
			}
		}
		return n == 1
	case "if":
		branch := "else"
		if c.ok(arg.(map[string]any), v) {
			branch = "then"
		}
		sub, has := schema[branch].(map[string]any)
		return !has || c.ok(sub, v)
	}
	c.t.Fatalf("the schema has the keyword %s, which the test does not know", key)
	return false
}

func (c *checker) regexp(pattern string) *regexp.Regexp {
	if c.res[pattern] == nil {
		c.res[pattern] = regexp.MustCompile(pattern)
	}
	return c.res[pattern]
}

func isType(arg, v any) bool {
	if list, ok := arg.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return isType(one, v) })
	}
	switch x := v.(type) {
	case nil:
		return arg == "null"
	case bool:
		return arg == "boolean"
	case string:
		return arg == "string"
	case []any:
		return arg == "array"
	case map[string]any:
		return arg == "object"
	case json.Number:
		return arg == "number" || arg == "integer" && rational(x).IsInt()
	}
	return false
}

// rational is the exact value of a number, but for those of more than 10,000
// digits: they are as good as the largest and smallest of that.
func rational(n json.Number) *big.Rat {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(n.String()), "e")
	e := new(big.Int)
	if exponent != "" {
		e.SetString(exponent, 10)
	}
	if limit := big.NewInt(10000); e.CmpAbs(limit) > 0 {
		e = limit.Mul(limit, big.NewInt(int64(e.Sign())))
	}
	r, _ := new(big.Rat).SetString(mantissa + "e" + e.String())
	return r
}
