package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// text reads a string. A number is not one: a quoted value is.
func (r *reader) text(n ast.Node, key, want string) (string, bool) {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value, true
	}
	if l, ok := n.(*ast.LiteralNode); ok {
		return strings.TrimSpace(l.Value.Value), true
	}
	r.problem(n, key, "got %s, want %s", describe(n), want)
	return "", false
}

func (r *reader) number(n ast.Node, key, want string) (float64, bool) {
	switch v := n.(type) {
	case *ast.IntegerNode:
		switch i := v.Value.(type) {
		case int64:
			return float64(i), true
		case uint64:
			return float64(i), true
		}
	case *ast.FloatNode:
		return v.Value, true
	case *ast.StringNode:
		f, ok := numeral(v.Value)
		if ok && v.Token.Type == token.StringType {
			return f, true
		}
		if ok {
			want = "a number, without quotes"
		}
	}
	r.problem(n, key, "got %s, want %s", describe(n), want)
	return 0, false
}

// numerals are YAML's, of its core schema. The parser takes 1e9 and integers
// of more than 64 bits for strings.
var numerals = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

func numeral(text string) (float64, bool) {
	if !numerals.MatchString(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

func (r *reader) boolean(n ast.Node, key string) (value, ok bool) {
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value, true
	}
	r.problem(n, key, "got %s, want true or false", describe(n))
	return false, false
}

// describe says what stands in the file, on one line.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case ast.MapNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.AnchorNode:
		return "the anchor " + shortened("&"+n.Name.GetToken().Value)
	case *ast.AliasNode:
		return "the alias " + shortened("*"+n.Value.GetToken().Value)
	case *ast.TagNode:
		return "the tag " + shortened(n.GetToken().Value)
	}
	return shortened(n.GetToken().Value)
}

// shortened quotes the first line of text, or as much of it as says what it is.
func shortened(text string) string {
	const most = 80
	text = strings.TrimSpace(text)
	line, _, cut := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > most {
		line, cut = string(runes[:most]), true
	}
	if cut {
		line += " …"
	}
	return fmt.Sprintf("%q", line)
}
