package html_test

import (
	"strings"
	"testing"
)

func TestPagesAreAccessible(t *testing.T) {
	for name, r := range samples(t) {
		t.Run(name, func(t *testing.T) {
			root := parse(t, draw(t, r))
			if root.name != "html" || root.attr["lang"] != "en" {
				t.Errorf("the page is <%s lang=%q>", root.name, root.attr["lang"])
			}
			ids := map[string]*element{}
			root.walk(func(e *element) {
				if id, ok := e.attr["id"]; ok {
					if ids[id] != nil {
						t.Errorf("two elements have the id %q", id)
					}
					ids[id] = e
				}
			})
			root.walk(func(e *element) {
				for _, id := range strings.Fields(e.attr["aria-labelledby"]) {
					if ids[id] == nil || ids[id].text == "" {
						t.Errorf("<%s> is labelled by %q, which says nothing", e.name, id)
					}
				}
				for _, key := range []string{"href", "fill", "clip-path"} {
					if _, ref, ok := strings.Cut(e.attr[key], "#"); ok && ids[strings.TrimSuffix(ref, ")")] == nil {
						t.Errorf("<%s %s=%q> refers to nothing", e.name, key, e.attr[key])
					}
				}
			})
			landmarks(t, root)
			tables(t, root)
			drawings(t, root)
		})
	}
}

// landmarks are one of each, and headings have no step left out.
func landmarks(t *testing.T, root *element) {
	for _, name := range []string{"header", "main", "footer", "h1", "title"} {
		want := 1
		if name == "title" {
			continue // drawings have titles, too
		}
		if n := len(root.all(name)); n != want {
			t.Errorf("%d <%s>, want %d", n, name, want)
		}
	}
	for _, s := range root.all("section") {
		if s.attr["aria-labelledby"] == "" && s.attr["aria-label"] == "" {
			t.Error("a section has no name")
		}
	}
}

// tables have a caption and headings with a scope, and can be scrolled with keys.
func tables(t *testing.T, root *element) {
	for _, table := range root.all("table") {
		if len(table.all("caption")) != 1 || table.all("caption")[0].text == "" {
			t.Errorf("a table has no caption: %.40q", table.text)
		}
		columns := len(table.all("thead")[0].all("th"))
		for _, th := range table.all("th") {
			if th.attr["scope"] == "" {
				t.Errorf("heading %q has no scope", th.text)
			}
			if th.text == "" {
				t.Errorf("a heading is empty: %.40q", table.text)
			}
		}
		for _, tr := range table.all("tr") {
			if len(tr.below) != columns {
				t.Errorf("row %q has %d cells under %d headings", tr.text, len(tr.below), columns)
			}
		}
	}
	for _, div := range root.all("div") {
		if div.attr["class"] == "scroll" && (div.attr["tabindex"] != "0" || div.attr["role"] != "region") {
			t.Error("a table that scrolls cannot be reached with the keyboard")
		}
	}
}

// drawings say what they show, or are hidden from those who listen.
func drawings(t *testing.T, root *element) {
	charts := 0
	var look func(e *element, inside bool)
	look = func(e *element, inside bool) {
		if e.name == "svg" && !inside {
			switch {
			case e.attr["aria-hidden"] == "true":
			case e.attr["role"] != "img" || len(e.below) < 2 || e.below[0].name != "title" || e.below[1].name != "desc" ||
				e.below[0].text == "" || e.below[1].text == "":
				t.Errorf("a drawing does not say what it shows: %v", e.attr)
			default:
				charts++
			}
			inside = true
		}
		for _, b := range e.below {
			look(b, inside)
		}
	}
	look(root, false)
	figures := root.all("figure")
	if charts != len(figures) || charts == 0 {
		t.Errorf("%d charts in %d figures", charts, len(figures))
	}
	for _, f := range figures {
		if len(f.all("table")) != 1 || len(f.all("tr")) < 2 || len(f.all("figcaption")) != 1 {
			t.Errorf("figure %q has no table of its figures, or no caption", f.attr["id"])
		}
	}
}
