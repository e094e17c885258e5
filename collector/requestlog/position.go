package requestlog

import (
	"hash/fnv"
	"io"
	"io/fs"
)

// headBytes and tailBytes are how much of a file is hashed to know it again:
// its first bytes, and the last ones before the reading position. A log that
// was rewritten in place differs in the second even when it kept its size.
const (
	headBytes = 256
	tailBytes = 64
)

// fingerprint is a hash over a stretch of a file. Content never leaves the file.
type fingerprint struct {
	Length int    `cbor:"1,keyasint"`
	Sum    uint64 `cbor:"2,keyasint"`
}

// of reports whether p is the hash of data.
func (p fingerprint) of(data []byte) bool {
	return p.Length == len(data) && (p.Length == 0 || p == printOf(data))
}

// place is how far a file was read, told so that the file is known again under
// another name, and that a copy of it is.
type place struct {
	Device uint64      `cbor:"1,keyasint"`
	Inode  uint64      `cbor:"2,keyasint"`
	Head   fingerprint `cbor:"3,keyasint"` // of the file's first bytes
	// Offset is the start of the first line that was not handed over; with
	// Skipping it lies inside a line too long to keep.
	Offset int64       `cbor:"4,keyasint"`
	Tail   fingerprint `cbor:"5,keyasint"` // of the bytes before Offset
}

// Position is where a Follower stands, to be found again after a restart, even
// when the log was rotated in between.
type Position struct {
	place
	Skipping bool `cbor:"6,keyasint"`
	// AtEnd is when the log was last seen read to its end, in Unix
	// nanoseconds; 0: never.
	AtEnd int64 `cbor:"7,keyasint"`
	// Done are the files that were read before this one, so that a later touch
	// or a backup does not make them look new.
	Done []place `cbor:"8,keyasint,omitempty"`
	// Before is of the bytes before the place beforeEnd: with Head it tells a
	// file that lost its end from one that was begun anew.
	Before fingerprint `cbor:"9,keyasint,omitempty"`
}

// beforeEnd is how far the first seven eighths of what was read go: what a
// crash of the machine takes away of a log of some size is less than the rest,
// and the greeting that a server begins every log with is shorter.
func (p place) beforeEnd() int64 { return p.Offset - p.Offset/8 }

// holdsMost is true for a file that holds what was read but for its end, if that
// is missing.
func (p Position) holdsMost(f io.ReaderAt) bool {
	most := place{Head: p.Head, Offset: p.beforeEnd(), Tail: p.Before}
	return p.Before.Length > 0 && most.matches(f)
}

// before is the hash of the open file's bytes before p.beforeEnd().
func (f *Follower) before(p place) fingerprint {
	b := f.scratch[:min(tailBytes, p.beforeEnd())]
	n, _ := f.file.ReadAt(b, p.beforeEnd()-int64(len(b)))
	return printOf(b[:n])
}

// printOf hashes data. Of nothing it is zero.
func printOf(data []byte) fingerprint {
	if len(data) == 0 {
		return fingerprint{}
	}
	h := fnv.New64a()
	h.Write(data) //nolint:errcheck // a hash never fails
	return fingerprint{Length: len(data), Sum: h.Sum64()}
}

// read reads the bytes of f that p has hashes of. It is false when f does not
// have them all.
func (p place) read(f io.ReaderAt) (head, tail []byte, ok bool) {
	if min(p.Head.Length, p.Tail.Length) < 0 || p.Head.Length > headBytes || p.Tail.Length > tailBytes ||
		p.Offset < int64(p.Tail.Length) {
		return nil, nil, false
	}
	head, tail = make([]byte, p.Head.Length), make([]byte, p.Tail.Length)
	if n, _ := f.ReadAt(head, 0); n < len(head) {
		return nil, nil, false
	}
	n, _ := f.ReadAt(tail, p.Offset-int64(len(tail)))
	return head, tail, n == len(tail)
}

// edges reads the same bytes and reports whether they have the hashes: f can be
// the file that p was taken from, or a copy of it.
func (p place) edges(f io.ReaderAt) (head, tail []byte, same bool) {
	head, tail, ok := p.read(f)
	return head, tail, ok && p.Head.of(head) && p.Tail.of(tail)
}

// matches is true when f can be the file that p was taken from, or a copy.
func (p place) matches(f io.ReaderAt) bool {
	_, _, same := p.edges(f)
	return same
}

// sameInode is true when info describes the very file that p was taken from,
// or one that got its number after it was deleted.
func (p place) sameInode(info fs.FileInfo) bool {
	device, number := inode(info)
	return number != 0 && device == p.Device && number == p.Inode
}

// blank is true for a place in a file of which nothing was read: only its
// inode tells it.
func (p place) blank() bool { return p.Offset == 0 && p.Head.Length == 0 }

// placeAt is the place in the open file of the byte buf[i].
func (f *Follower) placeAt(i int) place {
	p := place{
		Head: printOf(f.first), Offset: f.start + int64(i-f.kept),
		Tail: printOf(f.buf[max(0, i-tailBytes):i]),
	}
	p.Device, p.Inode = inode(f.file.info)
	return p
}

// here is the end of what was read of the open file, half lines included.
func (f *Follower) here() place { return f.placeAt(len(f.buf)) }
