package report

import (
	"cmp"
	"slices"

	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
)

// modelKey names a row by model.
type modelKey struct{ server, model string }

// row is the sum of some models' slots, or of parts of them.
type row struct {
	Model
	named          bool
	marginal, busy account
	saved          []avoided.Saving // in the order of the comparators
	calls          emission         // for the energy of Finished
}

// rows are the rows of a report by what tells them apart.
type rows[K comparable] map[K]*row

func newRows[K comparable]() rows[K] { return rows[K]{} }

// at is the row of a key, which it makes if need be.
func (r rows[K]) at(l *ledger, key K) *row {
	found := r[key]
	if found == nil {
		found = l.row()
		r[key] = found
	}
	return found
}

// row is one of nothing.
func (l *ledger) row() *row {
	r := &row{marginal: l.account(), busy: l.account(), saved: slices.Clone(l.none)}
	if l.currency != "" {
		r.PerToken.Spend, r.Finished.Spend = noSpend(l.currency), noSpend(l.currency)
	}
	return r
}

// book sums an entry into the row.
func (r *row) book(l *ledger, q *quarter, e entry) {
	s := e.slot
	r.name(s.Server, s.Model)
	r.add(s)
	l.add(&r.marginal, q, e.energy(), e.marginal)
	l.add(&r.busy, q, e.energy()+e.share, e.busy)
	r.PerToken.Spend = r.PerToken.Spend.at(q.price, q.priced, s.MeteredEnergy)
	r.Finished.Spend = r.Finished.Spend.at(q.price, q.priced, s.MeteredOKEnergy)
	r.calls.add(q.intensity, s.MeteredOKEnergy, 0)
	l.sumSavings(r.saved, e.saved)
}

// name keeps a name while it is the same in all of the row.
func (r *row) name(server, model string) {
	if !r.named {
		r.Server, r.Model.Model, r.named = server, model, true
	}
	if r.Server != server {
		r.Server = ""
	}
	if r.Model.Model != model {
		r.Model.Model = ""
	}
}

// settle is the row's figures, with what its sums leave unknown.
func (r *row) settle() Model {
	m := r.Model
	m.settle()
	if m.EnergyKnown {
		m.Marginal, m.Busy = r.marginal.amount(), r.busy.amount()
	}
	m.Saved = savedOf(r.saved)
	return m
}

// empty tells whether the row says nothing.
func (r *row) empty() bool { return r.Requests == 0 && r.Energy() == 0 && r.Active == 0 }

// sorted are the rows that say something, most energy first.
func (r rows[K]) sorted(order func(a, b K) int) []K {
	var keys []K
	for key, row := range r {
		if !row.empty() {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b K) int {
		return cmp.Or(cmp.Compare(r[b].Energy(), r[a].Energy()), cmp.Compare(r[b].Requests, r[a].Requests), order(a, b))
	})
	return keys
}
