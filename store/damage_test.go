package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
	"github.com/sovmeter/sovmeter/store/storetest"
)

const page = 4096

// wholeFile is a store of some size, closed, as bytes, without the room that
// its file has to grow into.
func wholeFile(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	s := mustOpen(t, path)
	feed := newTypical()
	for range 60 {
		b := feed.batch()
		b.Remote = []attribution.RemoteCall{feed.call()}
		b.Charges[0].Request.Client = "editor"
		b.Scoping = []byte("account")
		b.Calibrations = []attribution.Calibration{{Made: b.At, Kind: attribution.CalibrationLadder, Meter: "plug", Scope: attribution.ScopeWall, Base: 5, CPU: 1.2}}
		if err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	used := bytesOf(t, s)
	mustClose(t, s)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file[:used]
}

// usable opens the bytes as a store, asks it everything and commits to it. It
// returns the first error.
func usable(t *testing.T, file []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(path, quick())
	if err != nil {
		return err
	}
	defer mustClose(t, s)
	r, err := s.Resume(t.Context())
	if err != nil {
		return err
	}
	if _, err := s.Range(t.Context(), time.Time{}, time.Now()); err != nil {
		return err
	}
	err = s.Requests(t.Context(), time.Time{}, time.Now(), func(attribution.Charge) error { return nil })
	if err != nil {
		return err
	}
	err = s.RemoteCalls(t.Context(), time.Time{}, time.Now(), func(attribution.RemoteCall) error { return nil })
	if err != nil {
		return err
	}
	return s.Commit(t.Context(), attribution.Batch{State: r.State})
}

// TestDamagedPages spoils single pages of a store. Whatever is spoiled, a
// process that opens the file gets an error or a working store, and lives on.
func TestDamagedPages(t *testing.T) {
	whole := wholeFile(t)
	random := rand.New(rand.NewPCG(3, 4))
	spoils := map[string]func(file, at []byte){
		"zeroed": func(_, at []byte) { clear(at) },
		"noise": func(_, at []byte) {
			for i := range at {
				at[i] = byte(random.Uint32())
			}
		},
		"one byte":       func(_, at []byte) { at[random.IntN(len(at))] ^= byte(1 + random.IntN(255)) },
		"another page":   func(file, at []byte) { copy(at, file[random.IntN(len(file)/page)*page:]) },
		"header zeroed":  func(_, at []byte) { clear(at[:16]) },
		"runs over":      func(_, at []byte) { binary.LittleEndian.PutUint32(at[12:], 1) },
		"endless counts": func(_, at []byte) { binary.LittleEndian.PutUint32(at[10:], 0xffffffff) },
	}
	refused := 0
	for name, spoil := range spoils {
		t.Run(name, func(t *testing.T) {
			for n := 0; n < len(whole)/page; n += 1 + random.IntN(3) {
				file := bytes.Clone(whole)
				spoil(file, file[n*page:(n+1)*page])
				err := usable(t, file)
				if err != nil && !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrNotStore) {
					t.Errorf("page %d: untyped error %v", n, err)
				}
				if err != nil {
					refused++
				}
			}
		})
	}
	if refused == 0 {
		t.Error("no damage was ever noticed")
	}
}

// TestDamagedInlineBucket gives the page of a small bucket, which lies within
// another page, a number: the next commit would free that page, in use or not.
func TestDamagedInlineBucket(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join("testdata", "v4.db"))
	if err != nil {
		t.Fatal(err)
	}
	name := []byte("calibration")
	for _, at := range []int{16, 16 + 12} { // behind root and sequence: the number, and what it runs over into
		file, found := bytes.Clone(whole), 0
		for from := 0; ; {
			i := bytes.Index(file[from:], name)
			if i < 0 {
				break
			}
			from += i + len(name)
			if binary.LittleEndian.Uint64(file[from:]) == 0 {
				file[from+at] = 5
				found++
			}
		}
		if err := usable(t, file); found == 0 || !errors.Is(err, store.ErrDamaged) {
			t.Errorf("byte %d in %d places: %v", at, found, err)
		}
	}
}

func TestCutFile(t *testing.T) {
	whole := wholeFile(t)
	for _, size := range []int{1, page, 2 * page, 3*page + 17, len(whole) / 4} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
				t.Fatal(err)
			}
			for name, open := range map[string]func(string, store.Options) (*store.Store, error){"open": store.Open, "read-only": store.OpenReadOnly} {
				_, err := open(path, quick())
				want := store.ErrDamaged
				if size < 2*page {
					want = store.ErrNotStore
				}
				if !errors.Is(err, want) {
					t.Errorf("%s: got %v, want %v", name, err, want)
				}
			}
		})
	}
}

