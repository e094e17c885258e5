package prices

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Change says how a price differs between two tables.
type Change string

// The changes.
const (
	Gone    Change = "gone"
	Dearer  Change = "dearer"
	Mixed   Change = "dearer and cheaper"
	Cheaper Change = "cheaper"
	New     Change = "new"
	Same    Change = "same"
)

// Difference is one provider's model in two tables, at one part of the day and in
// one currency.
type Difference struct {
	Change   Change
	Old, New Entry // Old is empty when it is New, New when it is Gone
}

// Diff compares what two tables say that was asked on a day, by provider, model
// and part of the day. Models at the same prices are in it too, as Same. Prices in
// another currency are other prices: the old are Gone and the others New.
func Diff(older, newer Table, at time.Time) []Difference {
	before, after := held(older, at), held(newer, at)
	var out []Difference
	for name, old := range before {
		next, ok := after[name]
		if !ok {
			out = append(out, Difference{Change: Gone, Old: old})
			continue
		}
		out = append(out, Difference{Change: change(old, next), Old: old, New: next})
	}
	for name, next := range after {
		if _, ok := before[name]; !ok {
			out = append(out, Difference{Change: New, New: next})
		}
	}
	slices.SortFunc(out, func(a, b Difference) int {
		return cmp.Or(compare(a.either(), b.either()), strings.Compare(string(a.Change), string(b.Change)))
	})
	return out
}

// offered is what a price has in common with the one to compare it with.
type offered struct {
	name     string
	hours    Hours
	currency cost.Currency
}

func held(t Table, at time.Time) map[offered]Entry {
	m := map[offered]Entry{}
	for _, e := range t.entries {
		if e.Stands(at) {
			m[offered{key(e.Provider, e.Model), e.Hours, e.Currency()}] = e
		}
	}
	return m
}

func (d Difference) either() Entry {
	if d.Change == Gone {
		return d.Old
	}
	return d.New
}

// change weighs every price that both tell, at every length of prompt that
// either has a mark for.
func change(old, next Entry) Change {
	up, down := false, false
	for _, prompt := range append(marks(old), marks(next)...) {
		a, b := old.For(prompt), next.For(prompt)
		for _, pair := range [][2]Rate{{a.Input, b.Input}, {a.Cached.or(a.Input), b.Cached.or(b.Input)}, {a.CacheWrite.or(a.Input), b.CacheWrite.or(b.Input)}, {a.Output, b.Output}} {
			was, is := pair[0].PerMtok.Nanos, pair[1].PerMtok.Nanos
			up, down = up || is > was, down || is < was
		}
	}
	switch {
	case up && down:
		return Mixed
	case up:
		return Dearer
	case down:
		return Cheaper
	}
	return Same
}

// marks are one length of prompt in each band.
func marks(e Entry) []int64 {
	out := []int64{0}
	for _, l := range e.Long {
		out = append(out, l.Above+1)
	}
	return out
}

// Ratio is by how much of the old price the new one is higher, -0.5 for half the
// price; false when one of them is unknown or they are of two currencies.
func Ratio(old, next Rate) (float64, bool) {
	if !old.Known || !next.Known || old.PerMtok.Currency != next.PerMtok.Currency {
		return 0, false
	}
	r, _ := new(big.Rat).Sub(big.NewRat(next.PerMtok.Nanos, old.PerMtok.Nanos), big.NewRat(1, 1)).Float64()
	return r, true
}
