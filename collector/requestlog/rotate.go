package requestlog

import (
	"errors"
	"io/fs"
)

// examine notices that the open file was truncated or rewritten in place, and
// starts it again.
func (f *Follower) examine() error {
	info, err := f.file.Stat()
	if err != nil {
		return fileError("examine", f.path, err)
	}
	at := f.start + int64(len(f.buf))
	if info.Size() < at {
		f.stats.Truncations++
		if f.toCopy(at) {
			return nil
		}
		f.stats.Emptied++
		f.restart()
	} else if info.Size() != f.size || !info.ModTime().Equal(f.modified) {
		if !f.tail.holds(f.file, at-int64(f.tail.Length)) {
			f.stats.Rewrites++
			if f.toCopy(at) {
				return nil
			}
			f.stats.Emptied++
			f.restart()
		}
	}
	f.size, f.modified = info.Size(), info.ModTime()
	return nil
}

// toCopy goes on in the copy that was made of the file before it was truncated,
// if there is one: what was written after the last poll is in it alone.
func (f *Follower) toCopy(at int64) bool {
	f.resume = &Position{Head: f.head, Offset: at, Tail: f.tail}
	old, rest := f.predecessor()
	f.resume = nil
	if old == nil {
		return false
	}
	f.file.Close() //nolint:errcheck // read only
	f.file, f.info, f.isPath = old.File, old.info, false
	f.older = rest
	f.size, f.modified = old.info.Size(), old.info.ModTime()
	return true
}

// restart goes back to the beginning of the open file.
func (f *Follower) restart() {
	f.start, f.buf, f.skipping = 0, f.buf[:0], false
	f.tail, f.head = fingerprint{}, fingerprint{}
}

// growHead hashes more of the file's first bytes while there are few, as far as
// they were read: a head that nobody read may be another file's.
func (f *Follower) growHead() {
	read := min(f.start+int64(len(f.buf)), headBytes)
	if int64(f.head.Length) < read {
		f.head = printOf(f.file, 0, int(read))
	}
}

// successor returns the file to go on with when the open one is drained, or
// nil to stay. A new file without content is not gone to yet: a writer that
// was not told of the rotation goes on in the old one.
func (f *Follower) successor() (*successor, error) {
	if next := f.nextOlder(); next != nil {
		return next, nil
	}
	info, err := f.opt.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fileError("examine", f.path, err)
	}
	if f.isPath && sameFile(info, f.info) {
		return nil, nil
	}
	f.older = f.between()
	if next := f.nextOlder(); next != nil {
		return next, nil
	}
	if info.Size() == 0 {
		return nil, nil
	}
	next, err := f.open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if sameFile(next.info, f.info) {
		f.isPath = true
		return nil, next.Close()
	}
	next.isPath = true
	return next, nil
}

// nextOlder opens the next rotated file; nil when it is path's turn.
func (f *Follower) nextOlder() *successor {
	for len(f.older) > 0 {
		path := f.older[0]
		f.older = f.older[1:]
		next, err := f.open(path)
		if err != nil {
			continue
		}
		if !sameFile(next.info, f.info) && !f.isCopy(next) {
			return next
		}
		next.Close() //nolint:errcheck // read only
	}
	return nil
}

// isCopy is true when next holds what was read of the open file: a backup.
func (f *Follower) isCopy(next *successor) bool {
	here := Position{Head: f.head, Offset: f.start + int64(len(f.buf)), Tail: f.tail}
	return here.Offset > 0 && here.matches(next, next.info)
}

// successor is an open file that is not followed yet.
type successor struct {
	File
	info   fs.FileInfo
	isPath bool
}

func (f *Follower) open(path string) (*successor, error) {
	file, err := f.opt.Open(path)
	if err != nil {
		return nil, fileError("open", path, err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close() //nolint:errcheck // read only
		return nil, fileError("examine", path, err)
	}
	return &successor{File: file, info: info}, nil
}

// switchTo goes on at the beginning of next.
func (f *Follower) switchTo(next *successor) {
	if len(f.buf) > 0 || f.skipping {
		f.stats.CutLines++
	}
	f.stats.Rotations++
	f.file.Close() //nolint:errcheck // read only
	f.adopt(next)
}

// moveTo goes on in next, which begins with all that was read, at the same place.
func (f *Follower) moveTo(next *successor) {
	f.file.Close() //nolint:errcheck // read only
	f.file, f.info, f.isPath = next.File, next.info, true
	f.size, f.modified = next.info.Size(), next.info.ModTime()
}

// adopt makes next the open file, at its beginning.
func (f *Follower) adopt(next *successor) {
	f.file, f.info, f.isPath = next.File, next.info, next.isPath
	f.restart()
	f.size, f.modified = next.info.Size(), next.info.ModTime()
}
