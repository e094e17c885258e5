package requestlog

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"time"
)

// modTimeAhead is how far after the caller's clock reading a modification time
// may lie and still be believed: the file may be written while it is read.
const modTimeAhead = 5 * time.Second

// drain reads to the end of the open file, or until left is used up.
func (f *Follower) drain(now time.Time, left *int64, take func(Line)) error {
	read := false
	for *left > 0 {
		at := f.start + int64(len(f.buf))
		n, err := f.file.ReadAt(f.buf[len(f.buf):cap(f.buf)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return fileError("read", f.path, err)
		}
		if n == 0 {
			break
		}
		read = true
		*left -= int64(n)
		f.buf = f.buf[:len(f.buf)+n]
		f.deliver(f.bounds(now, at+int64(n)), take)
	}
	if read {
		f.growHead()
		f.tail = tailOf(f.file, f.start+int64(len(f.buf)))
	}
	return nil
}

// bounds is what a reading says about when the bytes were written.
type bounds struct {
	arrival time.Time
	spread  time.Duration
	// exact: the last byte read is the last byte of the file, and arrival is
	// when it was written.
	exact bool
}

// bounds must be called after the bytes were read: only then does the
// modification time bound when they were written.
func (f *Follower) bounds(now time.Time, readTo int64) bounds {
	b := bounds{arrival: now, spread: SpreadUnknown}
	if info, err := f.file.Stat(); err == nil && f.believable(info, now) {
		b.arrival = info.ModTime().UTC()
		b.exact = info.Size() == readTo
	}
	if !f.atEnd.IsZero() {
		b.spread = max(0, b.arrival.Sub(f.atEnd))
	}
	return b
}

// believable is false for file times that are not the log's own: set by hand,
// kept in whole seconds, or from another clock.
func (f *Follower) believable(info fs.FileInfo, now time.Time) bool {
	t := info.ModTime()
	if f.opt.NoModTime || t.Nanosecond() == 0 || t.After(now.Add(modTimeAhead)) {
		return false
	}
	// A kernel may stamp a write with its last clock tick, 10 ms back at most.
	return f.atEnd.IsZero() || t.After(f.atEnd.Add(-20*time.Millisecond))
}

// deliver hands over the complete lines in buf and keeps the half one.
func (f *Follower) deliver(b bounds, take func(Line)) {
	data := f.buf
	for {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			break
		}
		l := Line{Data: data[:i], Offset: f.start, Arrival: b.arrival, Spread: b.spread}
		if b.exact && i == len(data)-1 {
			l.Spread = 0
		}
		f.start += int64(i + 1)
		data = data[i+1:]
		f.hand(l, take)
	}
	if f.skipping || len(data) > f.opt.MaxLine {
		if !f.skipping {
			f.skipping = true
			take(Line{Offset: f.start, Arrival: b.arrival, Spread: b.spread, Overlong: true})
		}
		f.start += int64(len(data))
		data = nil
	}
	f.buf = f.buf[:copy(f.buf[:cap(f.buf)], data)]
}

// hand gives one line to take, unless it is the end of an overlong one.
func (f *Follower) hand(l Line, take func(Line)) {
	if f.skipping {
		f.skipping = false
		return
	}
	if len(l.Data) > f.opt.MaxLine {
		l.Data, l.Overlong = nil, true
	} else if n := len(l.Data); n > 0 && l.Data[n-1] == '\r' {
		l.Data = l.Data[:n-1]
	}
	take(l)
}
