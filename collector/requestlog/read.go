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

// end is the offset up to which the open file was read.
func (f *Follower) end() int64 { return f.start + int64(len(f.buf)-f.kept) }

// drain reads to the end of the open file, or until left is used up. It is
// true when the file was emptied or rewritten, so that reading has to begin
// again, in a copy or at the beginning.
func (f *Follower) drain(left *int64, take func(Line)) (restarted bool, err error) {
	info, err := f.look()
	if err != nil {
		return false, f.broken("examine", err)
	}
	if info.Size() < f.end() {
		f.stats.Truncations++
		f.emptied()
		return true, nil
	}
	if info.Size() == f.end() && info.ModTime().Equal(f.modified) {
		return false, nil
	}
	for *left > 0 {
		n, err := f.file.ReadAt(f.buf[len(f.buf):cap(f.buf)], f.end())
		if err != nil && !errors.Is(err, io.EOF) {
			return false, f.broken("read", err)
		}
		*left -= int64(n)
		// Looked at after the reading: what stands before the new bytes is still
		// what was read before, so they are its continuation. A log can be
		// emptied and outgrow its old size within one scheduling of ours.
		if !f.holds() {
			f.stats.Rewrites++
			f.emptied()
			return true, nil
		}
		whole := n < cap(f.buf)-len(f.buf)
		f.accept(n, take)
		if whole {
			f.modified = info.ModTime()
			break
		}
	}
	return false, nil
}

// broken closes the open file, which cannot be read any more, for the next poll
// to open it anew and go on: a disk that was taken out and put in again does not
// bring open files back.
func (f *Follower) broken(op string, err error) error {
	if p, ok := f.Position(); ok {
		f.Close() //nolint:errcheck // read only
		f.Resume(p)
	}
	return fileError(op, f.path, err)
}

// look examines the open file: through its name, when that leads to it, since
// one call then tells that the log was not rotated, too.
func (f *Follower) look() (fs.FileInfo, error) {
	if info, err := f.opt.Stat(f.home()); err == nil && sameFile(info, f.file.info) {
		f.isHome = true
		return info, nil
	}
	f.isHome = false
	return f.file.Stat()
}

// holds reports whether the file still begins and still goes on, up to what
// was read last, as it did when it was read.
func (f *Follower) holds() bool {
	tail := f.buf[max(0, len(f.buf)-tailBytes):]
	return f.still(f.first, 0) && f.still(tail, f.end()-int64(len(tail)))
}

func (f *Follower) still(was []byte, offset int64) bool {
	n, _ := f.file.ReadAt(f.scratch[:len(was)], offset)
	return bytes.Equal(f.scratch[:n], was)
}

// accept takes the n bytes that were read behind the end of buf.
func (f *Follower) accept(n int, take func(Line)) {
	if n == 0 {
		return
	}
	f.growFirst(f.buf[len(f.buf) : len(f.buf)+n])
	f.buf = f.buf[:len(f.buf)+n]
	f.deliver(f.bounds(), take)
	if f.inHole && f.kept == len(f.buf) && n >= holeBytes {
		f.leap()
	}
}

// growFirst adds to the file's first bytes what data, read at the end, has of
// them. After a restart some of data may be there already.
func (f *Follower) growFirst(data []byte) {
	had := int64(len(f.first)) - f.end()
	if had < 0 || had >= int64(len(data)) || len(f.first) == headBytes {
		return
	}
	f.first = append(f.first, data[had:min(had+headBytes-int64(len(f.first)), int64(len(data)))]...)
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
func (f *Follower) bounds() bounds {
	b := bounds{arrival: f.now, spread: SpreadUnknown}
	if info, err := f.file.Stat(); err == nil && f.believable(info) {
		b.arrival = info.ModTime().UTC()
		b.exact = info.Size() == f.end()
	}
	if !f.atEnd.IsZero() && !f.atEnd.After(f.now) { // else the clock was set back
		b.spread = max(0, b.arrival.Sub(f.atEnd))
	}
	return b
}

// believable is false for file times that are not the log's own: set by hand,
// kept in whole seconds, or from another clock.
func (f *Follower) believable(info fs.FileInfo) bool {
	t := info.ModTime()
	if f.opt.NoModTime || t.Nanosecond() == 0 || t.After(f.now.Add(modTimeAhead)) {
		return false
	}
	// A kernel may stamp a write with its last clock tick, 10 ms back at most.
	return f.atEnd.IsZero() || t.After(f.atEnd.Add(-20*time.Millisecond))
}
