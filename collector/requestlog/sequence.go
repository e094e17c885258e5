package requestlog

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"time"
)

// createdWithin is how long ago a file of a sequence that sorts before the one
// being read may have been changed to be taken for its successor: the clock was
// set back. An older one was put there by somebody.
const createdWithin = 10 * time.Minute

// openSequence is openFirst for a log that is a sequence of files.
func (f *Follower) openSequence() error {
	paths, err := f.opt.Files()
	if err != nil {
		return fileError("list", f.path, err)
	}
	if f.resume == nil {
		i, _ := f.firstModified(paths, f.opt.Since)
		err = f.beginAt(paths, i)
	} else if !f.resumeIn(paths) && !f.resumeCut(paths) {
		err = f.beginAgain(paths)
	}
	if err != nil {
		return err
	}
	f.passed = map[string]bool{f.file.path: true}
	for _, path := range paths[:max(0, slices.Index(paths, f.file.path))] {
		f.passed[path] = true
	}
	return nil
}

// beginAgain begins where the log may have gone on since it was last at its
// end: the file that was being read is gone.
func (f *Follower) beginAgain(paths []string) error {
	i, found := f.firstModified(paths, f.atEnd)
	if err := f.beginAt(paths, i); err != nil {
		return err
	}
	f.stats.Lost++
	f.resume = nil
	if !found { // all that is there was there when the log was at its end
		f.skipTo(f.file.info.Size())
	}
	return nil
}

// firstModified returns which file was modified at t or later first, in the
// order of the sequence. It is false, and the newest, where none was.
func (f *Follower) firstModified(paths []string, t time.Time) (int, bool) {
	for i, path := range paths {
		if info, err := f.opt.Stat(path); err == nil && !info.ModTime().Before(t) {
			return i, true
		}
	}
	return len(paths) - 1, false
}

func (f *Follower) beginAt(paths []string, i int) error {
	if i < 0 {
		return fileError("open", f.path, fs.ErrNotExist)
	}
	next, err := f.open(paths[i])
	if err == nil {
		f.adopt(next)
	}
	return err
}

// skipTo leaves out what the open file holds before offset.
func (f *Follower) skipTo(offset int64) {
	p := place{Offset: offset, Head: fingerprint{Length: int(min(offset, headBytes))}, Tail: fingerprint{Length: int(min(offset, tailBytes))}}
	if head, tail, ok := p.read(f.file); ok {
		f.standAt(offset, head, tail)
		f.skipping = offset > 0 && tail[len(tail)-1] != '\n' && tail[len(tail)-1] != 0
	}
}

// nextInSequence returns the file to go on with when the open one is drained:
// the one that was saved under its name, or the first that has content and was
// not passed. One that sorts before the open one counts only when it is new.
func (f *Follower) nextInSequence() (*opened, bool, error) {
	paths, err := f.opt.Files()
	if err != nil {
		return nil, true, fileError("list", f.path, err)
	}
	var closed error
	lost := int64(0)
	at := slices.Index(paths, f.file.path)
	for i, path := range paths {
		if f.passed[path] && (i != at || f.isHome) {
			continue
		}
		next, err := f.open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			closed = cmp.Or(closed, err)
			lost++
			continue
		}
		recent := f.now.Sub(next.info.ModTime()).Abs() <= createdWithin
		if (i >= at || recent) && worthReading(next) && !f.wasRead(next) {
			f.stats.Lost += lost
			return next, true, nil
		}
		next.Close() //nolint:errcheck // read only
	}
	return nil, true, closed
}
