package store

import (
	"context"
	"time"

	"go.etcd.io/bbolt"
)

// Info tells what a store is, for people and for those who judge its age.
type Info struct {
	Path   string `json:"path"`
	Schema uint64 `json:"schema"`
	// Committed is when the newest batch was made; zero when the store is new.
	// Of a snapshot it is the snapshot's age.
	Committed time.Time `json:"committed"`
	// LastEnd is the end of the newest window or gap; zero when there is none.
	LastEnd time.Time `json:"last_end"`
	// Closed: what ended up to then is booked; zero when nothing is.
	Closed time.Time `json:"closed"`
	Bytes  int64     `json:"bytes"` // in use, the file may be larger
}

// Info returns what the store is.
func (s *Store) Info(ctx context.Context) (Info, error) {
	info := Info{Path: s.path}
	err := s.view(ctx, "info", func(tx *bbolt.Tx) error {
		m, err := loadMarks(tx)
		if err != nil {
			return err
		}
		info.Committed, info.LastEnd, info.Closed, info.Bytes = m.at, m.lastEnd, m.closed, tx.Size()
		info.Schema, err = schemaOf(tx)
		return err
	})
	if err != nil {
		return Info{}, err
	}
	return info, nil
}

// Written is how many bytes of pages the commits of this process have written,
// for those who watch what the meter costs.
func (s *Store) Written() int64 {
	stats := s.db.Stats()
	return stats.TxStats.GetPageAlloc()
}
