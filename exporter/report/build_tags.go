package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
	"github.com/sovmeter/sovmeter/store"
)

// byTag has a row for each client or project, and one for requests without.
type byTag struct {
	rows[string]
	by     By
	tagged []store.TaggedSlot // by start; those of slots that are done are cut off
	slot   []store.TaggedSlot // of the slot being booked
}

func newByTag(in Inputs) *byTag {
	tagged := in.Range.Tagged
	inOrder := func(a, b store.TaggedSlot) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Server, b.Server), cmp.Compare(a.Model, b.Model),
			cmp.Compare(a.Client, b.Client), cmp.Compare(a.Project, b.Project))
	}
	if !slices.IsSortedFunc(tagged, inOrder) {
		tagged = slices.Clone(tagged)
		slices.SortStableFunc(tagged, inOrder)
	}
	return &byTag{rows: newRows[string](), by: in.By, tagged: tagged}
}

// whole finds the tags of a slot.
func (b *byTag) whole(_ *ledger, q *quarter) {
	upTo := func(end time.Time) (found []store.TaggedSlot) {
		n := 0
		for n < len(b.tagged) && b.tagged[n].Start.Before(end) {
			n++
		}
		found, b.tagged = b.tagged[:n], b.tagged[n:]
		return found
	}
	upTo(q.Start)
	b.slot = upTo(q.Start.Add(1))
}

// model books the tagged parts of a model's slot, and what they leave of it.
func (b *byTag) model(l *ledger, q *quarter, e entry) {
	s := splitting{ledger: l, quarter: q, whole: e}
	s.sum.Start, s.sum.Server, s.sum.Model = e.slot.Start, e.slot.Server, e.slot.Model
	for i := range b.slot {
		tag := &b.slot[i]
		if tag.Server != e.slot.Server || tag.Model != e.slot.Model {
			continue
		}
		name := tag.Client
		if b.by == ByProject {
			name = tag.Project
		}
		b.at(l, name).book(l, q, s.part(tag.ModelSlot))
	}
	b.at(l, "").book(l, q, s.left())
}

func (b *byTag) finish(*ledger) []Group {
	groups := groupsByName(b.rows)
	for i := range groups {
		groups[i].Sum.Busy = Amount{} // nobody knows whose time the baseline was
	}
	return groups
}

// splitting takes a model's slot apart. What a part cost is what all parts up to
// it cost, less what those before it did: so the parts sum to the whole to the
// last billionth, and none is below 0 while the price is not.
type splitting struct {
	*ledger
	*quarter
	whole entry
	sum   store.ModelSlot  // of the parts so far
	paid  cost.Money       // for them
	saved []avoided.Saving // by them
}

// part takes one part off.
func (s *splitting) part(tag store.ModelSlot) entry {
	ownOnly(&tag)
	plusSlot(&s.sum, &tag)
	paid, saved := s.paid, s.saved
	if s.priced {
		paid = cost.Money{Currency: s.currency}
		s.charge(&paid, s.sum.Prefill, s.whole.slot.Prefill)
		s.charge(&paid, s.sum.Decode, s.whole.slot.Decode)
	}
	if s.in.Plan != nil {
		saved = s.in.Plan.Compare(s.sum)
	}
	return s.take(&tag, paid, saved)
}

// charge prices a part of a whole.
func (s *splitting) charge(to *cost.Money, part, whole energy.Joules) {
	if isDust(whole-part, whole) {
		part = whole
	}
	money, err := s.price.Of(part)
	if err != nil {
		s.err = err
		return
	}
	s.ledger.sum(to, money)
}

// left is what the parts leave of the whole.
func (s *splitting) left() entry {
	rest := *s.whole.slot
	ownOnly(&rest)
	minusSlot(&rest, &s.sum)
	return s.take(&rest, s.whole.marginal, s.whole.saved)
}

// take is an entry for what came since the last.
func (s *splitting) take(slot *store.ModelSlot, paid cost.Money, saved []avoided.Saving) entry {
	e := entry{slot: slot, marginal: paid, saved: slices.Clone(saved)}
	e.marginal.Nanos -= s.paid.Nanos
	for i, before := range s.saved[:min(len(s.saved), len(e.saved))] {
		now := &e.saved[i]
		now.Money.Nanos -= before.Money.Nanos
		now.Priced -= before.Priced
		now.Partial -= before.Partial
		now.Unpriced -= before.Unpriced
	}
	s.paid, s.saved = paid, saved
	return e
}
