package store

import (
	"encoding/binary"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// A slot row begins with a bit set of the fields that are not zero, then holds
// those alone: energies as they are, bit for bit, and counts as varints. The
// order of the fields is the format: new fields go to the end of their list.

func (s *SystemSlot) energies() [12]*energy.Joules {
	return [...]*energy.Joules{
		&s.Energy, &s.CPU, &s.GPU, &s.ANE, &s.Baseline, &s.Inference, &s.ModelLoad,
		&s.ServerOther, &s.OtherProcesses, &s.Unexplained, &s.BaselineBusy, &s.BaselineAssumed,
	}
}

func (s *SystemSlot) unknowns() [3]*time.Duration {
	return [...]*time.Duration{&s.CPUUnknown, &s.GPUUnknown, &s.ANEUnknown}
}

// slotWriter writes a row's fields in turn.
type slotWriter struct {
	body encoder
	mask uint64
	bit  uint
}

func (w *slotWriter) present(is bool) bool {
	if is {
		w.mask |= 1 << w.bit
	}
	w.bit++
	return is
}

func (w *slotWriter) energy(v energy.Joules) {
	if w.present(v != 0) {
		w.body.float(v)
	}
}

func (w *slotWriter) integer(v int64) {
	if w.present(v != 0) {
		w.body.varint(v)
	}
}

func (w *slotWriter) value() []byte {
	e := newEncoder(len(w.body.b) + 6)
	e.uvarint(w.mask)
	return append(e.b, w.body.b...)
}

// slotReader reads a row's fields in turn.
type slotReader struct {
	decoder
	mask uint64
}

func (r *slotReader) next() bool {
	is := r.mask&1 != 0
	r.mask >>= 1
	return is
}

func (r *slotReader) energy(v *energy.Joules) {
	if r.next() {
		*v = r.float()
	}
}

func (r *slotReader) integer() int64 {
	if r.next() {
		return r.varint()
	}
	return 0
}

// end refuses fields that this version does not know.
func (r *slotReader) end() error {
	if r.mask != 0 {
		r.fail(errLong)
	}
	return r.done()
}

func (s *SystemSlot) encode() []byte {
	var w slotWriter
	for _, v := range s.energies() {
		w.energy(*v)
	}
	w.integer(int64(s.Measured))
	w.integer(int64(s.Busy))
	for _, v := range s.unknowns() {
		w.integer(int64(*v))
	}
	w.energy(s.Gap)
	w.integer(int64(s.GapTime))
	w.energy(s.Error)
	return w.value()
}

func newSlotReader(value []byte) slotReader {
	r := slotReader{decoder: decoder{b: value}}
	r.version()
	r.mask = r.uvarint()
	return r
}

// The readers of rows fill in what they are given, as the row of a slice: a year
// has a hundred thousand of them.

func decodeSystem(s *SystemSlot, k, v []byte, n *names) error {
	if len(k) != systemKeySize {
		return corrupt(nameSlots, k, "key has %d bytes, not %d", len(k), systemKeySize)
	}
	scope, ok := n.texts[uint64(binary.BigEndian.Uint32(k[5:]))]
	if !ok {
		return corrupt(nameSlots, k, "%v", errName)
	}
	*s = SystemSlot{Start: slotTime(binary.BigEndian.Uint32(k)), Scope: attribution.Scope(scope)}
	r := newSlotReader(v)
	for _, p := range s.energies() {
		r.energy(p)
	}
	s.Measured, s.Busy = time.Duration(r.integer()), time.Duration(r.integer())
	for _, p := range s.unknowns() {
		*p = time.Duration(r.integer())
	}
	r.energy(&s.Gap)
	s.GapTime = time.Duration(r.integer())
	r.energy(&s.Error)
	if err := r.end(); err != nil {
		return corrupt(nameSlots, k, "%v", err)
	}
	return nil
}
