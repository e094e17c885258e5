package prices

import (
	"slices"
	"time"
)

// Merged counts what Merge did with the entries of a newer table.
type Merged struct {
	New       int // models of a provider that were not there
	Changed   int // whose prices changed: the old ones have an end now
	Confirmed int // whose prices still stand
	Older     int // left as they are: what is there is from a newer table
	Kept      int // models in the old table that the newer one does not have
}

// Merge returns the table with the entries of a newer one of a day. History is
// kept: where a price changed, the old entry ends and the new one begins on the
// day that the newer table tells, or else on the day of that table. Where
// nothing changed, the entry takes over what the newer table knows of it, also
// of days before anybody had looked. What the newer table does not tell is no
// change of it: other names, weights and, at the same price of fresh input and
// output, that of cached tokens stay. Prices announced for later days are those
// of the newer table. Models that it does not have are kept: no publisher has all.
func (t Table) Merge(newer []Entry, on time.Time) (Table, Merged, error) {
	fresh, err := NewTable(newer)
	if err != nil {
		return Table{}, Merged{}, err
	}
	incoming := byModel(fresh.entries)
	var all []Entry
	var count Merged
	for _, old := range groups(t.entries) {
		name := key(old[0].Provider, old[0].Model)
		next, ok := incoming[name]
		delete(incoming, name)
		if !ok {
			count.Kept++
			all = append(all, old...)
			continue
		}
		all = append(all, fresh.mergeModel(old, next, on, &count)...)
	}
	for _, next := range groups(fresh.entries) {
		if _, ok := incoming[key(next[0].Provider, next[0].Model)]; ok {
			count.New++
			all = append(all, next...)
		}
	}
	merged, err := NewTable(all)
	return merged, count, err
}

// groups cuts sorted entries into those of one model each.
func groups(entries []Entry) [][]Entry {
	var out [][]Entry
	for i, e := range entries {
		if i == 0 || !sameModel(entries[i-1], e) {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], e)
	}
	return out
}

func byModel(entries []Entry) map[string][]Entry {
	m := map[string][]Entry{}
	for _, g := range groups(entries) {
		m[key(g[0].Provider, g[0].Model)] = g
	}
	return m
}

// mergeModel merges the entries of one model. Prices for parts of the day are
// not aligned with those for others: when there are any, the newer table's take
// the place of all that stood.
func (t Table) mergeModel(old, next []Entry, on time.Time, count *Merged) []Entry {
	for _, e := range old {
		if e.Published.After(on) {
			count.Older++
			return old
		}
	}
	next = t.withKnown(next, old, on)
	old = withPast(old, next)
	if same(old, next, on) {
		count.Confirmed++
	} else {
		count.Changed++
	}
	start := changeDay(old, next, on)
	var out []Entry
	for _, e := range old {
		if !e.From.Before(start) {
			continue // announced, and now told anew
		}
		if e.Until.IsZero() || e.Until.After(start) {
			e.Until = start
		}
		out = append(out, e)
	}
	for _, e := range next {
		if !e.Until.IsZero() && !e.Until.After(start) {
			continue
		}
		if e.From.Before(start) {
			e.From = start
		}
		out = append(out, e)
	}
	return joined(out)
}

// standing are the entries that hold at some time of the day.
func standing(entries []Entry, on time.Time) []Entry {
	var out []Entry
	for _, e := range entries {
		if e.Stands(on) {
			out = append(out, e)
		}
	}
	return out
}

func same(old, next []Entry, on time.Time) bool {
	return slices.EqualFunc(standing(old, on), standing(next, on), samePrices)
}

// samePrices says whether two entries ask the same at the same time of day.
func samePrices(a, b Entry) bool {
	return a.Rates == b.Rates && slices.Equal(a.Long, b.Long) && a.Hours == b.Hours && batchAgrees(a, b)
}

// batchAgrees is false only when both tell and tell differently.
func batchAgrees(a, b Entry) bool {
	return a.BatchRatio == b.BatchRatio || a.BatchRatio == 0 || b.BatchRatio == 0
}

// changeDay is when the newer prices began: when the newer table says so, if
// that is after the old ones began; else the day of the table.
func changeDay(old, next []Entry, on time.Time) time.Time {
	var began, told time.Time
	for _, e := range standing(old, on) {
		if e.From.After(began) {
			began = e.From
		}
	}
	for _, e := range standing(next, on) {
		if e.From.After(told) {
			told = e.From
		}
	}
	if told.After(began) {
		return told
	}
	return on
}

// joined makes one of entries that follow each other and ask the same. It takes
// what the later one knows, and what only the earlier one does.
func joined(entries []Entry) []Entry {
	slices.SortStableFunc(entries, compare)
	var out []Entry
	for _, e := range entries {
		last := len(out) - 1
		if last < 0 || !samePrices(out[last], e) || !out[last].Until.Equal(e.From) || e.From.IsZero() {
			out = append(out, e)
			continue
		}
		earlier := out[last]
		e.From = earlier.From
		// A table of the same day says nothing new of when anybody looked.
		if e.Checked.IsZero() && (!e.Published.After(earlier.Published) || e.Published.Before(earlier.Checked)) {
			e.Checked = earlier.Checked
		}
		if e.BatchRatio == 0 {
			e.BatchRatio = earlier.BatchRatio
		}
		out[last] = e
	}
	return out
}
