package foreign

import (
	"fmt"
	"io"
)

// MaxBytes is how large a file may be.
const MaxBytes = 1 << 30

// maxEntry is how far a decoder may read on before it has an entry whole. It
// bounds the memory that a broken or hostile file can claim.
const maxEntry = 1 << 20

// lineReader says in which line of a file a decoder is, although decoders read
// ahead, and stops them from reading too far.
type lineReader struct {
	r        io.Reader
	read     int64   // bytes handed out
	used     int64   // bytes that the decoder is done with
	line     int     // of used, from 1
	newlines []int64 // where lines end, beyond used
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: r, line: 1} }

// Read implements io.Reader.
func (l *lineReader) Read(b []byte) (int, error) {
	if l.read-l.used > maxEntry {
		return 0, &LineError{l.line, fmt.Errorf("an entry of more than %d bytes: %w", maxEntry, ErrTooLarge)}
	}
	if l.read >= MaxBytes {
		return 0, fmt.Errorf("a file of more than %d bytes: %w", MaxBytes, ErrTooLarge)
	}
	n, err := l.r.Read(b)
	for i, c := range b[:n] {
		if c == '\n' {
			l.newlines = append(l.newlines, l.read+int64(i))
		}
	}
	l.read += int64(n)
	return n, err
}

// at takes note that a decoder is done with the bytes before offset, and returns
// the line that it is in.
func (l *lineReader) at(offset int64) int {
	l.used = offset
	n := 0
	for n < len(l.newlines) && l.newlines[n] < offset {
		n++
	}
	l.line += n
	l.newlines = l.newlines[n:]
	return l.line
}
