package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// requestChunk is how many requests are read in one transaction. A long read
// transaction would keep the pages it sees from being used again, and wait
// with a writer for the file to grow.
const requestChunk = 512

// Requests calls fn for every request that ended in [since, until), in the
// order of their ends. It holds no transaction while fn runs, so fn may take
// its time and use the store; an error that fn returns ends the walk and is
// returned as it is. Requests committed meanwhile may or may not be seen.
func (s *Store) Requests(ctx context.Context, since, until time.Time, fn func(attribution.Charge) error) error {
	return eachRow(ctx, s, "requests", since, until, fn, nameRequests, decodeCharge)
}

// eachRow walks over the rows of a bucket that ended in [since, until), chunk by
// chunk. Names are read once, however many chunks there are.
func eachRow[T any](ctx context.Context, s *Store, what string, since, until time.Time, fn func(T) error,
	bucketName string, decode func(key, value []byte, n *names) (T, error),
) error {
	if until.Before(since) {
		return fmt.Errorf("store: %s %s to %s: %w", what, stamp(since), stamp(until), ErrInvalid)
	}
	from, end, n := timeKey(since), timeKey(until), newNames()
	for from != nil {
		var chunk []T
		err := s.view(ctx, what, func(tx *bbolt.Tx) (err error) {
			if err := n.load(tx); err != nil {
				return err
			}
			chunk, from, err = readRows(tx, bucketName, from, end, n, decode)
			return err
		})
		if err != nil {
			return err
		}
		for _, row := range chunk {
			if err := fn(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// readRows reads a chunk of the rows of a bucket in [from, end), and the key that
// the next one starts at; nil after the last.
func readRows[T any](tx *bbolt.Tx, name string, from, end []byte, n *names, decode func(key, value []byte, n *names) (T, error)) (chunk []T, next []byte, err error) {
	c := bucket(tx, name).Cursor()
	for k, v := c.Seek(from); k != nil && bytes.Compare(k, end) < 0; k, v = c.Next() {
		if len(chunk) == requestChunk {
			return chunk, bytes.Clone(k), nil
		}
		row, err := decode(k, v, n)
		if err != nil {
			return nil, nil, err
		}
		chunk = append(chunk, row)
	}
	return chunk, nil, nil
}
