package store_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/store"
	"github.com/sovmeter/sovmeter/store/storetest"
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

const yearSlots = 365 * storetest.DaySlots

// year is the file of a typical year.
func year(b *testing.B) (path string, since, until time.Time) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "store.db")
	s := mustOpen(b, path)
	since, until = storetest.Work(b, s, 365)
	mustClose(b, s)
	return path, since, until
}

func BenchmarkRangeYear(b *testing.B) {
	path, since, until := year(b)
	s, err := store.OpenReadOnly(path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer mustClose(b, s)
	b.ReportAllocs()
	for b.Loop() {
		r, err := s.Range(b.Context(), since, until)
		if err != nil || len(r.System) != yearSlots || len(r.Models) != 2*yearSlots/3 || len(r.Tagged) != 2*len(r.Models) {
			b.Fatal(len(r.System), len(r.Models), len(r.Tagged), err)
		}
	}
}

// BenchmarkOpenYear is what a report pays to open the file, which is checked
// page by page.
func BenchmarkOpenYear(b *testing.B) {
	path, _, _ := year(b)
	for b.Loop() {
		s, err := store.OpenReadOnly(path, store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		mustClose(b, s)
	}
}

// BenchmarkStreamYear writes and reads a year as the daemon and a report do.
func BenchmarkStreamYear(b *testing.B) {
	path, since, until := year(b)
	s, err := store.OpenReadOnly(path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer mustClose(b, s)
	var wire bytes.Buffer
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			wire.Reset()
			if err := s.WriteRange(b.Context(), &wire, since, until); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(wire.Len()))
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(wire.Len()))
		for b.Loop() {
			r, err := store.ReadRange(bytes.NewReader(wire.Bytes()))
			if err != nil || len(r.System) != yearSlots {
				b.Fatal(len(r.System), err)
			}
		}
	})
}