// TestDamagedValues spoils one value of each bucket. The error names the
// bucket and the key.
func TestDamagedValues(t *testing.T) {
	whole := wholeFile(t)
	for _, bucket := range []string{"names", "tags", "engine", "checkpoint", "windows", "requests", "remote", "slots", "gaps", "calibration"} {
		for name, spoil := range map[string]func([]byte) []byte{
			"version": func(v []byte) []byte { return append([]byte{0xee}, v[1:]...) },
			"empty":   func([]byte) []byte { return []byte{} },
			"cut":     func(v []byte) []byte { return v[:len(v)-1] },
			"longer":  func(v []byte) []byte { return append(bytes.Clone(v), 0) },
		} {
			if bucket == "checkpoint" && (name == "cut" || name == "longer") {
				continue // a checkpoint is whatever its parser wrote
			}
			t.Run(bucket+" "+name, func(t *testing.T) {
				file, key := spoilValue(t, whole, bucket, spoil)
				err := usable(t, file)
				var c *store.CorruptError
				if !errors.As(err, &c) || c.Bucket != bucket || !bytes.Equal(c.Key, key) || !errors.Is(err, store.ErrDamaged) {
					t.Errorf("got %v, want a CorruptError for bucket %s, key %x", err, bucket, key)
				}
			})
		}
	}
}

// spoilValue changes the last value of a bucket, which it makes one for if
// need be.
func spoilValue(t *testing.T, whole []byte, bucket string, spoil func([]byte) []byte) (file, key []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if bucket == "gaps" {
		s := mustOpen(t, path)
		r, err := s.Resume(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		gap := attribution.Gap{Start: r.LastEnd, End: r.LastEnd.Add(time.Minute), Reason: attribution.GapSleep, Scope: attribution.ScopeWall, Energy: 50.25}
		if err := s.Commit(t.Context(), attribution.Batch{State: r.State, Gaps: []attribution.Gap{gap}}); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
	}
	err := withBolt(path, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		k, v := b.Cursor().Last()
		if bucket == "windows" { // the last one is the last that is closed; open it
			return reopenWindow(tx, &key, spoil)
		}
		key = bytes.Clone(k)
		return b.Put(key, spoil(bytes.Clone(v)))
	})
	if err != nil {
		t.Fatal(err)
	}
	if file, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return file, key
}

// reopenWindow puts a spoiled window after the last one, where no booking has
// closed it and Resume reads it.
func reopenWindow(tx *bbolt.Tx, key *[]byte, spoil func([]byte) []byte) error {
	b := tx.Bucket([]byte("windows"))
	k, v := b.Cursor().Last()
	*key = binary.BigEndian.AppendUint64(nil, binary.BigEndian.Uint64(k)+1e9)
	return b.Put(*key, spoil(bytes.Clone(v)))
}

// TestTornCommit crashes in the middle of a commit: of the pages that it
// changed any number have reached the disk, but not the header, which is
// written last. The file must be what it was before the commit.
func TestTornCommit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		s, err := store.Open(path, store.Options{})
		if err != nil {
			r.Fatalf("%v", err)
		}
		feed := storetest.NewFeed()
		for range rapid.IntRange(1, 4).Draw(r, "batches") {
			if err := s.Commit(t.Context(), feed.Next(r)); err != nil {
				r.Fatalf("%v", err)
			}
		}
		before, committed := readFile(r, path), *feed
		if err := s.Commit(t.Context(), feed.Next(r)); err != nil {
			r.Fatalf("%v", err)
		}
		torn := tear(r, before, readFile(r, path))
		if err := s.Close(); err != nil {
			r.Fatalf("%v", err)
		}
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			r.Fatalf("%v", err)
		}
		if s, err = store.Open(path, store.Options{}); err != nil {
			r.Fatalf("reopen: %v", err)
		}
		storetest.CheckFed(r, s, &committed)
		if err := s.Close(); err != nil {
			r.Fatalf("%v", err)
		}
		storetest.CheckFile(t, path)
	})
}

func readFile(r *rapid.T, path string) []byte {
	file, err := os.ReadFile(path)
	if err != nil {
		r.Fatalf("%v", err)
	}
	return file
}

// tear takes some pages of after into before, but not the two headers.
func tear(r *rapid.T, before, after []byte) []byte {
	torn := bytes.Clone(before)
	torn = append(torn, make([]byte, max(0, len(after)-len(torn)))...)
	for at := 2 * page; at < len(after); at += page {
		if !bytes.Equal(torn[at:at+page], after[at:at+page]) && rapid.Bool().Draw(r, "written") {
			copy(torn[at:at+page], after[at:at+page])
		}
	}
	return torn
}

// TestNoText holds that no error of a damaged value shows the value.
func TestNoText(t *testing.T) {
	for _, bucket := range []string{"names", "tags", "slots"} {
		file, _ := spoilValue(t, wholeFile(t), bucket, func(v []byte) []byte { return append(bytes.Clone(v), "secret"...) })
		if err := usable(t, file); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", bucket, err)
		}
	}
}
