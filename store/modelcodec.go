package store

import (
	"encoding/binary"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// The rows of models, and of the clients and projects that had them work, are
// of the same form.

func (s *ModelSlot) energies() [6]*energy.Joules {
	return [...]*energy.Joules{&s.Prefill, &s.Decode, &s.Load, &s.Error, &s.Shared, &s.Estimated}
}

func (s *ModelSlot) counts() [10]*int64 {
	return [...]*int64{
		&s.Input, &s.Cached, &s.Output, &s.UnknownTokens, &s.OK, &s.Cancelled, &s.Failed,
		&s.Late, &s.Unmetered, &s.DecodedTokens,
	}
}

func (s *ModelSlot) times() [3]*time.Duration {
	return [...]*time.Duration{&s.Busy, &s.PrefillTime, &s.DecodeTime}
}

func (s *ModelSlot) unknowns() [3]*int64 {
	return [...]*int64{&s.UnknownInput, &s.UnknownCached, &s.UnknownOutput}
}

func (t *Tokens) sums() [3]*int64 { return [...]*int64{&t.Input, &t.Cached, &t.Output} }

func (t *Tokens) unknowns() [3]*int64 {
	return [...]*int64{&t.UnknownInput, &t.UnknownCached, &t.UnknownOutput}
}

func (s *ModelSlot) encode() []byte {
	var w slotWriter
	for _, v := range s.energies() {
		w.energy(*v)
	}
	for _, v := range s.counts() {
		w.integer(*v)
	}
	for _, v := range s.times() {
		w.integer(int64(*v))
	}
	w.integer(s.Partial)
	w.integer(s.MeteredOutput)
	w.energy(s.MeteredEnergy)
	w.integer(s.MeteredOK)
	w.energy(s.MeteredOKEnergy)
	w.integer(s.EstimatedTokens)
	for _, v := range s.unknowns() {
		w.integer(*v)
	}
	w.answered(s)
	w.integer(s.UnknownLength)
	if w.present(len(s.Long) > 0) {
		w.long(s.Long)
	}
	return w.value()
}

// answered writes what the sums have more than Answered: mostly nothing, since
// most requests end well.
func (w *slotWriter) answered(s *ModelSlot) {
	all, part := tokenFields(s)
	for i := range all {
		w.integer(*all[i] - *part[i])
	}
}

func (r *slotReader) answered(s *ModelSlot) {
	all, part := tokenFields(s)
	for i := range all {
		*part[i] = *all[i] - r.integer()
	}
}

// tokenFields are a slot's token sums and unknown counts, and those of Answered.
func tokenFields(s *ModelSlot) (all, part [6]*int64) {
	sums, unknown := s.Answered.sums(), s.Answered.unknowns()
	copy(part[:], sums[:])
	copy(part[3:], unknown[:])
	all = [...]*int64{&s.Input, &s.Cached, &s.Output, &s.UnknownInput, &s.UnknownCached, &s.UnknownOutput}
	return all, part
}

func (w *slotWriter) long(bands []LongTokens) {
	w.body.uvarint(uint64(len(bands)))
	for _, b := range bands {
		for _, v := range b.fields() {
			w.body.varint(*v)
		}
	}
}

func (r *slotReader) long() []LongTokens {
	if !r.next() {
		return nil
	}
	var bands []LongTokens
	for range r.count() {
		if r.err != nil {
			return nil
		}
		var b LongTokens
		for _, v := range b.fields() {
			*v = r.varint()
		}
		bands = append(bands, b)
	}
	return bands
}

func (b *LongTokens) fields() [8]*int64 {
	return [...]*int64{&b.Above, &b.Requests, &b.Input, &b.Cached, &b.Output, &b.UnknownInput, &b.UnknownCached, &b.UnknownOutput}
}

func decodeModel(s *ModelSlot, k, v []byte, n *names) error {
	if len(k) != modelKeySize {
		return corrupt(nameSlots, k, "key has %d bytes, not %d", len(k), modelKeySize)
	}
	return decodeModelRow(s, k, v, n)
}

func decodeTagged(s *TaggedSlot, k, v []byte, n *names, t *tags) error {
	if len(k) != taggedKeySize {
		return corrupt(nameSlots, k, "key has %d bytes, not %d", len(k), taggedKeySize)
	}
	p, ok := t.of(binary.BigEndian.Uint32(k[13:]))
	if !ok {
		return corrupt(nameSlots, k, "%v", errTag)
	}
	s.Client, s.Project = p.client, p.project
	return decodeModelRow(&s.ModelSlot, k, v, n)
}

// decodeModelRow reads a row whose key begins with slot, kind, server, model.
func decodeModelRow(s *ModelSlot, k, v []byte, n *names) error {
	server, ok := n.texts[uint64(binary.BigEndian.Uint32(k[5:]))]
	model, ok2 := n.texts[uint64(binary.BigEndian.Uint32(k[9:]))]
	if !ok || !ok2 {
		return corrupt(nameSlots, k, "%v", errName)
	}
	*s = ModelSlot{Start: slotTime(binary.BigEndian.Uint32(k)), Server: server, Model: model}
	r := newSlotReader(v)
	for _, p := range s.energies() {
		r.energy(p)
	}
	for _, p := range s.counts() {
		*p = r.integer()
	}
	for _, p := range s.times() {
		*p = time.Duration(r.integer())
	}
	s.Partial = r.integer()
	s.MeteredOutput = r.integer()
	r.energy(&s.MeteredEnergy)
	s.MeteredOK = r.integer()
	r.energy(&s.MeteredOKEnergy)
	s.EstimatedTokens = r.integer()
	for _, p := range s.unknowns() {
		*p = r.integer()
	}
	r.answered(s)
	s.UnknownLength = r.integer()
	s.Long = r.long()
	if err := r.end(); err != nil {
		return corrupt(nameSlots, k, "%v", err)
	}
	return nil
}
