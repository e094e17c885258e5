package prices

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Table is a list of entries that do not contradict each other. Its zero value
// is empty.
type Table struct {
	entries []Entry          // by provider, model, From, Hours
	names   map[string][]int // entries by provider and model
	also    map[string][]int // by provider and each other name
	stars   map[string][]int // by provider and each name that stood before a star
	weights map[string][]int
}

// NewTable checks entries, in any order, and sorts them. It is ErrTable when an
// entry is not usable or two of one model hold at the same time.
func NewTable(entries []Entry) (Table, error) {
	t := Table{
		entries: slices.Clone(entries),
		names:   map[string][]int{}, also: map[string][]int{}, stars: map[string][]int{}, weights: map[string][]int{},
	}
	slices.SortStableFunc(t.entries, compare)
	for i, e := range t.entries {
		if err := e.validate(); err != nil {
			return Table{}, fmt.Errorf("%s: %w", named(e.Provider, e.Model), err)
		}
		if i > 0 && sameModel(t.entries[i-1], e) {
			if err := clash(t.entries[i-1], e); err != nil {
				return Table{}, err
			}
		}
		t.index(i, e)
	}
	return t, nil
}

func (t Table) index(i int, e Entry) {
	add := func(m map[string][]int, key string) {
		if n := m[key]; len(n) == 0 || n[len(n)-1] != i {
			m[key] = append(n, i)
		}
	}
	add(t.names, key(e.Provider, e.Model))
	for _, name := range e.Also {
		if stem, star := strings.CutSuffix(name, "*"); star {
			add(t.stars, key(e.Provider, stem))
		} else {
			add(t.also, key(e.Provider, name))
		}
	}
	if e.Weights != "" {
		add(t.weights, e.Weights)
	}
}

func key(provider, model string) string {
	return strings.ToLower(provider) + "\n" + strings.ToLower(model)
}

func compare(a, b Entry) int {
	if c := strings.Compare(key(a.Provider, a.Model), key(b.Provider, b.Model)); c != 0 {
		return c
	}
	if c := int(a.Hours.Start - b.Hours.Start); c != 0 {
		return c
	}
	if c := int(a.Hours.End - b.Hours.End); c != 0 {
		return c
	}
	return a.From.Compare(b.From)
}

func sameModel(a, b Entry) bool { return key(a.Provider, a.Model) == key(b.Provider, b.Model) }

// clash tells whether two entries of one model that follow each other hold at
// the same time. Those for a part of the day are meant to overlap with those for
// all of it.
func clash(a, b Entry) error {
	if a.Hours != b.Hours {
		return nil
	}
	if a.Until.IsZero() || a.Until.After(b.From) {
		return fmt.Errorf("%s %s: prices from %s on and from %s on hold at the same time; end the first with until: %w",
			a.Provider, a.Model, day(a.From), day(b.From), ErrTable)
	}
	return nil
}

func day(t time.Time) string {
	if t.IsZero() {
		return "the beginning"
	}
	return t.Format(time.DateOnly)
}

// Entries returns all entries by provider, model and time.
func (t Table) Entries() []Entry { return slices.Clone(t.entries) }

// Len is how many entries there are.
func (t Table) Len() int { return len(t.entries) }

// Find returns the entry of a provider's model that held at a time. Prices may
// depend on the time of day: ask for each slot. Names are compared without
// regard to case, first as they are and then without the date at their end. It
// is false when no price is known for that time.
func (t Table) Find(provider, model string, at time.Time) (Entry, bool) {
	name := key(provider, model)
	for _, places := range [][]int{t.names[name], t.also[name], t.stars[name]} {
		if e, ok := t.holding(places, at); ok {
			return e, true
		}
	}
	stem, dated := cutSnapshot(model)
	if !dated {
		return Entry{}, false
	}
	return t.holding(t.stars[key(provider, stem)], at)
}

// holding is the entry, of those at these places, that holds at a time. One for
// a part of the day goes before one for all day.
func (t Table) holding(at []int, when time.Time) (Entry, bool) {
	found := -1
	for _, i := range at {
		if t.entries[i].Holds(when) && (found < 0 || t.entries[found].Hours == Hours{}) {
			found = i
		}
	}
	if found < 0 {
		return Entry{}, false
	}
	return t.entries[found], true
}

// Hosts returns the entries that serve open weights at a time, one for each
// provider's model, by provider and model.
func (t Table) Hosts(weights string, at time.Time) []Entry {
	var hosts []Entry
	for _, i := range t.weights[weights] {
		e := t.entries[i]
		if !e.Holds(at) {
			continue
		}
		last := len(hosts) - 1
		switch {
		case last < 0 || !sameModel(hosts[last], e):
			hosts = append(hosts, e)
		case hosts[last].Hours == Hours{}:
			hosts[last] = e
		}
	}
	return hosts
}

// cutSnapshot takes the date of a snapshot from the end of a model's name.
func cutSnapshot(model string) (string, bool) {
	for _, layout := range []string{"20060102", time.DateOnly} {
		cut := len(model) - len(layout) - 1
		if cut <= 0 || !strings.ContainsRune("-@", rune(model[cut])) {
			continue
		}
		if _, err := time.Parse(layout, model[cut+1:]); err == nil {
			return model[:cut], true
		}
	}
	stem, ok := strings.CutSuffix(strings.ToLower(model), "-latest")
	return stem, ok
}
