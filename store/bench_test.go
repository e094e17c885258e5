package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/store"
)

// BenchmarkCommit commits a typical batch: ten windows, ten bookings, five
// requests. It reports how many bytes of pages each commit writes.
func BenchmarkCommit(b *testing.B) {
	path := filepath.Join(b.TempDir(), "store.db")
	s := mustOpen(b, path)
	feed := newTypical()
	for range 100 {
		if err := s.Commit(b.Context(), feed.batch()); err != nil {
			b.Fatal(err)
		}
	}
	before := s.Written()
	for b.Loop() {
		b.StopTimer()
		batch := feed.batch()
		b.StartTimer()
		if err := s.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(s.Written()-before)/float64(b.N), "written-B/op")
}

// yearOfSlots writes 35,040 slots of the system and of three models, straight
// into the file.
func yearOfSlots(b *testing.B) (path string, start time.Time) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "store.db")
	s := mustOpen(b, path)
	feed := newTypical()
	start = feed.now.Truncate(24 * time.Hour)
	feed.now = start
	const slots = 35_040
	var batch attribution.Batch
	for i := range slots {
		feed.now = start.Add(time.Duration(i) * store.SlotLength)
		w := feed.window()
		for range 3 {
			k := feed.booking(w)
			k.Shares, k.ModelBusy = nil, nil
			for m := range 3 {
				k.Shares = append(k.Shares, attribution.Share{Server: "llama", Model: fmt.Sprint("model-", m), Prefill: 1.1, Decode: 2.3, Error: 0.1, Tier: attribution.TierShared})
			}
			k.Window.Start, k.Window.End = w.Start, w.End
			batch.Bookings = append(batch.Bookings, k)
			w.Start, w.End = w.End, w.End.Add(time.Second)
		}
		batch.State.Closed = batch.Bookings[len(batch.Bookings)-1].Window.End
		if i%2000 != 1999 && i != slots-1 {
			continue
		}
		if err := s.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		batch = attribution.Batch{}
	}
	mustClose(b, s)
	return path, start
}

func BenchmarkRangeYear(b *testing.B) {
	path, start := yearOfSlots(b)
	s, err := store.OpenReadOnly(path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer mustClose(b, s)
	for b.Loop() {
		r, err := s.Range(b.Context(), start, start.AddDate(1, 0, 0))
		if err != nil || len(r.System) != 35_040 || len(r.Models) != 3*35_040 {
			b.Fatal(len(r.System), len(r.Models), err)
		}
	}
}

// BenchmarkOpenYear is what a report pays to open the file, which is checked
// page by page.
func BenchmarkOpenYear(b *testing.B) {
	path, _ := yearOfSlots(b)
	for b.Loop() {
		s, err := store.OpenReadOnly(path, store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		mustClose(b, s)
	}
}
