package foreign

import (
	"bytes"
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
	most     int64   // bytes that may be read
	read     int64   // bytes handed out
	used     int64   // bytes that the decoder is done with
	line     int     // of used, from 1
	newlines []int64 // where lines end, beyond used
	trusted  bool    // the decoder neither reads too far nor asks for lines
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: r, most: MaxBytes, line: 1} }

// Read implements io.Reader.
func (l *lineReader) Read(b []byte) (int, error) {
	if l.read-l.used > maxEntry && !l.trusted {
		return 0, &LineError{l.line, fmt.Errorf("an entry of more than %d bytes: %w", maxEntry, ErrTooLarge)}
	}
	if l.read >= l.most {
		return 0, fmt.Errorf("a file of more than %d bytes: %w", l.most, ErrTooLarge)
	}
	n, err := l.r.Read(b)
	for from := 0; !l.trusted; {
		i := bytes.IndexByte(b[from:n], '\n')
		if i < 0 {
			break
		}
		l.newlines = append(l.newlines, l.read+int64(from+i))
		from += i + 1
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
