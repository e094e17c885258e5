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

// Position is where a Follower stands, to be found again after a restart, even
// when the log was rotated in between.
type Position struct {
	Device uint64      `cbor:"1,keyasint"`
	Inode  uint64      `cbor:"2,keyasint"`
	Head   fingerprint `cbor:"3,keyasint"` // of the file's first bytes
	// Offset is the start of the first line that was not handed over; with
	// Skipping it lies inside a line too long to keep.
	Offset   int64       `cbor:"4,keyasint"`
	Tail     fingerprint `cbor:"5,keyasint"` // of the bytes before Offset
	Skipping bool        `cbor:"6,keyasint"`
	// AtEnd is when the file was last seen read to its end, in Unix
	// nanoseconds; 0: never.
	AtEnd int64 `cbor:"7,keyasint"`
}

// printOf hashes want bytes of f from offset on, or as many as there are. It
// is zero when they cannot be read.
func printOf(f io.ReaderAt, offset int64, want int) fingerprint {
	var buf [headBytes]byte
	n, err := f.ReadAt(buf[:want], offset)
	if err != nil && err != io.EOF {
		return fingerprint{}
	}
	h := fnv.New64a()
	h.Write(buf[:n]) //nolint:errcheck // a hash never fails
	return fingerprint{Length: n, Sum: h.Sum64()}
}

// tailOf hashes the bytes of f just before offset.
func tailOf(f io.ReaderAt, offset int64) fingerprint {
	n := min(offset, tailBytes)
	return printOf(f, offset-n, int(n))
}

// holds is true when the stretch of f at offset still has the hash p, and also
// when it cannot be read now: then nothing speaks against it yet.
func (p fingerprint) holds(f io.ReaderAt, offset int64) bool {
	if p.Length == 0 {
		return true
	}
	now := printOf(f, offset, p.Length)
	return now == p || now == (fingerprint{})
}

// matches is true when f can be the file that p was taken from.
func (p Position) matches(f io.ReaderAt, info fs.FileInfo) bool {
	if info.Size() < p.Offset || p.Head.Length > headBytes || p.Tail.Length > tailBytes {
		return false
	}
	if p.Offset < int64(p.Tail.Length) || !p.Head.holds(f, 0) {
		return false
	}
	return p.Tail.holds(f, p.Offset-int64(p.Tail.Length))
}

// sameInode is true when info describes the very file that p was taken from.
func (p Position) sameInode(info fs.FileInfo) bool {
	device, number := inode(info)
	return number != 0 && device == p.Device && number == p.Inode
}
