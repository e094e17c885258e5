package store

import (
	"cmp"
	"encoding/binary"
	"strings"

	"go.etcd.io/bbolt"
)

const (
	// MaxTags is how many pairs of client and project a store tells apart in
	// its slots: a client that makes up a tag for every request must not make
	// what is kept for years grow without end.
	MaxTags = 1000
	// OtherTag is the client and the project of all further ones.
	OtherTag = "other"
	// maxTag is the longest client or project that is told apart, in bytes: as
	// long as a model's id may be.
	maxTag = 128
)

// tag is who asked and for what.
type tag struct{ client, project string }

func (t tag) none() bool { return t == tag{} }

func otherTag() tag { return tag{OtherTag, OtherTag} }

func compareTags(a, b tag) int {
	return cmp.Or(strings.Compare(a.client, b.client), strings.Compare(a.project, b.project))
}

// tags gives the pairs of client and project small numbers. Number 0 is
// OtherTag. Numbers are never removed.
type tags struct {
	ids   map[tag]uint64
	pairs []tag // by number
	saved int   // how many of them are in the file
}

func newTags() *tags {
	return &tags{ids: map[tag]uint64{otherTag(): 0}, pairs: []tag{otherTag()}, saved: 1}
}

func loadTags(tx *bbolt.Tx) (*tags, error) {
	t := newTags()
	if err := t.load(tx); err != nil {
		return nil, err
	}
	return t, nil
}

// load reads the pairs that are not known yet.
func (t *tags) load(tx *bbolt.Tx) error {
	c := bucket(tx, nameTags).Cursor()
	for k, v := c.Seek(nameKey(uint64(len(t.pairs)))); k != nil; k, v = c.Next() {
		if len(k) != 4 || binary.BigEndian.Uint32(k) != uint32(len(t.pairs)) {
			return corrupt(nameTags, k, "key is not %d", len(t.pairs))
		}
		d := newDecoder(v)
		p := tag{client: d.text()}
		p.project = d.text()
		if err := d.done(); err != nil {
			return corrupt(nameTags, k, "%v", err)
		}
		t.put(p)
	}
	t.saved = len(t.pairs)
	return nil
}

func (t *tags) put(p tag) {
	t.ids[p] = uint64(len(t.pairs))
	t.pairs = append(t.pairs, p)
}

// id returns the number of a pair and gives it one when it is new and there is
// room.
func (t *tags) id(p tag) uint64 {
	id, ok := t.ids[p]
	switch {
	case ok:
		return id
	case len(t.pairs) > MaxTags, len(p.client) > maxTag, len(p.project) > maxTag:
		return 0
	}
	t.put(p)
	return t.ids[p]
}

// of returns the pair with a number.
func (t *tags) of(id uint32) (p tag, ok bool) {
	if uint64(id) >= uint64(len(t.pairs)) {
		return tag{}, false
	}
	return t.pairs[id], true
}

// save writes the pairs that are new.
func (t *tags) save(tx *bbolt.Tx) error {
	for ; t.saved < len(t.pairs); t.saved++ {
		p := t.pairs[t.saved]
		e := newEncoder(3 + len(p.client) + len(p.project))
		e.text(p.client)
		e.text(p.project)
		if err := bucket(tx, nameTags).Put(nameKey(uint64(t.saved)), e.b); err != nil {
			return err
		}
	}
	return nil
}
