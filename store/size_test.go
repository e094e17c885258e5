package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

// rows opens the closed store at path and sums keys and values of a bucket.
func rows(t testing.TB, path, bucket string) (n, keys, values int) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(k, v []byte) error {
			n, keys, values = n+1, keys+len(k), values+len(v)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, keys, values
}

// TestRowSizes holds rows to their budgets, key and value together.
func TestRowSizes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := mustOpen(t, path)
	feed := newTypical()
	for range 40 {
		if err := s.Commit(t.Context(), feed.batch()); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, s)
	checkSizes(t, path, []budget{
		{"requests", 200, 64},
		{"windows", 400, 80},
		{"slots", 4, 200},
		{"engine", 2, 4096}, // two pages for the state, which every commit writes anew
	})
}

// TestWholeSizes does the same for a machine with a meter.
func TestWholeSizes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := mustOpen(t, path)
	feed := newTypical()
	for range 40 {
		if err := s.Commit(t.Context(), atTheWall(feed.batch())); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, s)
	checkSizes(t, path, []budget{
		{"requests", 200, 64},
		{"windows", 400, 100},
		{"slots", 4, 200},
		{"engine", 3, 4096}, // three pages for the state and what the meters need to go on
		{"gaps", 40, 64},
		{"calibration", 40, 200},
	})
}

// atTheWall is the batch of a machine with a plug that draws twice what the chip
// does, and a battery.
func atTheWall(b attribution.Batch) attribution.Batch {
	for i := range b.Bookings {
		k := &b.Bookings[i]
		k.Unexplained += k.Window.Energy
		k.Window.Scope, k.Window.Energy, k.Window.Error = attribution.ScopeWall, 2*k.Window.Energy, k.Window.Energy/33
		b.Windows[i] = k.Window
	}
	for i := range b.Charges {
		b.Charges[i].Scope = attribution.ScopeWall
	}
	for i := range b.State.Quiet {
		q := &b.State.Quiet[i]
		q.AC, q.DC = attribution.QuietEnergy{Length: q.Length, Energy: q.All * 2}, attribution.QuietEnergy{Length: q.Length, Energy: q.All * 3 / 2}
	}
	b.Gaps = []attribution.Gap{{Start: b.At.Add(-time.Second), End: b.At, Reason: attribution.GapUnusable, Scope: attribution.ScopeWall, Energy: 31.0 / 7, Error: 1.0 / 3}}
	b.Scoping = make([]byte, 500)
	b.Calibrations = []attribution.Calibration{{Made: b.At, Kind: attribution.CalibrationLadder, Model: "Mac16,11", OS: "26.1", Meter: "desk plug", Scope: attribution.ScopeWall}}
	return b
}

// budget is how many rows a bucket has, of how many bytes at most.
type budget struct {
	bucket string
	want   int
	most   int
}

func checkSizes(t *testing.T, path string, all []budget) {
	t.Helper()
	for _, tt := range all {
		n, keys, values := rows(t, path, tt.bucket)
		mean := (keys + values) / n
		t.Logf("%s: %d rows, %.1f bytes of key and %.1f of value each", tt.bucket, n, float64(keys)/float64(n), float64(values)/float64(n))
		if n != tt.want || mean > tt.most {
			t.Errorf("%s: %d rows of %d bytes, want %d of at most %d", tt.bucket, n, mean, tt.want, tt.most)
		}
	}
}

// TestTagSizes: tags cost what they are long, and nothing where there are none.
func TestTagSizes(t *testing.T) {
	size := func(bucket, client, project string) int {
		path := filepath.Join(t.TempDir(), "store.db")
		s := mustOpen(t, path)
		feed := newTypical()
		c, call := feed.charge(), feed.call()
		c.Request.Client, c.Request.Project, call.Client, call.Project = client, project, client, project
		if err := s.Commit(t.Context(), attribution.Batch{Charges: []attribution.Charge{c}, Remote: []attribution.RemoteCall{call}}); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
		_, keys, values := rows(t, path, bucket)
		return keys + values
	}
	for bucket, most := range map[string]int{"requests": 64, "remote": 64} {
		plain, tagged := size(bucket, "", ""), size(bucket, "editor", "docs")
		t.Logf("%s: a row of %d bytes, %d with tags of 10 letters", bucket, plain, tagged)
		if plain > most || tagged != plain+2+10 {
			t.Errorf("%s: %d bytes untagged and %d tagged, want at most %d and 12 more", bucket, plain, tagged, most)
		}
	}
}

// TestBoundedFile commits and prunes days of batches with a short retention:
// the file must stop growing.
func TestBoundedFile(t *testing.T) {
	if testing.Short() {
		t.Skip("commits some hundred batches")
	}
	path := filepath.Join(t.TempDir(), "store.db")
	hours := 10 * time.Minute
	s, err := store.Open(path, store.Options{Retention: store.Retention{Windows: hours, Requests: hours, Slots: hours}})
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	feed := newTypical()
	var half int64
	const batches = 400
	for i := range batches {
		b := feed.batch()
		if err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			if _, err := s.Prune(t.Context(), b.At); err != nil {
				t.Fatal(err)
			}
		}
		if i == batches/2 {
			half = bytesOf(t, s)
		}
	}
	if end := bytesOf(t, s); end > half {
		t.Errorf("%d bytes after %d batches, %d after half of them", end, batches, half)
	}
}

func bytesOf(t *testing.T, s *store.Store) int64 {
	t.Helper()
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.Bytes
}
