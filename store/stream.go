package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// A stream is a Range on its way between processes, as records: one byte for
// the kind, the length of the rest, and the rest. A record of names comes before
// the first row that needs it. What a row holds is what the file holds, so the
// two ends must know the same schema; the head says which it is.
const (
	recordHead  = 1 + iota // everything that is not a slot or a gap
	recordName             // number, name
	recordTag              // number, client, project
	recordRow              // key and value of a slot
	recordGap              // key and value of a gap
	recordEnd              // how many records came before; nothing follows
	recordError            // message, hint; nothing follows
)

// maxRecord bounds what a reader takes for one record.
const maxRecord = 16 << 20

// streamHead begins a stream.
type streamHead struct {
	Schema uint64 `json:"schema"`
	// Rows is about how many slots of each kind follow, to make room for.
	Rows  slotCounts `json:"rows"`
	Range Range      `json:"range"` // without slots and gaps
}

// newestSchema is the schema that this package writes.
func newestSchema() uint64 {
	steps := migrations()
	return steps[len(steps)-1].to
}

// streamWriter gathers records. What it has sent of names it sends once.
type streamWriter struct {
	buffer  []byte // not written yet
	records uint64
	named   map[uint64]bool
	tagged  map[uint64]bool
	names   *names
	tags    *tags
	out     io.Writer
}

func newStreamWriter(w io.Writer, n *names, t *tags) *streamWriter {
	return &streamWriter{named: map[uint64]bool{0: true}, tagged: map[uint64]bool{}, names: n, tags: t, out: w}
}

// flush writes what was gathered.
func (w *streamWriter) flush() error {
	_, err := w.out.Write(w.buffer)
	w.buffer = w.buffer[:0]
	return err
}

func (w *streamWriter) record(kind byte, parts ...[]byte) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	w.buffer = binary.AppendUvarint(append(w.buffer, kind), uint64(n))
	for _, p := range parts {
		w.buffer = append(w.buffer, p...)
	}
	w.records++
}

func (w *streamWriter) head(h streamHead) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	w.record(recordHead, b)
	return nil
}

// row sends a slot, and the names that it is the first to need.
func (w *streamWriter) row(k, v []byte) error {
	if len(k) != slotKeySizeOf(k[4]) {
		return corrupt(nameSlots, k, "unknown kind %d, or a key of %d bytes", k[4], len(k))
	}
	numbers := k[slotKeySize:]
	if k[4] == kindTagged {
		if err := w.tag(k, uint64(binary.BigEndian.Uint32(numbers[8:]))); err != nil {
			return err
		}
		numbers = numbers[:8]
	}
	for ; len(numbers) > 0; numbers = numbers[4:] {
		if err := w.name(k, uint64(binary.BigEndian.Uint32(numbers))); err != nil {
			return err
		}
	}
	w.record(recordRow, k, v)
	return nil
}

// slotKeySizeOf is the length of the keys of a kind of slot; -1 of an unknown one.
func slotKeySizeOf(kind byte) int {
	switch kind {
	case kindSystem:
		return systemKeySize
	case kindModel:
		return modelKeySize
	case kindRemote:
		return remoteKeySize
	case kindTagged:
		return taggedKeySize
	}
	return -1
}

func (w *streamWriter) name(k []byte, id uint64) error {
	if w.named[id] {
		return nil
	}
	text, ok := w.names.texts[id]
	if !ok {
		return corrupt(nameSlots, k, "%v", errName)
	}
	var e encoder
	e.uvarint(id)
	e.text(text)
	w.record(recordName, e.b)
	w.named[id] = true
	return nil
}

func (w *streamWriter) tag(k []byte, id uint64) error {
	if w.tagged[id] {
		return nil
	}
	p, ok := w.tags.of(uint32(id))
	if !ok {
		return corrupt(nameSlots, k, "%v", errTag)
	}
	var e encoder
	e.uvarint(id)
	e.text(p.client)
	e.text(p.project)
	w.record(recordTag, e.b)
	w.tagged[id] = true
	return nil
}

func (w *streamWriter) end() {
	w.record(recordEnd, binary.AppendUvarint(nil, w.records))
}

// StreamError is an error that the writer of a stream met on its way.
type StreamError struct {
	Message string
	Advice  string // may be empty
}

// Error returns the writer's words.
func (e *StreamError) Error() string { return e.Message }

// Hint returns the writer's advice; it may be empty.
func (e *StreamError) Hint() string { return e.Advice }

// AppendStreamError returns the record that ends a stream with an error, after
// b. It can follow whatever was written of a stream.
func AppendStreamError(b []byte, message, hint string) []byte {
	var e encoder
	e.text(message)
	e.text(hint)
	w := streamWriter{buffer: b}
	w.record(recordError, e.b)
	return w.buffer
}

func badStream(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrStream, fmt.Sprintf(format, args...))
}
