package store

import (
	"fmt"
	"io"
)

// WriteRange writes r to w, for ReadRange.
func WriteRange(w io.Writer, r Range) error {
	n, t := newNames(), newTags()
	out := newStreamWriter(w, n, t)
	head := streamHead{Schema: newestSchema(), Rows: slotCounts{kindSystem: len(r.System), kindModel: len(r.Models), kindRemote: len(r.Remote), kindTagged: len(r.Tagged)}, Range: r}
	head.Range.System, head.Range.Models, head.Range.Tagged, head.Range.Remote, head.Range.Gaps = nil, nil, nil, nil, nil
	if err := out.head(head); err != nil {
		return fmt.Errorf("encode range: %w", err)
	}
	if err := out.all(r); err != nil {
		return err
	}
	for _, g := range r.Gaps {
		out.record(recordGap, gapKey(g), encodeGap(g))
	}
	out.end()
	return out.flush()
}

// all sends the slots of r, and gives every name in them a number.
func (w *streamWriter) all(r Range) error {
	n, t := w.names, w.tags
	for i := range r.System {
		s := &r.System[i]
		if err := w.whole(slotKey(slotNumber(s.Start), kindSystem, n.id(string(s.Scope))), s.encode()); err != nil {
			return err
		}
	}
	for i := range r.Models {
		s := &r.Models[i]
		if err := w.whole(slotKey(slotNumber(s.Start), kindModel, n.id(s.Server), n.id(s.Model)), s.encode()); err != nil {
			return err
		}
	}
	for i := range r.Tagged {
		s := &r.Tagged[i]
		if err := w.whole(slotKey(slotNumber(s.Start), kindTagged, n.id(s.Server), n.id(s.Model), t.number(tag{s.Client, s.Project})), s.encode()); err != nil {
			return err
		}
	}
	for i := range r.Remote {
		s := &r.Remote[i]
		if err := w.whole(slotKey(slotNumber(s.Start), kindRemote, n.id(s.Server), n.id(s.Provider), n.id(s.Model)), s.encode()); err != nil {
			return err
		}
	}
	return nil
}

// whole sends a row, and flushes now and then.
func (w *streamWriter) whole(k, v []byte) error {
	if err := w.row(k, v); err != nil || len(w.buffer) < streamChunk {
		return err
	}
	return w.flush()
}

// number is id without a bound.
func (t *tags) number(p tag) uint64 {
	if _, ok := t.ids[p]; !ok {
		t.put(p)
	}
	return t.ids[p]
}
