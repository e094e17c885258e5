package prices

import (
	"slices"
	"strings"
	"time"
)

// withKnown adds to a model's newer prices what only the old ones tell.
func (t Table) withKnown(next, old []Entry, on time.Time) []Entry {
	last := old[len(old)-1]
	next = slices.Clone(next)
	for i := range next {
		e := &next[i]
		if e.Weights == "" {
			e.Weights = last.Weights
		}
		for _, name := range last.Also {
			if !slices.Contains(e.Also, name) && !t.gives(e.Provider, name) {
				e.Also = append(slices.Clip(e.Also), name)
			}
		}
		for _, o := range standing(old, on) {
			if o.Hours == e.Hours {
				e.Rates, e.Long = e.Rates.with(o.Rates), longWith(e.Long, o.Long)
			}
		}
	}
	return next
}

// gives reports whether the table gives another name of a model to some model of
// that provider.
func (t Table) gives(provider, name string) bool {
	if stem, star := strings.CutSuffix(name, "*"); star {
		return len(t.stars[key(provider, stem)]) > 0
	}
	return len(t.names[key(provider, name)])+len(t.also[key(provider, name)]) > 0
}

// with is r, with the prices of cached tokens that only the other rates tell,
// when both ask the same for fresh input and for output: a table without them
// does not say that there is no discount any more.
func (r Rates) with(o Rates) Rates {
	if r.Input == o.Input && r.Output == o.Output {
		r.Cached, r.CacheWrite = r.Cached.or(o.Cached), r.CacheWrite.or(o.CacheWrite)
	}
	return r
}

func longWith(long, old []LongContext) []LongContext {
	long = slices.Clone(long)
	for i, l := range long {
		for _, o := range old {
			if o.Above == l.Above {
				long[i].Rates = l.Rates.with(o.Rates)
			}
		}
	}
	return long
}

// withPast puts before the oldest prices what the newer table knows of earlier
// days. Prices without a beginning were seen on their AsOf; nobody knew how long
// they had stood.
func withPast(old, next []Entry) []Entry {
	first := old[0]
	hours := func(e Entry) bool { return e.Hours != Hours{} }
	if !first.From.IsZero() || slices.ContainsFunc(old, hours) || slices.ContainsFunc(next, hours) {
		return old
	}
	var out []Entry
	for _, e := range next {
		if !e.Until.IsZero() && !e.Until.After(first.AsOf()) && (first.Until.IsZero() || e.Until.Before(first.Until)) {
			out = append(out, e)
			first.From = e.Until
		}
	}
	return append(append(out, first), old[1:]...)
}
