package requestlog

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxSiblings bounds how many entries of the log's folder are looked at.
const maxSiblings = 4096

// openFirst opens the file to begin with: the one that the position to resume
// was taken from, wherever a rotation has put it, or else path.
func (f *Follower) openFirst() error {
	next, err := f.open(f.path)
	if f.resume == nil {
		if err != nil {
			return err
		}
		next.isPath = true
		f.adopt(next)
		return nil
	}
	if err == nil && f.fits(next) {
		next.isPath = true
		f.continueIn(next)
		return nil
	}
	if old, rest := f.predecessor(); old != nil {
		if next != nil {
			next.Close() //nolint:errcheck // read only
		}
		f.continueIn(old)
		f.older = rest
		return nil
	}
	if err != nil {
		return err
	}
	f.stats.Lost++
	next.isPath = true
	f.adopt(next)
	f.resume = nil
	return nil
}

// fits is true when next is the file that was being read. The content decides:
// inodes are reused, and copying a log to rotate it changes them.
func (f *Follower) fits(next *successor) bool {
	if f.resume.Offset == 0 && f.resume.Head.Length == 0 {
		return f.resume.sameInode(next.info)
	}
	return f.resume.matches(next, next.info)
}

// continueIn goes on in next where the position says.
func (f *Follower) continueIn(next *successor) {
	f.adopt(next)
	f.start, f.skipping, f.head = f.resume.Offset, f.resume.Skipping, f.resume.Head
	f.tail = tailOf(f.file, f.start)
	f.resume = nil
}

type sibling struct {
	path string
	info fs.FileInfo
}

// predecessor looks beside path for the file that was being read, and returns
// it with the paths of the files rotated after it, in order.
func (f *Follower) predecessor() (*successor, []string) {
	all := f.siblings()
	for i, s := range all {
		next, err := f.open(s.path)
		if err != nil {
			continue
		}
		if !f.fits(next) {
			next.Close() //nolint:errcheck // read only
			continue
		}
		var rest []string
		for _, later := range all[i+1:] {
			if isRotation(f.path, later.path) {
				rest = append(rest, later.path)
			}
		}
		return next, rest
	}
	return nil, nil
}

// between lists the rotations younger than the open file, oldest first: a log
// can be rotated more than once between two polls.
func (f *Follower) between() []string {
	open, err := f.file.Stat()
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range f.siblings() {
		if isRotation(f.path, s.path) && !sameFile(s.info, open) && s.info.ModTime().After(open.ModTime()) {
			out = append(out, s.path)
		}
	}
	return out
}

// siblings lists the files beside path that may be its rotations, by name or
// by inode, oldest first.
func (f *Follower) siblings() []sibling {
	dir, err := os.Open(filepath.Dir(f.path))
	if err != nil {
		return nil
	}
	defer dir.Close()                      //nolint:errcheck // read only
	entries, _ := dir.ReadDir(maxSiblings) // an error leaves what was read before it
	var out []sibling
	for _, e := range entries {
		path := filepath.Join(filepath.Dir(f.path), e.Name())
		if !e.Type().IsRegular() || path == filepath.Clean(f.path) {
			continue
		}
		info, err := e.Info()
		if err != nil || !isRotation(f.path, path) && (f.resume == nil || !f.resume.sameInode(info)) {
			continue
		}
		out = append(out, sibling{path, info})
	}
	slices.SortFunc(out, func(a, b sibling) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(a.path, b.path))
	})
	return out
}

// isRotation is true for names that differ from the log's by a number or a
// date, before or after its extension: server.log.1, server-1.log,
// server.log-20261124. Compressed files are not rotations we can read.
func isRotation(log, other string) bool {
	base, name := filepath.Base(log), filepath.Base(other)
	ext := filepath.Ext(base)
	if rest, ok := strings.CutPrefix(name, base); ok && isSerial(rest) {
		return true
	}
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(base, ext))
	if !ok {
		return false
	}
	rest, ok = strings.CutSuffix(rest, ext)
	return ok && isSerial(rest)
}

func isSerial(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789._-TZ") == ""
}

func sameFile(a, b fs.FileInfo) bool { return os.SameFile(a, b) }
