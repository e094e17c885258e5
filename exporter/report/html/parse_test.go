package html_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// element is a node of a page.
type element struct {
	name  string
	attr  map[string]string
	text  string // of the element and all below it, with single spaces
	raw   strings.Builder
	below []*element
}

// parse reads a page as XML, which is stricter than browsers are: every element
// is closed, every attribute quoted, and nothing is left unescaped.
func parse(t testing.TB, page []byte) *element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(page)))
	d.Entity = xml.HTMLEntity
	root := &element{}
	stack := []*element{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				if _, twice := e.attr[a.Name.Local]; twice {
					t.Errorf("<%s> has %s twice", e.name, a.Name.Local)
				}
				e.attr[a.Name.Local] = a.Value
			}
			top.below = append(top.below, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			for _, e := range stack {
				e.raw.Write(token)
			}
		}
	}
	if len(stack) != 1 || len(root.below) != 1 {
		t.Fatalf("%d elements left open, %d at the top", len(stack)-1, len(root.below))
	}
	root.walk(func(e *element) { e.text = strings.Join(strings.Fields(e.raw.String()), " ") })
	return root.below[0]
}

// walk visits all elements in order.
func (e *element) walk(visit func(*element)) {
	visit(e)
	for _, b := range e.below {
		b.walk(visit)
	}
}

// all are the elements of a name.
func (e *element) all(name string) []*element {
	var found []*element
	e.walk(func(b *element) {
		if b.name == name {
			found = append(found, b)
		}
	})
	return found
}

// texts are the texts of all elements of some names.
func (e *element) texts(names ...string) map[string]bool {
	found := map[string]bool{}
	for _, name := range names {
		for _, b := range e.all(name) {
			found[b.text] = true
		}
	}
	return found
}
