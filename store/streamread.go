package store

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ReadRange reads a range that was written by WriteRange. It returns a
// *StreamError when the writer met one, ErrStreamSchema when the writer is
// another version of this program, and ErrStream for anything that is not a
// whole stream.
func ReadRange(r io.Reader) (Range, error) {
	in := streamReader{in: bufio.NewReaderSize(r, streamChunk), names: newNames(), tags: newTags()}
	for !in.over {
		if err := in.next(); err != nil {
			return Range{}, err
		}
		in.records++
	}
	in.found.sortSlots()
	in.found.sortGaps()
	return in.found, nil
}

type streamReader struct {
	in      *bufio.Reader
	records uint64
	names   *names
	tags    *tags
	rows    slotCounts
	found   Range
	over    bool // the end has come
}

// next reads a record.
func (s *streamReader) next() error {
	kind, err := s.in.ReadByte()
	if err != nil {
		return cutShort(err)
	}
	size, err := binary.ReadUvarint(s.in)
	if err != nil {
		return cutShort(err)
	}
	if size > maxRecord {
		return badStream("a record of %d bytes", size)
	}
	if (kind == recordHead) != (s.records == 0) && kind != recordError {
		return badStream("record %d is of kind %d", s.records, kind)
	}
	body, err := s.body(int(size))
	if err != nil {
		return err
	}
	if err := s.take(kind, body); err != nil {
		return err
	}
	if len(body) <= s.in.Size() {
		_, err = s.in.Discard(len(body))
	}
	return err
}

// body returns the next bytes, which are valid until something else is read.
// They are still to be discarded when they fit into the buffer.
func (s *streamReader) body(size int) ([]byte, error) {
	if size <= s.in.Size() {
		b, err := s.in.Peek(size)
		if err != nil {
			return nil, cutShort(err)
		}
		return b, nil
	}
	b, err := io.ReadAll(io.LimitReader(s.in, int64(size)))
	if err == nil && len(b) < size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, cutShort(err)
	}
	return b, nil
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return badStream("it is cut short")
	}
	return fmt.Errorf("%w: %w", ErrStream, err)
}

func (s *streamReader) take(kind byte, body []byte) error {
	d := decoder{b: body}
	switch kind {
	case recordHead:
		return s.head(body)
	case recordName:
		id := d.uvarint()
		text := d.text()
		s.names.texts[id] = text
		return broken(kind, d.done())
	case recordTag:
		return s.tag(&d)
	case recordRow:
		return s.row(body)
	case recordGap:
		if len(body) < gapKeySize {
			return badStream("a gap of %d bytes", len(body))
		}
		return s.found.readGap(body[:gapKeySize], body[gapKeySize:])
	case recordEnd:
		s.over = true
		if n := d.uvarint(); n != s.records || d.done() != nil {
			return badStream("%d records of %d", s.records, n)
		}
		return nil
	case recordError:
		e := &StreamError{Message: d.text(), Advice: d.text()}
		if err := d.done(); err != nil {
			return broken(kind, err)
		}
		return e
	}
	return badStream("a record of the unknown kind %d", kind)
}

func broken(kind byte, err error) error {
	if err != nil {
		return badStream("a record of kind %d: %v", kind, err)
	}
	return nil
}

// tag takes a pair with its number, which writers give in order only when
// they send all pairs.
func (s *streamReader) tag(d *decoder) error {
	id := d.uvarint()
	p := tag{client: d.text()}
	p.project = d.text()
	if err := d.done(); err != nil || id > maxStreamTags {
		return badStream("pair %d of client and project: %v", id, err)
	}
	for uint64(len(s.tags.pairs)) <= id {
		s.tags.pairs = append(s.tags.pairs, tag{})
	}
	s.tags.pairs[id] = p
	return nil
}

// maxStreamTags bounds the numbers of pairs in a stream.
const maxStreamTags = 1 << 20

func (s *streamReader) row(body []byte) error {
	if len(body) <= slotKeySize {
		return badStream("a slot of %d bytes", len(body))
	}
	size := slotKeySizeOf(body[4])
	if size < 0 || len(body) < size {
		return badStream("a slot of kind %d and %d bytes", body[4], len(body))
	}
	s.makeRoom(body[4])
	return s.found.readSlot(body[:size], body[size:], s.names, s.tags)
}

func (s *streamReader) head(body []byte) error {
	var h streamHead
	if err := json.Unmarshal(body, &h); err != nil {
		return badStream("its head: %v", err)
	}
	if h.Schema != newestSchema() {
		return fmt.Errorf("%w: schema %d, this one knows %d", ErrStreamSchema, h.Schema, newestSchema())
	}
	s.found, s.rows = h.Range, h.Rows
	return nil
}

// makeRoom makes room for more rows of a kind when there is none: for as many
// as the writer has told of, but not for far more than have come.
func (s *streamReader) makeRoom(kind byte) {
	switch r := &s.found; kind {
	case kindSystem:
		r.System = withRoom(r.System, s.rows[kind])
	case kindModel:
		r.Models = withRoom(r.Models, s.rows[kind])
	case kindRemote:
		r.Remote = withRoom(r.Remote, s.rows[kind])
	case kindTagged:
		r.Tagged = withRoom(r.Tagged, s.rows[kind])
	}
}

func withRoom[T any](rows []T, told int) []T {
	n := len(rows)
	if n < cap(rows) || told <= n {
		return rows
	}
	return slices.Grow(rows, min(told-n, 3*n+firstRoom))
}

// firstRoom holds a year of slots of the system.
const firstRoom = 36_000
