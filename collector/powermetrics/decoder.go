package powermetrics

import (
	"errors"
	"fmt"
	"io"
)

// DefaultMaxDocument is how long a document may be, in bytes, when the Decoder
// does not say: 30 times the longest that --show-all was seen to print.
const DefaultMaxDocument = 16 << 20

// Decoder reads the documents of a powermetrics stream.
type Decoder struct {
	// MaxDocument bounds a document, and so the memory used, in bytes; 0 means
	// DefaultMaxDocument. Longer ones are skipped with DefectOverlong.
	MaxDocument int

	frames framer
	names  names
}

// NewDecoder returns a Decoder that reads from r. It reads no more than one
// Read beyond what it returns, and returns a sample as soon as its </plist> has
// been read.
func NewDecoder(r io.Reader) *Decoder {
	return &Decoder{frames: framer{r: r}}
}

// Next reads the next sample into s, reusing its slices. A *DocumentError says
// that something was skipped and the next call goes on behind it. io.EOF is the
// end of the stream between documents; a stream that ends inside one gives a
// DocumentError that is io.ErrUnexpectedEOF first. On any error s is empty.
func (d *Decoder) Next(s *Sample) error {
	if d.frames.max = d.MaxDocument; d.frames.max <= 0 {
		d.frames.max = DefaultMaxDocument
	}
	start := d.frames.offset + int64(d.frames.head)
	doc, err := d.frames.next()
	var broken *DocumentError
	switch {
	case errors.As(err, &broken):
		if len(doc) > 0 { // it has a head that says how much time it covers
			parse(doc, s, &d.names)
		}
	case errors.Is(err, io.EOF):
		s.reset()
		return io.EOF
	case err != nil:
		s.reset()
		return fmt.Errorf("read powermetrics stream at byte %d: %w", start, err)
	default:
		defect := parse(doc, s, &d.names)
		if defect == "" {
			s.Restarted = d.frames.restarted
			return nil
		}
		broken = &DocumentError{Defect: defect, Offset: d.frames.documentOffset(doc), Size: int64(len(doc))}
	}
	if broken.Defect != DefectGarbage {
		broken.Elapsed, broken.Timestamp, broken.Restarted = s.Elapsed, s.Timestamp, d.frames.restarted
	}
	s.reset()
	return broken
}
