package powermetrics

import (
	"bytes"
	"errors"
	"io"
)

const (
	xmlMark   = "<?xml"
	plistMark = "<plist"
	endMark   = "</plist>"

	firstBuffer = 64 << 10
	// garbageChunk is how many bytes of garbage make one report.
	garbageChunk = 64 << 10
	// blanks may stand between documents.
	blanks = " \t\r\n\x00"
)

// framer cuts a stream into documents. A document ends at </plist>: the NUL
// that separates it from the next comes one interval later.
type framer struct {
	r    io.Reader
	max  int
	buf  []byte
	head int // buf[head:] is not handed out yet
	scan int // no end of the open document before it
	open bool
	// lost is true in the rest of a document that was reported as overlong:
	// what follows up to the next document is no news.
	lost    bool
	garbage int64
	// separated is true when a NUL was passed since the last document, and
	// separates when one was ever. restarted is what they tell of the document
	// opened last: see Sample.Restarted.
	separated, separates, restarted bool
	offset                          int64 // of buf[0] in the stream
	err                             error // of the reader; sticky
}

// next returns the next document, valid until the next call. With a
// DocumentError of an unfinished document it returns what there is of it.
func (f *framer) next() ([]byte, error) {
	for {
		if !f.open {
			if err := f.seekStart(); err != nil {
				return nil, err
			}
		}
		if f.open {
			if doc, ok, err := f.seekEnd(); ok {
				return doc, err
			}
		}
		if f.err != nil {
			return f.finish()
		}
		f.fill()
	}
}

// seekStart moves head to the start of the next document and opens it when it
// is in the buffer. Garbage on the way there is an error of its own.
func (f *framer) seekStart() error {
	rest := f.buf[f.head:]
	at, found := markIn(rest)
	f.discard(rest[:at])
	if found || f.garbage >= garbageChunk {
		if n := f.garbage; n > 0 {
			f.garbage = 0
			return &DocumentError{Defect: DefectGarbage, Offset: f.offset + int64(f.head) - n, Size: n}
		}
	}
	if found {
		f.open, f.lost, f.scan = true, false, f.head+1
		f.restarted, f.separated = f.separates && !f.separated, false
	}
	return nil
}

// discard moves past bytes between documents and counts them from the first
// that is neither blank nor NUL.
func (f *framer) discard(b []byte) {
	f.head += len(b)
	if bytes.IndexByte(b, 0) >= 0 {
		f.separated, f.separates = true, true
	}
	if f.garbage == 0 {
		b = bytes.TrimLeft(b, blanks)
	}
	if !f.lost {
		f.garbage += int64(len(b))
	}
}

// markIn finds where in b a document starts, or where the bytes at the end of b
// may be the beginning of one.
func markIn(b []byte) (at int, found bool) {
	for at < len(b) {
		n := bytes.IndexByte(b[at:], '<')
		if n < 0 {
			return len(b), false
		}
		at += n
		for _, mark := range [...]string{xmlMark, plistMark} {
			have := min(len(mark), len(b)-at)
			if string(b[at:at+have]) == mark[:have] {
				return at, have == len(mark)
			}
		}
		at++
	}
	return len(b), false
}

// seekEnd looks for the end of the open document in the bytes that are new.
func (f *framer) seekEnd() (doc []byte, ok bool, err error) {
	fresh := f.buf[f.scan:]
	end := indexTag(fresh, endMark)
	limit := len(fresh)
	if end >= 0 {
		limit = end
	}
	if n := interruption(fresh[:limit]); n >= 0 {
		doc, err = f.take(f.scan+n, DefectCut)
		return doc, true, err
	}
	if end >= 0 && f.scan+end-f.head <= f.max {
		doc, _ = f.take(f.scan+end+len(endMark), "")
		return doc, true, nil
	}
	if end >= 0 || len(f.buf)-f.head > f.max {
		doc, err = f.take(f.scan+limit, DefectOverlong)
		f.lost = true
		return doc, true, err
	}
	f.scan = max(f.scan, len(f.buf)-len(endMark)+1)
	return nil, false, nil
}

// interruption finds where another document begins inside an open one, as it
// does when the tool was killed and started again; -1 when it does not.
func interruption(b []byte) int {
	at := bytes.IndexByte(b, 0)
	if at >= 0 {
		b = b[:at]
	}
	if n := indexTag(b, xmlMark); n >= 0 {
		return n
	}
	return at
}

// indexTag finds a tag in b, -1 when it is not there. It searches from the
// tag's second byte on: in these documents every search for '<' halts at every
// tag, one for '/' at half of them and one for '?' never.
func indexTag(b []byte, tag string) int {
	for from := 0; ; {
		n := bytes.Index(b[from:], []byte(tag[1:]))
		if n < 0 {
			return -1
		}
		if n += from; n > 0 && b[n-1] == tag[0] {
			return n - 1
		}
		from = n + 1
	}
}

// take hands out buf[head:to].
func (f *framer) take(to int, defect Defect) ([]byte, error) {
	doc := f.buf[f.head:to]
	start := f.offset + int64(f.head)
	f.head, f.open = to, false
	if defect == "" {
		return doc, nil
	}
	return doc, &DocumentError{Defect: defect, Offset: start, Size: int64(len(doc))}
}

// finish says what is left when the reader has ended.
func (f *framer) finish() ([]byte, error) {
	if f.open {
		doc, err := f.take(len(f.buf), DefectCut)
		var cut *DocumentError
		if errors.As(err, &cut) {
			cut.Err = io.ErrUnexpectedEOF
		}
		return doc, err
	}
	rest := f.buf[f.head:] // the beginning of a mark that never came
	f.discard(rest)
	if n := f.garbage; n > 0 {
		f.garbage = 0
		return nil, &DocumentError{Defect: DefectGarbage, Offset: f.offset + int64(f.head) - n, Size: n}
	}
	return nil, f.err
}

// fill reads once, after making room: by moving what is left to the front,
// and by growing only when a document needs it.
func (f *framer) fill() {
	if f.head > 0 {
		n := copy(f.buf, f.buf[f.head:])
		f.offset += int64(f.head)
		f.scan -= f.head
		f.buf, f.head = f.buf[:n], 0
	}
	if len(f.buf) == cap(f.buf) {
		grown := make([]byte, len(f.buf), max(firstBuffer, 2*cap(f.buf)))
		copy(grown, f.buf)
		f.buf = grown
	}
	for range 100 {
		n, err := f.r.Read(f.buf[len(f.buf):cap(f.buf)])
		f.buf = f.buf[:len(f.buf)+n]
		if f.err = err; n > 0 || err != nil {
			return
		}
	}
	f.err = io.ErrNoProgress
}

// documentOffset is where in the stream the document just handed out begins.
func (f *framer) documentOffset(doc []byte) int64 {
	return f.offset + int64(f.head-len(doc))
}
