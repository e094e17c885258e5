package requestlog

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxSiblings bounds how many rotations of a log are considered.
const maxSiblings = 4096

// sibling is a file beside the log that may be one of its rotations.
type sibling struct {
	path  string
	info  fs.FileInfo
	name  rotation
	named bool // else it is known by its inode alone, and has no name of a rotation
}

// later lists the rotations younger than the open file, oldest first, and
// counts those of them that are compressed. It is not ok when the folder
// changed while it was read.
func (f *Follower) later() (later []sibling, lost int64, ok bool) {
	all := f.siblings(nil)
	if !sameFiles(all, f.siblings(nil)) {
		return nil, 0, false
	}
	open, err := f.file.Stat()
	if err != nil {
		return nil, 0, true
	}
	plain, packed := split(all)
	lost = younger(packed, open.ModTime())
	at := slices.IndexFunc(plain, func(s sibling) bool { return sameFile(s.info, open) })
	if at < 0 && lost > 0 {
		lost-- // the open file itself, it must be thought
	}
	for i, s := range plain {
		// The order within a family is surer than the times; between two there
		// are only these.
		after := s.info.ModTime().Compare(open.ModTime())
		if at >= 0 && (after == 0 || s.name.sameFamily(plain[at].name)) {
			after = cmp.Compare(i, at)
		}
		if after > 0 {
			later = append(later, s)
		}
	}
	return later, lost, true
}

func younger(all []sibling, t time.Time) (n int64) {
	for _, s := range all {
		if s.info.ModTime().After(t) {
			n++
		}
	}
	return n
}

// split parts the rotations that can be read from those that are compressed.
func split(all []sibling) (plain, packed []sibling) {
	for _, s := range all {
		if s.name.packed {
			packed = append(packed, s)
		} else {
			plain = append(plain, s)
		}
	}
	return plain, packed
}

// readable lists the files that may hold what was read of the log: its
// rotations that are not compressed and those that also selects, oldest first.
func (f *Follower) readable(also func(fs.FileInfo) bool) []sibling {
	if f.opt.Files != nil {
		return nil
	}
	plain, _ := split(f.siblings(also))
	return plain
}

// siblings lists the rotations beside the log and the files that also selects,
// oldest first.
func (f *Follower) siblings(also func(fs.FileInfo) bool) []sibling {
	log := f.target()
	dir, err := os.Open(filepath.Dir(log))
	if err != nil {
		return nil
	}
	defer dir.Close() //nolint:errcheck // read only
	var out []sibling
	for len(out) < maxSiblings {
		entries, err := dir.ReadDir(256)
		for _, e := range entries {
			if s, ok := siblingOf(log, e, also); ok {
				out = append(out, s)
			}
		}
		if err != nil || len(entries) == 0 {
			break
		}
	}
	sortByAge(out)
	return out
}

// target is the log's path with its links followed: rotations lie beside the
// file itself. While it leads nowhere, it is the path.
func (f *Follower) target() string {
	if path, err := filepath.EvalSymlinks(f.path); err == nil {
		return path
	}
	return f.path
}

func siblingOf(log string, e fs.DirEntry, also func(fs.FileInfo) bool) (sibling, bool) {
	base := filepath.Base(log)
	name, rotated := parseRotation(base, e.Name())
	if !e.Type().IsRegular() || e.Name() == base || !rotated && also == nil {
		return sibling{}, false
	}
	info, err := e.Info()
	if err != nil || !rotated && !also(info) {
		return sibling{}, false
	}
	return sibling{filepath.Join(filepath.Dir(log), e.Name()), info, name, rotated}, true
}

// sortByAge sorts oldest first: by the time of the last change, but for files
// that are numbered in one way by their numbers, which no touch changes, nor a
// clock that was set. The highest number is the oldest, unless the times say
// otherwise too often for chance.
func sortByAge(all []sibling) {
	slices.SortFunc(all, func(a, b sibling) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(a.path, b.path))
	})
	families := map[string][]int{} // indices in all
	for i, s := range all {
		if s.name.numbered {
			families[s.name.family] = append(families[s.name.family], i)
		}
	}
	for _, places := range families {
		sortByNumber(all, places)
	}
}

// sortByNumber sorts the siblings at places, which are in order of time.
func sortByNumber(all []sibling, places []int) {
	family := make([]sibling, len(places))
	for i, at := range places {
		family[i] = all[at]
	}
	slices.SortStableFunc(family, func(a, b sibling) int { return cmp.Compare(b.name.number, a.name.number) })
	rising := 0
	for i := range len(family) - 1 {
		rising += family[i].info.ModTime().Compare(family[i+1].info.ModTime())
	}
	if rising >= 2 {
		slices.Reverse(family)
	}
	for i, at := range places {
		all[at] = family[i]
	}
}

// sameFiles is true when nothing was renamed between two looks at the folder.
func sameFiles(a, b []sibling) bool {
	return slices.EqualFunc(a, b, func(a, b sibling) bool { return a.path == b.path && sameFile(a.info, b.info) })
}

func sameFile(a, b fs.FileInfo) bool { return os.SameFile(a, b) }
