package requestlog

import (
	"bytes"
	"io"
)

// holeBytes is the shortest run of NUL bytes within a line that is taken for a
// hole, which cuts the line. A shorter one may be text that somebody logged:
// what follows it must not pass for a line of its own.
const holeBytes = 512

// zeros counts the NUL bytes that b begins with.
func zeros(b []byte) int {
	var none [64]byte
	n := 0
	for len(b)-n >= len(none) && bytes.Equal(b[n:n+len(none)], none[:]) {
		n += len(none)
	}
	for n < len(b) && b[n] == 0 {
		n++
	}
	return n
}

// findHole finds the first hole within a line.
func findHole(line []byte) (int, bool) {
	for at := 0; ; {
		i := bytes.IndexByte(line[at:], 0)
		if i < 0 {
			return 0, false
		}
		at += i
		n := zeros(line[at:])
		if n >= holeBytes {
			return at, true
		}
		at += n
	}
}

// skipHole skips n NUL bytes before a line. They are what a log begins with
// that was truncated while its writer kept its old offset, and what a crash of
// the machine leaves in the middle of one.
func (f *Follower) skipHole(n int) {
	if !f.inHole {
		f.stats.Holes++
	}
	f.pass(n)
	f.inHole = true
}

// leap goes on at the next data of the file when it knows of holes and all that
// was read is one: it may be many gigabytes.
func (f *Follower) leap() {
	s, ok := f.file.File.(io.Seeker)
	if !ok || len(f.first) < headBytes {
		return
	}
	at, ok := seekData(s, f.start)
	if !ok || at <= f.start {
		return
	}
	f.buf = f.buf[:tailBytes]
	clear(f.buf)
	f.kept, f.start = tailBytes, at
}
