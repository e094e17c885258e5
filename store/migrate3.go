package store

import (
	"bytes"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// tellMore brings a store to schema 3: it makes room for the slots of clients
// and projects, and has the slots of models tell more of tokens.
func tellMore(tx *bbolt.Tx) error {
	if _, err := tx.CreateBucketIfNotExists([]byte(nameTags)); err != nil {
		return fmt.Errorf("create bucket %s: %w", nameTags, err)
	}
	if err := checkBuckets3(tx); err != nil {
		return err
	}
	if err := markTagged(tx); err != nil {
		return err
	}
	return splitTokens(tx)
}

// markTagged notes from when on tags are kept in slots. What was drawn before
// is in no slot of theirs, also where the row of its request has tags: a row
// does not tell when its energy was drawn.
func markTagged(tx *bbolt.Tx) error {
	m, err := loadMarks(tx)
	if err != nil || m.last.IsZero() {
		return err
	}
	since := m.last
	if !m.at.IsZero() {
		// A log may have told of calls that end years from now.
		since = earlier(since, m.at)
	}
	e := newEncoder(10)
	e.time(since)
	return tx.Bucket([]byte(nameMeta)).Put([]byte(keyTagged), e.b)
}

// loadTagged reads what markTagged wrote; zero when all is tagged.
func loadTagged(tx *bbolt.Tx) (time.Time, error) {
	v := tx.Bucket([]byte(nameMeta)).Get([]byte(keyTagged))
	if v == nil {
		return time.Time{}, nil
	}
	d := newDecoder(v)
	t := d.time()
	if err := d.done(); err != nil {
		return time.Time{}, corrupt(nameMeta, []byte(keyTagged), "%v", err)
	}
	return t, nil
}

// splitTokens has the slots of models tell of which kind a count is unknown,
// what the requests that ended well had, and how many prompts were long. A slot
// of schema 2 reads as one in which nothing is unknown, every request ended
// well and no prompt was long: where that may not be so, its requests are
// counted again as far as their rows are still kept, and what cannot be known
// any more becomes unknown.
func splitTokens(tx *bbolt.Tx) error {
	n, err := loadNames(tx)
	if err != nil {
		return err
	}
	old, order := oldSlots(tx, n)
	recounted := recount(tx, n, old)
	slots := bucket(tx, nameSlots)
	for _, key := range order {
		s := old[key]
		if again, ok := recounted[key]; ok && sameRequests(s, again) {
			s.splitAs(again)
		} else {
			s.splitUnknown()
		}
		if err := putChanged(slots, []byte(key), s.encode()); err != nil {
			return fmt.Errorf("slot %x: %w", key, err)
		}
	}
	return nil
}

// oldSlots returns the slots that may not be what they read as, by key, and
// their keys in order. What cannot be read stays as it is: whoever asks for it
// is told.
func oldSlots(tx *bbolt.Tx, n *names) (slots map[string]*ModelSlot, order []string) {
	slots = map[string]*ModelSlot{}
	c := bucket(tx, nameSlots).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if len(k) < slotKeySize || k[4] != kindModel {
			continue
		}
		s := &ModelSlot{}
		if err := decodeModel(s, k, v, n); err != nil || s.splitKnown() {
			continue
		}
		slots[string(k)] = s
		order = append(order, string(k))
	}
	return slots, order
}

// splitKnown reports whether an old slot is what it reads as: together, all
// prompts of the slot are not longer than the first mark.
func (s *ModelSlot) splitKnown() bool {
	return s.UnknownTokens == 0 && s.OK == s.Requests() && s.shortPrompts()
}

func (s *ModelSlot) shortPrompts() bool {
	all := s.Input
	grow(&all, s.Cached)
	return longMark(all) == 0
}

// recount counts the requests that are kept of the wanted slots again.
func recount(tx *bbolt.Tx, n *names, wanted map[string]*ModelSlot) map[string]*ModelSlot {
	again := map[string]*ModelSlot{}
	if len(wanted) == 0 {
		return again
	}
	c := bucket(tx, nameRequests).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		charge, err := decodeCharge(bytes.Clone(k), v, n)
		if err != nil {
			continue
		}
		r := charge.Request
		key := string(slotKey(slotNumber(r.End), kindModel, n.id(r.Server), n.id(r.Model)))
		if wanted[key] == nil {
			continue
		}
		if again[key] == nil {
			again[key] = &ModelSlot{}
		}
		again[key].count(charge)
	}
	return again
}

// sameRequests reports whether b was counted from all the requests of a.
func sameRequests(a, b *ModelSlot) bool {
	counts := func(s *ModelSlot) [8]int64 {
		return [...]int64{s.OK, s.Cancelled, s.Failed, s.Input, s.Cached, s.Output, s.UnknownTokens, s.DecodedTokens}
	}
	return counts(a) == counts(b)
}

// splitAs takes over what was counted again.
func (s *ModelSlot) splitAs(again *ModelSlot) {
	s.UnknownInput, s.UnknownCached, s.UnknownOutput = again.UnknownInput, again.UnknownCached, again.UnknownOutput
	s.Answered, s.UnknownLength, s.Long = again.Answered, again.UnknownLength, again.Long
}

// splitUnknown fills in as little as can be known of a slot whose requests are
// gone.
func (s *ModelSlot) splitUnknown() {
	s.UnknownInput, s.UnknownCached, s.UnknownOutput = s.UnknownTokens, s.UnknownTokens, s.UnknownTokens
	s.Answered = Tokens{s.Input, s.Cached, s.Output, s.UnknownInput, s.UnknownCached, s.UnknownOutput}
	if s.OK != s.Requests() {
		s.Answered = Tokens{UnknownInput: s.OK, UnknownCached: s.OK, UnknownOutput: s.OK}
	}
	s.UnknownLength = s.OK
	if s.shortPrompts() {
		s.UnknownLength = min(s.OK, s.UnknownTokens)
	}
}
