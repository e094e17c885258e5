package config

import (
	"bytes"
	"errors"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// plainOnly is said of what YAML can and a config of this size never needs.
const plainOnly = "anchors, aliases and tags are not supported, write the value itself"

// root parses data, which must hold one document. The byte order mark that
// some editors put first is no part of it.
func (r *reader) root(data []byte) ast.Node {
	file, err := parser.ParseBytes(bytes.TrimPrefix(data, []byte("\ufeff")), 0)
	if err != nil {
		r.problems = append(r.problems, syntax(err))
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil // an empty file is a config too: everything has a default
	}
	if len(file.Docs) > 1 && file.Docs[1].Body != nil {
		r.problem(file.Docs[1].Body, "", "a second document, want one")
	}
	body, ok := r.bare(file.Docs[0].Body, "")
	if !ok {
		return nil
	}
	return body
}

// syntax turns the parser's error into a problem with a place.
func syntax(err error) Problem {
	var y yaml.Error
	if !errors.As(err, &y) {
		return Problem{Text: "not YAML: " + oneLine(err.Error())}
	}
	p := Problem{Text: "not YAML: " + oneLine(y.GetMessage())}
	if t := y.GetToken(); t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	return p
}

// bare takes anchors and tags off a value, which are problems, so that what is
// wrong with the value itself shows too. It is false for an alias, which has
// no value of its own.
func (r *reader) bare(n ast.Node, key string) (ast.Node, bool) {
	for {
		var inner ast.Node
		switch v := n.(type) {
		case *ast.AnchorNode:
			inner = v.Value
		case *ast.TagNode:
			inner = v.Value
		case *ast.AliasNode:
		default:
			return n, true
		}
		r.problem(n, key, "got %s: %s", describe(n), plainOnly)
		if inner == nil {
			return nil, false
		}
		n = inner
	}
}
