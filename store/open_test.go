package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
	"github.com/sovmeter/sovmeter/store/storetest"
)

// quick does not wait for a lock that is not going to be let go.
func quick() store.Options { return store.Options{Timeout: time.Millisecond} }

func mustOpen(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // most tests close it before
	return s
}

func mustClose(t testing.TB, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// wantOpenError demands the sentinel, the path and a hint.
func wantOpenError(t *testing.T, err, want error, path string) {
	t.Helper()
	var e *store.OpenError
	if !errors.Is(err, want) || !errors.As(err, &e) {
		t.Fatalf("got %v, want an OpenError with %v", err, want)
	}
	if !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") || e.Hint() == "" {
		t.Errorf("message %q, hint %q", err, e.Hint())
	}
}

func TestOpenCreates(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	mustClose(t, mustOpen(t, path))
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v; want 0640", info.Mode(), err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("files left: %v, %v", files, err)
	}
	storetest.CheckFile(t, path)
}

func TestOpenFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "store.db")
	_, err := store.Open(path, quick())
	wantOpenError(t, err, store.ErrNoFolder, path)
	s, err := store.Open(path, store.Options{CreateFolder: true})
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
}

func TestOpenLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := mustOpen(t, path)
	_, err := store.Open(path, quick())
	wantOpenError(t, err, store.ErrLocked, path)
	_, err = store.OpenReadOnly(path, quick())
	wantOpenError(t, err, store.ErrLocked, path)
	mustClose(t, s)

	a, err := store.OpenReadOnly(path, quick())
	if err != nil {
		t.Fatal(err)
	}
	b, err := store.OpenReadOnly(path, quick())
	if err != nil {
		t.Fatal("a second reader:", err)
	}
	mustClose(t, a)
	mustClose(t, b)
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	_, err := store.OpenReadOnly(path, quick())
	wantOpenError(t, err, store.ErrNoStore, path)
	mustClose(t, mustOpen(t, path))
	s, err := store.OpenReadOnly(path, quick())
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	if err := s.Commit(t.Context(), attribution.Batch{}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("commit: %v", err)
	}
	if _, err := s.Prune(t.Context(), time.Now()); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("prune: %v", err)
	}
	if _, err := s.Range(t.Context(), time.Time{}, time.Now()); err != nil {
		t.Errorf("range: %v", err)
	}
}

// TestNotAStore opens files that are something else, and folders.
func TestNotAStore(t *testing.T) {
	for name, write := range map[string]func(path string) error{
		"empty": func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"text": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("not a store\n", 2000)), 0o600)
		},
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"other bbolt file": func(path string) error {
			return withBolt(path, func(tx *bbolt.Tx) error {
				_, err := tx.CreateBucket([]byte("pods"))
				return err
			})
		},
		"other application": func(path string) error {
			return withBolt(path, func(tx *bbolt.Tx) error {
				b, err := tx.CreateBucket([]byte("meta"))
				if err != nil {
					return err
				}
				return b.Put([]byte("application"), []byte("other"))
			})
		},
		"bbolt file without buckets": func(path string) error { return withBolt(path, func(*bbolt.Tx) error { return nil }) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if err := write(path); err != nil {
				t.Fatal(err)
			}
			_, err := store.Open(path, quick())
			wantOpenError(t, err, store.ErrNotStore, path)
			_, err = store.OpenReadOnly(path, quick())
			wantOpenError(t, err, store.ErrNotStore, path)
		})
	}
}

func withBolt(path string, fn func(*bbolt.Tx) error) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, PageSize: 4096})
	if err != nil {
		return err
	}
	return errors.Join(db.Update(fn), db.Close())
}

func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	mustClose(t, mustOpen(t, path))
	err := withBolt(path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte{0, 0, 0, 0, 0, 0, 0, 99})
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(path, quick())
	wantOpenError(t, err, store.ErrNewerSchema, path)
}

func TestForbidden(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may open everything")
	}
	path := filepath.Join(t.TempDir(), "store.db")
	mustClose(t, mustOpen(t, path))
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(path, quick())
	wantOpenError(t, err, fs.ErrPermission, path)
}

// TestOpenTogether lets many processes' worth of opens create the same store:
// one wins, the others find it locked, and nobody replaces its file.
func TestOpenTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	results := make(chan error)
	opened := make(chan *store.Store, 8)
	for range 8 {
		go func() {
			s, err := store.Open(path, quick())
			if err == nil {
				opened <- s
			}
			results <- err
		}()
	}
	for range 8 {
		if err := <-results; err != nil && !errors.Is(err, store.ErrLocked) {
			t.Error(err)
		}
	}
	if len(opened) > 1 {
		t.Errorf("%d have the store open for writing", len(opened))
	}
	for len(opened) > 0 {
		s := <-opened
		if err := s.Commit(t.Context(), attribution.Batch{At: time.Unix(1, 0)}); err != nil {
			t.Error(err)
		}
		mustClose(t, s)
		if info := infoOf(t, path); !info.Committed.Equal(time.Unix(1, 0)) {
			t.Error("the store that was written to has no name any more")
		}
	}
}

func infoOf(t *testing.T, path string) store.Info {
	t.Helper()
	s, err := store.OpenReadOnly(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}
