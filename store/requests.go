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
	if until.Before(since) {
		return fmt.Errorf("store: requests %s to %s: %w", stamp(since), stamp(until), ErrInvalid)
	}
	from, end := timeKey(since), timeKey(until)
	for from != nil {
		var chunk []attribution.Charge
		err := s.view(ctx, "requests", func(tx *bbolt.Tx) (err error) {
			chunk, from, err = readRequests(tx, from, end)
			return err
		})
		if err != nil {
			return err
		}
		for _, c := range chunk {
			if err := fn(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// readRequests reads a chunk of the rows in [from, end) and returns the key
// that the next chunk starts at; nil after the last.
func readRequests(tx *bbolt.Tx, from, end []byte) (chunk []attribution.Charge, next []byte, err error) {
	n, err := loadNames(tx)
	if err != nil {
		return nil, nil, err
	}
	c := bucket(tx, nameRequests).Cursor()
	for k, v := c.Seek(from); k != nil && bytes.Compare(k, end) < 0; k, v = c.Next() {
		if len(chunk) == requestChunk {
			return chunk, bytes.Clone(k), nil
		}
		charge, err := decodeCharge(k, v, n)
		if err != nil {
			return nil, nil, err
		}
		chunk = append(chunk, charge)
	}
	return chunk, nil, nil
}
