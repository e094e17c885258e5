package storetest

import (
	"errors"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/sovmeter/sovmeter/store"
)

// Run holds a store against its contract.
func Run(t *testing.T, open Opener) {
	t.Run("empty", func(t *testing.T) { testEmpty(t, open) })
	t.Run("slot edge", func(t *testing.T) { testSlotEdge(t, open) })
	t.Run("open windows", func(t *testing.T) { testOpen(t, open) })
	t.Run("gaps are clipped", func(t *testing.T) { testGaps(t, open) })
	t.Run("gaps with energy", func(t *testing.T) { testGapEnergy(t, open) })
	t.Run("gaps are booked once", func(t *testing.T) { testGapOnce(t, open) })
	t.Run("gaps of years", func(t *testing.T) { testGapOfYears(t, open) })
	t.Run("calibrations", func(t *testing.T) { testCalibrations(t, open) })
	t.Run("calibrations of a range", func(t *testing.T) { testCalibrationsOfRange(t, open) })
	t.Run("calibrations are bounded", func(t *testing.T) { testManyCalibrations(t, open) })
	t.Run("scoping stays", func(t *testing.T) { testScoping(t, open) })
	t.Run("range is widened to marks", func(t *testing.T) { testMarks(t, open) })
	t.Run("refused batches", func(t *testing.T) { testRefused(t, open) })
	t.Run("told twice", func(t *testing.T) { testTwice(t, open) })
	t.Run("cancelled commit", func(t *testing.T) { testCancelled(t, open) })
	t.Run("requests", func(t *testing.T) { testRequests(t, open) })
	t.Run("remote calls", func(t *testing.T) { testRemote(t, open) })
	t.Run("tags", func(t *testing.T) { testTags(t, open) })
	t.Run("tagged slots", func(t *testing.T) { testTaggedSlots(t, open) })
	t.Run("many tags", func(t *testing.T) { testManyTags(t, open) })
	t.Run("all tagged", func(t *testing.T) { testAllTagged(t, open) })
	t.Run("window cuts", func(t *testing.T) { testWindowCuts(t, open) })
	t.Run("same key", func(t *testing.T) { testSameKey(t, open) })
	t.Run("prune", func(t *testing.T) { testPrune(t, open) })
	t.Run("random batches", func(t *testing.T) { testRandom(t, open) })
}

// testRandom commits random batches, closing and opening the store at random,
// and holds the store against all of them at the end.
func testRandom(t *testing.T, open Opener) {
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		s, err := open(path)
		if err != nil {
			r.Fatalf("open: %v", err)
		}
		feed := NewFeed()
		for range rapid.IntRange(1, 8).Draw(r, "batches") {
			if err := s.Commit(t.Context(), feed.Next(r)); err != nil {
				r.Fatalf("commit: %v", err)
			}
			if rapid.IntRange(0, 3).Draw(r, "again") == 0 {
				// Whether it is refused or adds nothing, it was booked.
				if err := s.Commit(t.Context(), feed.Last); err != nil && !errors.Is(err, store.ErrBooked) {
					r.Fatalf("commit again: %v", err)
				}
			}
			if rapid.IntRange(0, 3).Draw(r, "reopen") > 0 {
				continue
			}
			if err := s.Close(); err != nil {
				r.Fatalf("close: %v", err)
			}
			if s, err = open(path); err != nil {
				r.Fatalf("reopen: %v", err)
			}
		}
		CheckFed(r, s, feed)
		if err := s.Close(); err != nil {
			r.Fatalf("close: %v", err)
		}
		CheckFile(t, path)
	})
}

// Crash kills a store that keeps its data in the file at its path: after every
// commit the file is copied as it lies there, open, and the copy must hold all
// that was committed.
func Crash(t *testing.T, open Opener) {
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		s, err := open(path)
		if err != nil {
			r.Fatalf("open: %v", err)
		}
		feed := NewFeed()
		for i := range rapid.IntRange(1, 4).Draw(r, "batches") {
			if err := s.Commit(t.Context(), feed.Next(r)); err != nil {
				r.Fatalf("commit: %v", err)
			}
			checkCopy(t, r, open, path, feed, i)
		}
		if err := s.Close(); err != nil {
			r.Errorf("close: %v", err)
		}
	})
}
