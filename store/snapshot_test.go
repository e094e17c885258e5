package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
	"github.com/sovmeter/sovmeter/store/storetest"
)

func TestSnapshot(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir := t.TempDir()
		s := mustOpen(t, filepath.Join(dir, "store.db"))
		feed := storetest.NewFeed()
		if err := s.Commit(t.Context(), feed.Next(r)); err != nil {
			r.Fatalf("%v", err)
		}
		copied := filepath.Join(dir, "snapshot.db")
		for range 2 { // the second replaces the first
			if err := s.Snapshot(t.Context(), copied); err != nil {
				r.Fatalf("%v", err)
			}
		}
		snapshotted := *feed
		if err := s.Commit(t.Context(), feed.Next(r)); err != nil {
			r.Fatalf("%v", err)
		}
		c, err := store.OpenReadOnly(copied, store.Options{})
		if err != nil {
			r.Fatalf("%v", err)
		}
		storetest.CheckFed(r, c, &snapshotted)
		storetest.CheckFed(r, s, feed)
		mustClose(t, c)
		mustClose(t, s)
		storetest.CheckFile(t, copied)
	})
}

func TestSnapshotFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	s := mustOpen(t, path)
	if err := s.Snapshot(t.Context(), path); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("onto itself: %v", err)
	}
	if err := s.Snapshot(t.Context(), filepath.Join(dir, "missing", "snapshot.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into a missing folder: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Snapshot(ctx, filepath.Join(dir, "snapshot.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := s.Snapshot(&endsLater{Context: t.Context(), asks: 3}, filepath.Join(dir, "snapshot.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while copying: %v", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("files left: %v, %v", files, err)
	}
	if err := s.Commit(t.Context(), attribution.Batch{}); err != nil {
		t.Errorf("commit afterwards: %v", err)
	}
}

// endsLater is a context that ends when it was asked a number of times.
type endsLater struct {
	context.Context
	asks int
}

func (c *endsLater) Err() error {
	if c.asks--; c.asks < 0 {
		return context.Canceled
	}
	return nil
}
