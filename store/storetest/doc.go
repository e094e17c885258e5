// Package storetest is the contract of a sovmeter store as tests. Every store,
// the real one or a fake that stands in for it, passes [Run]; one that keeps
// its data in a single file at its path passes [Crash] too.
//
//	func TestContract(t *testing.T) {
//		storetest.Run(t, func(path string) (storetest.Store, error) {
//			return store.Open(path, store.Options{})
//		})
//	}
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

// Store is what the daemon needs of a store.
type Store interface {
	store.Source
	Commit(ctx context.Context, batch attribution.Batch) error
	Resume(ctx context.Context) (attribution.Resume, error)
	Requests(ctx context.Context, since, until time.Time, fn func(attribution.Charge) error) error
	RemoteCalls(ctx context.Context, since, until time.Time, fn func(attribution.RemoteCall) error) error
	AddCalibration(ctx context.Context, c attribution.Calibration) error
	Prune(ctx context.Context, now time.Time) (store.Pruned, error)
	Close() error
}

// Opener opens the store at path. Closing a store and opening its path again
// gives what was committed; another path is another store.
type Opener func(path string) (Store, error)

// start opens a new store. When the test ends it is closed, and a store in a
// bbolt file is checked for consistency.
func start(t testing.TB, open Opener) (s Store, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "store.db")
	s, err := open(path)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		CheckFile(t, path)
	})
	return s, path
}

// CheckFile runs bbolt's consistency check over the closed store at path. It
// does nothing when there is no file.
func CheckFile(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		return
	}
	db, err := bbolt.Open(path, 0o640, &bbolt.Options{ReadOnly: true, Timeout: time.Second, PreLoadFreelist: true})
	if err != nil {
		t.Errorf("check %s: %v", path, err)
		return
	}
	defer db.Close() //nolint:errcheck // it was only read
	err = db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			t.Errorf("check %s: %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("check %s: %v", path, err)
	}
}
