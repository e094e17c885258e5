package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// reader walks a YAML document and collects all that is wrong with it. It
// works on the syntax tree, not on a decoded struct, because a decoder stops
// at its first error and forgets where values stood.
type reader struct {
	path     string
	problems []Problem
	places   map[string]place // of every key and list entry that was read
}

// place is where a value stands, or its key when nothing follows it.
type place struct {
	node  ast.Node
	given bool // something stands there
}

// field is one key of a mapping and what reads its value.
type field struct {
	key  string
	read func(n ast.Node, key string)
}

func (r *reader) problem(n ast.Node, key, format string, args ...any) {
	p := Problem{Key: key, Text: oneLine(fmt.Sprintf(format, args...))}
	p.Line, p.Column = position(n)
	r.problems = append(r.problems, p)
}

// problemAt is problem for a key that was read before, or is missing: then the
// place is that of the mapping it should be in.
func (r *reader) problemAt(key, format string, args ...any) {
	p := Problem{Key: key, Text: oneLine(fmt.Sprintf(format, args...))}
	for at, more := key, true; more; at, more = parent(at) {
		if place, ok := r.places[at]; ok {
			p.Line, p.Column = position(place.node)
			break
		}
	}
	r.problems = append(r.problems, p)
}

func parent(key string) (string, bool) {
	i := strings.LastIndexAny(key, ".[")
	return key[:max(i, 0)], i > 0
}

// position is where n begins. A block mapping begins with its first key; its
// own token is the colon after it.
func position(n ast.Node) (line, column int) {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return 0, 0
}

func (r *reader) sorted() []Problem {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.problems
}

// given says whether something stands at key. A key with nothing after it, or
// null, counts as left out.
func (r *reader) given(key string) bool { return r.places[key].given }

// mapping reads the values of n by the given fields, and says whether n is a
// mapping at all. Keys that are not among them are problems.
func (r *reader) mapping(n ast.Node, key string, fields []field) bool {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.problem(n, key, "got %s, want a mapping with %s", describe(n), names(fields))
		return false
	}
	for it := m.MapRange(); it.Next(); {
		name, ok := r.keyName(it.Key(), key)
		if !ok {
			continue
		}
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == name })
		if i < 0 {
			r.problem(it.Key(), join(key, shown(name)), "unknown key, allowed: %s", names(fields))
			continue
		}
		full := join(key, name)
		r.places[full] = place{node: it.Key()}
		if it.Value().Type() == ast.NullType {
			continue
		}
		r.places[full] = place{node: it.Value(), given: true}
		if v, ok := r.bare(it.Value(), full); ok {
			fields[i].read(v, full)
		}
	}
	return true
}

// keyName is a key as its author meant it, without quotes.
func (r *reader) keyName(k ast.Node, within string) (string, bool) {
	switch k := k.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		r.problem(k, within, "got %s in place of a key: %s", describe(k), plainOnly)
		return "", false
	}
	return k.String(), true
}

// sequence calls read for each entry of n.
func (r *reader) sequence(n ast.Node, key, want string, read func(n ast.Node, key string)) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.problem(n, key, "got %s, want %s", describe(n), want)
		return
	}
	for i, v := range s.Values {
		full := fmt.Sprintf("%s[%d]", key, i)
		r.places[full] = place{node: v, given: v.Type() != ast.NullType}
		if v, ok := r.bare(v, full); ok {
			read(v, full)
		}
	}
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

var plainKey = regexp.MustCompile(`^[\pL\pN_ -]{1,60}$`)

// shown is a key that may be anything, fit for a message.
func shown(name string) string {
	if plainKey.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}

// oneLine keeps a message on one line, whatever a library puts into it.
func oneLine(text string) string {
	if !strings.ContainsAny(text, "\r\n") {
		return text
	}
	return strings.Join(strings.Fields(text), " ")
}
