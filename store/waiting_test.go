package store

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// TestNobodyWaits: while somebody reads for long, as a snapshot does, commits
// go on that make the file grow many times, and so do reports.
func TestNobodyWaits(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	slow, err := s.db.Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		begin := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
		var errs error
		for i := range 40 {
			var b attribution.Batch
			for j := range 60 {
				work(&b, begin.Add(time.Duration(60*i+j)*time.Minute), 60*i+j)
			}
			_, err := s.Range(t.Context(), begin, begin.Add(time.Hour))
			errs = errors.Join(errs, err, s.Commit(t.Context(), b))
		}
		done <- errs
	}()
	select {
	case err = <-done:
	case <-time.After(time.Minute):
		err = errors.New("a commit or a report waits for a reader")
	}
	if err := errors.Join(err, slow.Rollback()); err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(t.Context())
	if err := errors.Join(err, s.Close()); err != nil || info.Bytes < 1<<20 {
		t.Errorf("the file has grown to %d bytes: %v", info.Bytes, err)
	}
}
