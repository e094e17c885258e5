package store

import (
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// names gives the names that recur in every row (servers, models, scopes)
// small numbers. Number 0 is the empty name. Names are never removed.
type names struct {
	ids   map[string]uint64
	texts map[uint64]string
	next  uint64   // the number of the next new name
	added []uint64 // new since the load, not saved yet
}

func newNames() *names {
	return &names{ids: map[string]uint64{"": 0}, texts: map[uint64]string{0: ""}, next: 1}
}

func loadNames(tx *bbolt.Tx) (*names, error) {
	n := newNames()
	if err := n.load(tx); err != nil {
		return nil, err
	}
	return n, nil
}

// load reads the names that are not known yet: those that there were at the
// load before have not changed.
func (n *names) load(tx *bbolt.Tx) error {
	c := bucket(tx, nameNames).Cursor()
	for k, v := c.Seek(nameKey(n.next)); k != nil; k, v = c.Next() {
		if len(k) != 4 {
			return corrupt(nameNames, k, "key has %d bytes, not 4", len(k))
		}
		id := uint64(binary.BigEndian.Uint32(k))
		d := newDecoder(v)
		text := d.text()
		if err := d.done(); err != nil {
			return corrupt(nameNames, k, "%v", err)
		}
		n.ids[text], n.texts[id] = id, text
		n.next = id + 1
	}
	return nil
}

func nameKey(id uint64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(id)) }

// id returns the number of a name and gives it one when it is new.
func (n *names) id(text string) uint64 {
	if id, ok := n.ids[text]; ok {
		return id
	}
	id := n.next
	n.next++
	n.ids[text], n.texts[id] = id, text
	n.added = append(n.added, id)
	return id
}

// MaxNames is how many names a store has before further models, and providers
// of models elsewhere, are all OtherName: a client may ask for a model that it
// made up, every commit reads the names, and slots are kept for years.
const MaxNames = 4096

// OtherName is the model, and the provider, of all further ones.
const OtherName = "other"

// model is id for a name that anybody may have made up.
func (n *names) model(text string) uint64 {
	if _, ok := n.ids[text]; !ok && n.next >= MaxNames {
		text = OtherName
	}
	return n.id(text)
}

// save writes the names that are new.
func (n *names) save(tx *bbolt.Tx) error {
	for _, id := range n.added {
		e := newEncoder(2 + len(n.texts[id]))
		e.text(n.texts[id])
		if err := bucket(tx, nameNames).Put(nameKey(id), e.b); err != nil {
			return err
		}
	}
	n.added = nil
	return nil
}

// name writes a name's number.
func (e *encoder) name(n *names, text string) { e.uvarint(n.id(text)) }

// model writes the number of a model or a provider.
func (e *encoder) model(n *names, text string) { e.uvarint(n.model(text)) }

// name reads a name by its number.
func (d *decoder) name(n *names) string {
	text, ok := n.texts[d.uvarint()]
	if !ok {
		d.fail(errName)
	}
	return text
}
