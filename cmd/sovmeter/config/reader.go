package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// reader walks a YAML document and collects all that is wrong with it. It
// works on the syntax tree, not on a decoded struct, because a decoder stops
// at its first error and forgets where values stood.
type reader struct {
	path     string
	problems []Problem
}

// field is one key of a mapping and what reads its value.
type field struct {
	key  string
	read func(n ast.Node, key string)
}

func (r *reader) problem(n ast.Node, key, format string, args ...any) {
	p := Problem{Key: key, Text: fmt.Sprintf(format, args...)}
	if t := n.GetToken(); t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	r.problems = append(r.problems, p)
}

func (r *reader) sorted() []Problem {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.problems
}

// root parses data, which must hold one document.
func (r *reader) root(data []byte) ast.Node {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		r.problems = append(r.problems, syntax(err))
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		r.problems = append(r.problems, Problem{Text: "the file is empty, want a mapping with servers"})
		return nil
	}
	if len(file.Docs) > 1 && file.Docs[1].Body != nil {
		r.problem(file.Docs[1].Body, "", "a second document, want one")
	}
	return file.Docs[0].Body
}

// syntax turns the parser's error into a problem with a place.
func syntax(err error) Problem {
	var y yaml.Error
	if !errors.As(err, &y) {
		return Problem{Text: "not YAML: " + err.Error()}
	}
	p := Problem{Text: "not YAML: " + y.GetMessage()}
	if t := y.GetToken(); t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	return p
}

// mapping reads the values of n by the given fields. Keys that are not among
// them are problems.
func (r *reader) mapping(n ast.Node, key string, fields []field) {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.problem(n, key, "got %s, want a mapping with %s", describe(n), names(fields))
		return
	}
	for it := m.MapRange(); it.Next(); {
		name := it.Key().String()
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == name })
		if i < 0 {
			r.problem(it.Key(), join(key, name), "unknown key, allowed: %s", names(fields))
			continue
		}
		if it.Value().Type() == ast.NullType {
			continue // a key with nothing after it has its default
		}
		fields[i].read(it.Value(), join(key, name))
	}
}

// sequence calls read for each entry of n.
func (r *reader) sequence(n ast.Node, key, want string, read func(n ast.Node, key string)) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.problem(n, key, "got %s, want %s", describe(n), want)
		return
	}
	for i, v := range s.Values {
		read(v, fmt.Sprintf("%s[%d]", key, i))
	}
}

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
	}
	r.problem(n, key, "got %s, want %s", describe(n), want)
	return 0, false
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
	switch n.(type) {
	case ast.MapNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	}
	text := strings.TrimSpace(n.GetToken().Value)
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i] + " …"
	}
	return fmt.Sprintf("%q", text)
}

func names(fields []field) string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return strings.Join(keys, ", ")
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
