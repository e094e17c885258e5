package requestlog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Sample limits what Sample reads: enough to pass a server's greeting.
const (
	sampleBytes = 256 << 10
	sampleLines = 2000
)

// Sample reads the first lines of a log, for Choose.
func Sample(r io.Reader) ([][]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, sampleBytes))
	if err != nil {
		return nil, err
	}
	if len(data) == sampleBytes { // the last line may be cut
		data = data[:bytes.LastIndexByte(data, '\n')+1]
	}
	lines := bytes.SplitN(data, []byte("\n"), sampleLines+1)
	return lines[:min(len(lines), sampleLines)], nil
}

// lineScanner reads the lines of a file that is not being followed.
type lineScanner struct {
	r       *bufio.Reader
	maxLine int
	offset  int64
}

func newLineScanner(r io.Reader, maxLine int) *lineScanner {
	if maxLine <= 0 {
		maxLine = DefaultMaxLine
	}
	return &lineScanner{r: bufio.NewReaderSize(r, maxLine+2), maxLine: maxLine}
}

// next returns the next complete line; io.EOF after the last. What follows the
// last line end is a half line and is not returned.
func (s *lineScanner) next() (Line, error) {
	l := Line{Offset: s.offset, Spread: SpreadUnknown}
	data, err := s.r.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		s.offset += int64(len(data))
		l.Overlong = true
		data, err = s.r.ReadSlice('\n')
	}
	if err != nil {
		return Line{}, err
	}
	s.offset += int64(len(data))
	data = data[:len(data)-1]
	if l.Overlong || len(data) > s.maxLine {
		l.Overlong = true
		return l, nil
	}
	l.Data = bytes.TrimSuffix(data, []byte("\r"))
	return l, nil
}
