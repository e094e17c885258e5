package avoided

import (
	"fmt"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// Compare prices the answered requests of a slot at the prices of its day: one
// saving for each of Comparators, in their order. For a client's or a project's
// part give it the ModelSlot of the TaggedSlot.
func (p *Plan) Compare(s store.ModelSlot) []Saving {
	all := p.Comparators()
	savings := make([]Saving, len(all))
	for i, c := range all {
		savings[i] = p.saving(&s, c)
	}
	return savings
}

func (p *Plan) saving(s *store.ModelSlot, c Comparator) Saving {
	none := Saving{Money: cost.Money{Currency: p.exchange.Own()}}
	if s.OK <= 0 {
		return none
	}
	none.Unpriced = s.OK
	o := p.offer(s.Model, c, s.Start)
	blank := min(s.OK, s.Answered.UnknownInput, s.Answered.UnknownCached, s.Answered.UnknownOutput)
	if !o.priced || blank == s.OK {
		return none
	}
	nanos, unsure, ok := o.price(s)
	if !ok {
		return none
	}
	saving := none
	saving.Money.Nanos = nanos
	saving.Unpriced = blank
	saving.Priced = s.OK - blank
	saving.Partial = min(saving.Priced, partial(s, blank, o)+unsure)
	return saving
}

// partial is how many of the requests that are priced lack something: a count,
// or the length of the prompt where the price depends on it.
func partial(s *store.ModelSlot, blank int64, o *offer) int64 {
	t := s.Answered
	// Each request may miss one count only, or the same ones miss all.
	missing := t.UnknownInput + t.UnknownCached + t.UnknownOutput
	if s.UnknownTokens > 0 {
		missing = min(missing, s.UnknownTokens)
	}
	missing = max(missing, t.UnknownInput, t.UnknownCached, t.UnknownOutput)
	if len(o.entry.Long) > 0 {
		missing = max(missing, s.UnknownLength)
	}
	return max(0, missing-blank)
}

// price is what a slot's answered tokens cost, in nano-units. Unsure are the
// requests that may have had a higher price.
func (o *offer) price(s *store.ModelSlot) (nanos, unsure int64, ok bool) {
	var sum amount
	rest, short := s.Answered, s.OK-s.UnknownLength
	for _, long := range s.Long {
		b := o.bands[bandIndex(long.Above)]
		sum.add(b.cheapest(long.Tokens))
		rest.Input -= long.Input
		rest.Cached -= long.Cached
		rest.Output -= long.Output
		short -= long.Requests
		if len(b) > 1 {
			unsure += long.Requests
		}
	}
	b := o.bands[0]
	sum.add(b.cheapest(rest))
	if len(b) > 1 {
		unsure += max(0, short)
	}
	nanos, ok = sum.nanos()
	return nanos, unsure, ok
}

// cheapest is what tokens cost at the lowest of the prices that they may have.
func (b band) cheapest(t store.Tokens) amount {
	var least amount
	for i, a := range b {
		var sum amount
		sum.times(t.Input, a.input)
		sum.times(t.Cached, a.cached)
		sum.times(t.Output, a.output)
		if i == 0 || sum.less(least) {
			least = sum
		}
	}
	return least
}

// Add returns the exact sum of two savings with one comparator.
func (s Saving) Add(o Saving) (Saving, error) {
	m, err := s.Money.Add(o.Money)
	if err != nil {
		return Saving{}, fmt.Errorf("add savings: %w", err)
	}
	return Saving{Money: m, Priced: s.Priced + o.Priced, Partial: s.Partial + o.Partial, Unpriced: s.Unpriced + o.Unpriced}, nil
}
