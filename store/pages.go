package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"go.etcd.io/bbolt"
)

// The layout of a bbolt file, as go.etcd.io/bbolt/internal/common has it. A
// page begins with its number (8 bytes), type (2), count of elements (2) and
// number of pages that it runs over into (4).
const (
	pageHeader  = 16
	elementSize = 16 // in branch and leaf pages alike
	branchPage  = 1
	leafPage    = 2
	bucketFlag  = 1
	bucketSize  = 16 // root page and sequence, before the page of an inline bucket
	maxDepth    = 64
)

// checkPages reads every page in use once and holds it against the rules of a
// bbolt file. bbolt trusts its file: on a page that makes no sense it panics,
// when it opens for writing even on a goroutine of its own, which nothing can
// recover. After checkPages it has no reason to.
func checkPages(tx *bbolt.Tx, file io.ReaderAt) error {
	size := tx.DB().Info().PageSize
	c := pageCheck{file: file, size: size, seen: make([]bool, tx.Size()/int64(size))}
	return c.tree(uint64(tx.Cursor().Bucket().RootPage()), bounds{}, 0)
}

type pageCheck struct {
	file io.ReaderAt
	size int
	seen []bool // by page number: part of the tree
}

// bounds are the keys that a subtree may hold: [low, high); nil is no bound.
type bounds struct{ low, high []byte }

func damagedPage(id uint64, format string, args ...any) error {
	return fmt.Errorf("%w: page %d: %s", ErrDamaged, id, fmt.Sprintf(format, args...))
}

// read returns the page with what it runs over into.
func (c *pageCheck) read(id uint64) ([]byte, error) {
	if id < 2 || id >= uint64(len(c.seen)) {
		return nil, damagedPage(id, "not in the file")
	}
	header := make([]byte, pageHeader)
	if _, err := c.file.ReadAt(header, int64(id)*int64(c.size)); err != nil {
		return nil, err
	}
	if named := binary.LittleEndian.Uint64(header); named != id {
		return nil, damagedPage(id, "calls itself %d", named)
	}
	end := id + uint64(binary.LittleEndian.Uint32(header[12:])) + 1
	if end > uint64(len(c.seen)) {
		return nil, damagedPage(id, "runs over the end of the file")
	}
	for i := id; i < end; i++ {
		if c.seen[i] {
			return nil, damagedPage(i, "is used twice")
		}
		c.seen[i] = true
	}
	page := make([]byte, (end-id)*uint64(c.size))
	_, err := c.file.ReadAt(page, int64(id)*int64(c.size))
	return page, err
}

// tree checks a page and all below it.
func (c *pageCheck) tree(id uint64, within bounds, depth int) error {
	page, err := c.read(id)
	if err != nil {
		return err
	}
	if depth > maxDepth {
		return damagedPage(id, "lies too deep")
	}
	switch kind := binary.LittleEndian.Uint16(page[8:]); kind {
	case branchPage:
		return c.branch(id, page, within, depth)
	case leafPage:
		return c.leaf(id, page, within, depth)
	default:
		return damagedPage(id, "has the type %#x", kind)
	}
}

// elements returns the count of elements, having made sure that they fit.
func elements(id uint64, page []byte) (int, error) {
	n := int(binary.LittleEndian.Uint16(page[10:]))
	if pageHeader+n*elementSize > len(page) {
		return 0, damagedPage(id, "has no room for %d elements", n)
	}
	return n, nil
}

func (c *pageCheck) branch(id uint64, page []byte, within bounds, depth int) error {
	n, err := elements(id, page)
	if err != nil {
		return err
	}
	if n == 0 {
		return damagedPage(id, "branches to nothing")
	}
	keys, children := make([][]byte, n), make([]uint64, n)
	for i := range n {
		at := pageHeader + i*elementSize
		e := page[at:]
		if keys[i], err = bytesOf(id, e, binary.LittleEndian.Uint32(e), 0, binary.LittleEndian.Uint32(e[4:])); err != nil {
			return err
		}
		children[i] = binary.LittleEndian.Uint64(e[8:])
	}
	if err := inOrder(id, keys, within); err != nil {
		return err
	}
	for i, child := range children {
		below := bounds{low: keys[i], high: within.high}
		if i+1 < n {
			below.high = keys[i+1]
		}
		if err := c.tree(child, below, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (c *pageCheck) leaf(id uint64, page []byte, within bounds, depth int) error {
	n, err := elements(id, page)
	if err != nil {
		return err
	}
	keys := make([][]byte, n)
	for i := range n {
		e := page[pageHeader+i*elementSize:]
		pos, keySize, valueSize := binary.LittleEndian.Uint32(e[4:]), binary.LittleEndian.Uint32(e[8:]), binary.LittleEndian.Uint32(e[12:])
		if keys[i], err = bytesOf(id, e, pos, 0, keySize); err != nil {
			return err
		}
		value, err := bytesOf(id, e, pos, keySize, valueSize)
		if err != nil {
			return err
		}
		if binary.LittleEndian.Uint32(e)&bucketFlag == 0 {
			continue
		}
		if err := c.bucket(id, value, depth); err != nil {
			return err
		}
	}
	return inOrder(id, keys, within)
}

// bucket checks a bucket inside a leaf: its own tree, or the page it holds.
func (c *pageCheck) bucket(id uint64, value []byte, depth int) error {
	if len(value) < bucketSize {
		return damagedPage(id, "has a bucket of %d bytes", len(value))
	}
	if root := binary.LittleEndian.Uint64(value); root != 0 {
		return c.tree(root, bounds{}, depth+1)
	}
	inline := value[bucketSize:]
	if len(inline) < pageHeader || binary.LittleEndian.Uint16(inline[8:]) != leafPage || depth > maxDepth {
		return damagedPage(id, "has an inline bucket that is not a leaf")
	}
	// A page within another has no number: bbolt would free the page of that one.
	if binary.LittleEndian.Uint64(inline) != 0 || binary.LittleEndian.Uint32(inline[12:]) != 0 {
		return damagedPage(id, "has an inline bucket with a page number")
	}
	return c.leaf(id, inline, bounds{}, depth+1)
}

// bytesOf returns the n bytes that lie skip bytes after pos in what follows
// the start of an element.
func bytesOf(id uint64, element []byte, pos, skip, n uint32) ([]byte, error) {
	from := uint64(pos) + uint64(skip)
	if from+uint64(n) > uint64(len(element)) {
		return nil, damagedPage(id, "has an element that reaches out of it")
	}
	return element[from : from+uint64(n)], nil
}

func inOrder(id uint64, keys [][]byte, within bounds) error {
	for i, k := range keys {
		switch {
		case i > 0 && bytes.Compare(k, keys[i-1]) <= 0:
			return damagedPage(id, "keys are not in order")
		case within.low != nil && bytes.Compare(k, within.low) < 0, within.high != nil && bytes.Compare(k, within.high) >= 0:
			return damagedPage(id, "holds a key of another page")
		}
	}
	return nil
}
