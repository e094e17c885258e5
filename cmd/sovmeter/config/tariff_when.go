package config

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost/tariff"
)

// whenFields read a time of the day, week and year into w.
func (t *tariffReader) whenFields(w *tariff.When) []field {
	return []field{
		{"from", func(n ast.Node, k string) { w.From = t.clock(n, k) }},
		{"to", func(n ast.Node, k string) { w.To = t.clock(n, k) }},
		{"days", func(n ast.Node, k string) {
			for _, part := range t.parts(n, k, "a list of days, such as [mon-fri, holidays]") {
				days, err := tariff.ParseDays(part.text)
				if err != nil {
					t.problem(part.node, part.key, "got %q, want a day such as mon, a range such as mon-fri, or holidays", part.text)
				}
				w.Days |= days
			}
		}},
		{"months", func(n ast.Node, k string) {
			for _, part := range t.parts(n, k, "a list of months, such as [nov-feb]") {
				months, err := tariff.ParseMonths(part.text)
				if err != nil {
					t.problem(part.node, part.key, "got %q, want a month such as jan, or a range such as nov-feb", part.text)
				}
				w.Months |= months
			}
		}},
	}
}

// whens reads a list of such times.
func (t *tariffReader) whens(n ast.Node, key string) []tariff.When {
	var list []tariff.When
	t.sequence(n, key, "a list of windows", func(n ast.Node, key string) {
		w := tariff.When{}
		if t.mapping(n, key, t.whenFields(&w)) {
			t.checkWhen(key, w)
			list = append(list, w)
		}
	})
	return list
}

// checkWhen refuses half a time of day, and one of no length.
func (t *tariffReader) checkWhen(key string, w tariff.When) {
	from, to := t.given(key+".from"), t.given(key+".to")
	switch {
	case from != to:
		t.problemAt(key, "wants both from and to, or neither for the whole day")
	case from && w.From == w.To && !t.wrong(key+".from") && !t.wrong(key+".to"):
		t.problemAt(key+".to", "got %q, as from is, want another time, or neither for the whole day", w.To)
	}
}

// wrong says whether a problem of a key was reported.
func (t *tariffReader) wrong(key string) bool {
	for _, p := range t.problems {
		if p.Key == key {
			return true
		}
	}
	return false
}

func (t *tariffReader) clock(n ast.Node, key string) tariff.Clock {
	want := `a quarter of an hour from 00:00 to 24:00, such as "06:30"`
	begins := strings.HasSuffix(key, ".from")
	if begins {
		want = `a quarter of an hour from 00:00 to 23:45, such as "22:30"`
	}
	v, ok := t.text(n, key, want)
	if !ok {
		return 0
	}
	c, err := tariff.ParseClock(v)
	if err != nil || begins && c == tariff.Midnight {
		t.problem(n, key, "got %q, want %s", v, want)
		return 0
	}
	return c
}

// part is one entry of a list of texts.
type part struct {
	node ast.Node
	key  string
	text string
}

// parts reads a list of texts, or a single one.
func (t *tariffReader) parts(n ast.Node, key, want string) []part {
	if s, ok := n.(*ast.StringNode); ok {
		return []part{{n, key, s.Value}}
	}
	var list []part
	t.sequence(n, key, want, func(n ast.Node, key string) {
		if v, ok := t.text(n, key, "a name"); ok {
			list = append(list, part{n, key, v})
		}
	})
	if s, ok := n.(*ast.SequenceNode); ok && len(s.Values) == 0 {
		t.problem(n, key, "is empty, want %s, or the key left out", want)
	}
	return list
}
