package store

import (
	"fmt"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// walk reads every page of the file once. bbolt panics on a page that makes no
// sense, and a page that cannot be read is a fault in mapped memory; both
// become ErrDamaged here. It runs nothing but bbolt, so no mistake of ours can
// hide in it.
func walk(tx *bbolt.Tx) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
		return walkBucket(string(name), b)
	})
}

// walkBucket also holds the keys against their order: a page in the wrong
// place is a whole page otherwise.
func walkBucket(name string, b *bbolt.Bucket) error {
	var last []byte
	c := b.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if last != nil && string(k) <= string(last) {
			return corrupt(name, k, "key is not after the one before it")
		}
		if v == nil && b.Bucket(k) == nil {
			return corrupt(name, k, "neither a value nor a bucket")
		}
		last = k
	}
	return nil
}
