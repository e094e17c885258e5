package requestlog

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"time"
)

// maxDone is how many files that were read are known again.
const maxDone = 8

// rotationTries bounds how often one poll looks for the next file while names
// are changing.
const rotationTries = 4

// copyBlur is how much older than the log a copy of it may look, on file systems
// and with tools that keep times in whole seconds, or in two.
const copyBlur = 2 * time.Second

// opened is an open file and what it was when it was opened.
type opened struct {
	File
	path string
	info fs.FileInfo
}

func (f *Follower) open(path string) (*opened, error) {
	file, err := f.opt.Open(path)
	if err != nil {
		return nil, fileError("open", path, err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close() //nolint:errcheck // read only
		return nil, fileError("examine", path, err)
	}
	return &opened{File: file, path: path, info: info}, nil
}

// successor returns the file to go on with when the open one is drained, or
// nil to stay. It is not settled when names changed while it looked.
func (f *Follower) successor() (next *opened, settled bool, err error) {
	if f.opt.Files != nil {
		return f.nextInSequence()
	}
	if f.isHome {
		return nil, true, nil
	}
	for range rotationTries {
		next, settled, err = f.nextRotation()
		if settled || err != nil {
			return next, settled, err
		}
	}
	return nil, false, nil
}

// nextRotation finds the oldest file that is younger than the open one: a log
// can be rotated more than once between two polls. The log itself is opened
// first: if it is rotated while the others are looked at, it is among them.
func (f *Follower) nextRotation() (next *opened, settled bool, err error) {
	last, err := f.open(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, true, err
	}
	if last != nil {
		defer func() {
			if next != last {
				last.Close() //nolint:errcheck // read only
			}
		}()
		if sameFile(last.info, f.file.info) {
			f.isHome = true
			return nil, true, nil
		}
	}
	later, lost, ok := f.later()
	if !ok {
		return nil, false, nil
	}
	next, closed, ok := f.firstUnread(later)
	if !ok {
		return nil, false, nil
	}
	if next == nil && last != nil && worthReading(last) {
		next = last
	}
	if next != nil {
		f.stats.Lost += lost + closed
	}
	return next, true, nil
}

// firstUnread opens the first of the files that has something new, and counts
// those closed to us before it. It is not ok when a name has moved.
func (f *Follower) firstUnread(later []sibling) (next *opened, closed int64, ok bool) {
	for _, s := range later {
		next, err := f.open(s.path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, 0, false
		}
		if err != nil {
			closed++
			continue
		}
		if !sameFile(next.info, s.info) {
			next.Close() //nolint:errcheck // read only
			return nil, 0, false
		}
		if worthReading(next) && !f.wasRead(next) {
			return next, closed, true
		}
		next.Close() //nolint:errcheck // read only
	}
	return nil, closed, true
}

// worthReading is false for a file that does not show yet that the log's writer
// has gone on in it: one without content, and one that holds nothing but
// newsyslog's note that it made it. A writer that was not told of the rotation,
// such as a process whose output launchd redirects, goes on in the old file.
func worthReading(next *opened) bool {
	size := next.info.Size()
	if size == 0 || size > headBytes {
		return size > 0
	}
	text := make([]byte, size)
	if n, _ := next.ReadAt(text, 0); n < len(text) || text[n-1] != '\n' {
		return true
	}
	for line := range bytes.Lines(text) {
		if !bytes.Contains(line, []byte(" newsyslog[")) || !bytes.Contains(line, []byte("]: logfile ")) {
			return true
		}
	}
	return false
}

// isCopy is true when next holds what was read of the open file: a backup, or
// the log saved anew.
func (f *Follower) isCopy(next *opened) bool {
	here := f.here()
	return !here.blank() && here.matches(next)
}

// wasRead is true when all of next was read before, under this name or another.
func (f *Follower) wasRead(next *opened) bool {
	return isOneOf(next, f.done) || isOneOf(next, []place{f.here()})
}

// isOneOf is true when next is, to its end, one of the files that were read.
func isOneOf(next *opened, done []place) bool {
	return slices.ContainsFunc(done, func(p place) bool {
		return !p.blank() && p.Offset == next.info.Size() && p.matches(next)
	})
}

// switchTo leaves the open file and goes on in next: at its beginning, or where
// reading stopped when it was left before.
func (f *Follower) switchTo(next *opened) {
	if len(f.buf) > f.kept || f.skipping {
		f.stats.CutLines++
	}
	f.stats.Rotations++
	if f.opt.Files != nil {
		f.passed[next.path] = true
	}
	f.done = append(f.done, f.here())
	f.done = f.done[max(0, len(f.done)-maxDone):]
	f.file.Close() //nolint:errcheck // read only
	// The last first: a file that was left twice was read further then.
	for _, p := range slices.Backward(f.done) {
		if p.sameInode(next.info) && f.continueAt(next, p) {
			return
		}
	}
	f.adopt(next)
}

// moveTo goes on in next, which begins with all that was read, at the same place.
func (f *Follower) moveTo(next *opened) {
	f.file.Close() //nolint:errcheck // read only
	f.file, f.modified = next, time.Time{}
}

// adopt makes next the open file, at its beginning.
func (f *Follower) adopt(next *opened) {
	f.file = next
	f.restart()
}

// restart goes back to the beginning of the open file.
func (f *Follower) restart() {
	f.first, f.buf, f.kept, f.start = f.first[:0], f.buf[:0], 0, 0
	f.skipping, f.inHole, f.modified, f.marked = false, false, time.Time{}, Position{}
}

// emptied goes on after the open file lost what was read of it: in the copy
// that was made before, if there is one, since what was written after the last
// poll is in it alone; else at the beginning, or at the end of what is left.
func (f *Follower) emptied() {
	for _, s := range f.readable(nil) {
		if s.info.ModTime().Before(f.modified.Add(-copyBlur)) { // an older log that begins alike
			continue
		}
		copied, err := f.open(s.path)
		if err != nil {
			continue
		}
		if f.isCopy(copied) {
			f.moveTo(copied)
			return
		}
		copied.Close() //nolint:errcheck // read only
	}
	f.stats.Emptied++
	was := f.marked
	f.restart()
	if info, err := f.file.Stat(); err == nil && was.holdsMost(f.file) { // only its end is gone
		f.skipTo(min(was.Offset, info.Size()))
	}
}
