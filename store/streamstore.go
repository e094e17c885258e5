package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"go.etcd.io/bbolt"
)

// streamChunk is about how many bytes a stream reads in one transaction and
// writes at once.
const streamChunk = 64 << 10

// WriteRange writes what Range returns to w, for ReadRange. It needs little
// memory, however long the range: it copies rows chunk by chunk, each in its
// own transaction, so that a reader who takes his time keeps no commit waiting.
// Rows of booked time do not change any more; those that may, and what is open,
// are read at once before all others, and gaps that end later are left out. Only the counts of requests that come
// late can be newer in one slot than in another.
//
// Each Write is of whole records: after an error of the store, the caller can
// end the stream with AppendStreamError. An error of w is returned as it is.
func (s *Store) WriteRange(ctx context.Context, w io.Writer, since, until time.Time) error {
	return s.writeRange(ctx, w, since, until, streamChunk)
}

func (s *Store) writeRange(ctx context.Context, w io.Writer, since, until time.Time, chunk int) error {
	r, err := markedRange(since, until)
	if err != nil {
		return err
	}
	n, t := newNames(), newTags()
	out := storeStream{store: s, span: r, chunk: chunk, streamWriter: newStreamWriter(w, n, t), last: newStreamWriter(nil, n, t)}
	for _, step := range []func(context.Context) error{out.begin, out.slots, out.gaps} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	out.end()
	return out.flush()
}

// storeStream writes a range of a store.
type storeStream struct {
	*streamWriter
	store  *Store
	span   Range
	chunk  int
	recent uint32        // slots from here on may still be booked to
	last   *streamWriter // has those as they were at the begin
	known  time.Time     // gaps that end later came after the begin
}

// begin reads the head, counts the rows, and reads those that may change.
func (o *storeStream) begin(ctx context.Context) error {
	head := streamHead{Schema: newestSchema(), Range: o.span}
	first, end := slotNumber(o.span.Since), slotNumber(o.span.Until)
	err := o.store.view(ctx, "range", func(tx *bbolt.Tx) error {
		if err := o.load(tx); err != nil {
			return err
		}
		m, err := head.Range.readHead(ctx, tx, o.names)
		if err != nil {
			return err
		}
		if err := eachSlot(ctx, tx, first, end, head.Rows.count); err != nil {
			return err
		}
		o.known = m.lastEnd
		if o.recent = end; !m.closed.IsZero() {
			// A gap begins where the last window or gap ended.
			o.recent = min(end, max(first, slotNumber(earlier(m.closed, m.lastEnd))))
		}
		return eachSlot(ctx, tx, o.recent, end, o.last.row)
	})
	if err != nil {
		return err
	}
	if err := o.head(head); err != nil {
		return fmt.Errorf("store: range: %w", err)
	}
	return nil
}

func (o *storeStream) load(tx *bbolt.Tx) error {
	if err := o.names.load(tx); err != nil {
		return err
	}
	return o.tags.load(tx)
}

func (o *storeStream) slots(ctx context.Context) error {
	from, end := slotKey(slotNumber(o.span.Since), 0), slotKey(o.recent, 0)
	err := o.chunks(ctx, nameSlots, from, end, func(k, v []byte) error {
		if len(k) < slotKeySize {
			return corrupt(nameSlots, k, "key has %d bytes", len(k))
		}
		return o.row(k, v)
	})
	if err != nil {
		return err
	}
	o.buffer = append(o.buffer, o.last.buffer...)
	o.records += o.last.records
	return nil
}

func (o *storeStream) gaps(ctx context.Context) error {
	return o.chunks(ctx, nameGaps, afterKey(o.span.Since), afterKey(o.known), func(k, v []byte) error {
		o.record(recordGap, k, v)
		return nil
	})
}

// chunks calls fn for the rows of a bucket in [from, end)
// and flushes the buffer between transactions. A slot is never cut: its rows
// belong together.
func (o *storeStream) chunks(ctx context.Context, name string, from, end []byte, fn func(k, v []byte) error) error {
	for from != nil {
		err := o.store.view(ctx, "range", func(tx *bbolt.Tx) error {
			if err := o.load(tx); err != nil {
				return err
			}
			c := bucket(tx, name).Cursor()
			var last []byte
			for k, v := c.Seek(from); k != nil && bytes.Compare(k, end) < 0; k, v = c.Next() {
				if len(o.buffer) >= o.chunk && !sameSlot(k, last) {
					from = bytes.Clone(k)
					return nil
				}
				if err := fn(k, v); err != nil {
					return err
				}
				last = k
			}
			from = nil
			return nil
		})
		if err != nil {
			return err
		}
		if err := o.flush(); err != nil {
			return err
		}
	}
	return nil
}

// sameSlot reports whether two keys begin with the same slot.
func sameSlot(a, b []byte) bool { return len(a) >= 4 && len(b) >= 4 && bytes.Equal(a[:4], b[:4]) }
