package store

import "github.com/sovmeter/sovmeter/collector/attribution"

func tagOfShare(s attribution.Share) tag     { return tag{s.Client, s.Project} }
func tagOfRequest(r attribution.Request) tag { return tag{r.Client, r.Project} }

// taggedSlot is what p did in a model's slot.
func (l *ledger) taggedSlot(slot uint32, server, model string, p tag) (*ModelSlot, error) {
	key := slotKey(slot, kindTagged, l.names.id(server), l.names.model(model), l.tags.id(p))
	if s, ok := l.tagged[string(key)]; ok {
		return s, nil
	}
	s := &TaggedSlot{}
	if v := l.slots.Get(key); v != nil {
		if err := decodeTagged(s, key, v, l.names, l.tags); err != nil {
			return nil, err
		}
	}
	l.tagged[string(key)] = &s.ModelSlot
	return &s.ModelSlot, nil
}

// bookTag books a share to the tags of its request; untagged ones are what is
// left of the model's slot.
func (l *ledger) bookTag(share attribution.Share, p piece) error {
	prefill, decode := p.of(share.Prefill), p.of(share.Decode)
	if tagOfShare(share).none() || prefill+decode == 0 {
		return nil
	}
	s, err := l.taggedSlot(p.slot, share.Server, share.Model, tagOfShare(share))
	if err != nil {
		return err
	}
	s.Prefill += prefill
	s.Decode += decode
	return nil
}

// chargeTag counts a tagged request as charge does.
func (l *ledger) chargeTag(c attribution.Charge) error {
	r := c.Request
	if tagOfRequest(r).none() {
		return nil
	}
	s, err := l.taggedSlot(slotNumber(r.End), r.Server, r.Model, tagOfRequest(r))
	if err != nil {
		return err
	}
	s.count(c)
	return nil
}
