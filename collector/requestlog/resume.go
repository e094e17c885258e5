package requestlog

import (
	"errors"
	"io"
	"slices"
)

// openFirst opens the file to begin with: the one that the position to resume
// was taken from, wherever a rotation has put it, or else the log itself. It
// opens none, and leaves that to the next poll, while names are changing.
func (f *Follower) openFirst() error {
	if f.opt.Files != nil {
		return f.openSequence()
	}
	if f.resume == nil {
		log, err := f.open(f.path)
		if err == nil {
			f.adopt(log)
		}
		return err
	}
	for range rotationTries {
		if done, err := f.openResumed(); done || err != nil {
			return err
		}
	}
	return nil
}

// openResumed is false when the file that was being read was not found and may
// have slipped through, as names changed meanwhile.
func (f *Follower) openResumed() (bool, error) {
	was, _ := f.opt.Stat(f.path)
	siblings := f.readable(f.resume.sameInode)
	paths := []string{f.path}
	for _, s := range siblings {
		paths = append(paths, s.path)
	}
	if f.resumeIn(paths) || f.resumeCut(paths) {
		return true, nil
	}
	log, err := f.open(f.path)
	if err != nil {
		return false, err
	}
	if !sameFiles(siblings, f.readable(f.resume.sameInode)) || was == nil || !sameFile(was, log.info) {
		return false, log.Close()
	}
	if _, err := log.ReadAt(f.scratch[:1], 0); err != nil && !errors.Is(err, io.EOF) {
		log.Close() //nolint:errcheck // read only
		return false, fileError("read", f.path, err)
	}
	f.stats.Lost += max(1, f.lostSince())
	if f.resume.sameInode(log.info) { // truncated: a copy of it that is too short was read
		siblings = slices.DeleteFunc(siblings, f.beginsAlike)
	}
	if old := f.firstSince(siblings); old != nil {
		log.Close() //nolint:errcheck // read only
		log = old
	}
	f.resume = nil
	f.adopt(log)
	return true, nil
}

// resumeIn goes on in the file that the position was taken from, if it is among
// the paths. The same inode is the best of signs, but no proof: inodes are
// reused. Content is one, but for logs that begin alike.
func (f *Follower) resumeIn(paths []string) bool {
	p := *f.resume
	for _, sure := range []bool{true, false} {
		for _, path := range paths {
			old, err := f.open(path)
			if err != nil {
				continue
			}
			if sure == p.sameInode(old.info) && (sure || !p.blank()) && f.continueAt(old, p.place) {
				f.skipping, f.resume = p.Skipping, nil
				return true
			}
			old.Close() //nolint:errcheck // read only
		}
	}
	return false
}

// resumeCut goes on in the file that the position was taken from when it has
// lost its end: after a crash of the machine the position is stored and what the
// server wrote last is not. Nothing tells where new text begins, so what is
// there is passed over as far as the old went: nothing is read twice.
func (f *Follower) resumeCut(paths []string) bool {
	p := *f.resume
	for _, path := range paths {
		old, err := f.open(path)
		if err != nil {
			continue
		}
		if p.sameInode(old.info) && p.holdsMost(old) {
			f.stats.Rewrites++
			f.stats.Emptied++
			f.resume = nil
			f.adopt(old)
			f.skipTo(min(p.Offset, old.info.Size()))
			return true
		}
		old.Close() //nolint:errcheck // read only
	}
	return false
}

// continueAt makes next the open file, at the place p, when it holds what was
// read up to there.
func (f *Follower) continueAt(next *opened, p place) bool {
	head, tail, same := p.edges(next)
	if !same {
		return false
	}
	f.adopt(next)
	f.standAt(p.Offset, head, tail)
	return true
}

// standAt moves the reading position of a file that was just opened to offset.
func (f *Follower) standAt(offset int64, head, tail []byte) {
	f.first = append(f.first, head...)
	f.buf = append(f.buf, tail...)
	f.kept, f.start = len(tail), offset
}

// beginsAlike is true for a file that begins as the one that was being read did.
func (f *Follower) beginsAlike(s sibling) bool {
	file, err := f.open(s.path)
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // read only
	p := place{Head: f.resume.Head}
	return !f.resume.blank() && p.matches(file)
}

// firstSince returns where to begin when the file that was being read is gone:
// the oldest rotation that was written to since the log was last at its end.
func (f *Follower) firstSince(siblings []sibling) *opened {
	if f.atEnd.IsZero() {
		return nil
	}
	for _, s := range siblings {
		if !s.named || !s.info.ModTime().After(f.atEnd) {
			continue
		}
		old, err := f.open(s.path)
		if err != nil {
			f.stats.Lost++
			continue
		}
		if worthReading(old) && !isOneOf(old, f.done) {
			return old
		}
		old.Close() //nolint:errcheck // read only
	}
	return nil
}

// lostSince counts the compressed rotations that were written to since the log
// was last at its end.
func (f *Follower) lostSince() int64 {
	if f.atEnd.IsZero() {
		return 0
	}
	_, packed := split(f.siblings(nil))
	return younger(packed, f.atEnd)
}
