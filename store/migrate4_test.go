package store

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// told is what a store says of itself.
type told struct {
	Resume  attribution.Resume
	Range   Range
	Charges []attribution.Charge
}

func tell(t *testing.T, s *Store) (x told) {
	t.Helper()
	var err1, err2, err3 error
	x.Resume, err1 = s.Resume(t.Context())
	x.Range, err2 = s.Range(t.Context(), earliestTime, latestTime)
	err3 = s.Requests(t.Context(), time.Time{}, latestTime, func(c attribution.Charge) error {
		x.Charges = append(x.Charges, c)
		return nil
	})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return x
}

// TestWorkOfSchema3 opens a store that the code of schema 3 left in the middle
// of work, and holds it against what that code itself read from it: every field
// of the engine's state is set, requests are half booked, windows are open. All
// that was booked was of the SoC; what the older code did not know is zero.
func TestWorkOfSchema3(t *testing.T) {
	s, err := Open(oldFile(t, "v3-work.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	text, err := os.ReadFile(filepath.Join("testdata", "v3-work.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want told
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	half, untouched := &want.Resume.State.Requests[0], &want.Resume.State.Requests[1]
	if half.Booked == (attribution.Tally{}) || untouched.Booked != (attribution.Tally{}) || len(want.Resume.Windows) != 21 || len(want.Resume.State.Quiet) != 2 {
		t.Fatalf("the saved file has not what it is to show: %+v", want.Resume)
	}
	half.Booked.Scope = attribution.ScopeSoC
	for i := range want.Range.Learned {
		want.Range.Learned[i].Scope = attribution.ScopeSoC
	}
	known := 0
	for i := range want.Charges {
		if want.Charges[i].EnergyKnown {
			want.Charges[i].Scope = attribution.ScopeSoC
			known++
		}
	}
	if known == 0 || known == len(want.Charges) {
		t.Fatalf("%d of %d requests have energy", known, len(want.Charges))
	}
	got := tell(t, s)
	same(t, want, got)
	// The next commit writes the state anew; nothing of it changes.
	if err := s.Commit(t.Context(), attribution.Batch{State: got.Resume.State}); err != nil {
		t.Fatal(err)
	}
	same(t, want, tell(t, s))
	bookOpen(t, s, want)
}

// bookOpen books the windows that the older code has left open, some of them at
// the wall: slots of the SoC go on, beside those of the wall.
func bookOpen(t *testing.T, s *Store, before told) {
	t.Helper()
	b := attribution.Batch{State: before.Resume.State}
	sums := map[attribution.Scope]float64{}
	for i, w := range before.Resume.Windows {
		b.Bookings = append(b.Bookings, attribution.Booking{Window: w, Unexplained: w.Energy})
		b.State.Closed = w.End
		sums[w.Scope] += float64(w.Energy)
		if w.Scope != attribution.ScopeSoC || w.Error != 0 {
			t.Errorf("open window %d is of %s, error %g", i, w.Scope, float64(w.Error))
		}
	}
	for _, x := range before.Range.System {
		sums[x.Scope] += float64(x.Energy)
	}
	gap := &before.Range.Gaps[len(before.Range.Gaps)-1]
	gap.Scope, gap.Energy = attribution.ScopeWall, 900
	b.Gaps, sums[gap.Scope] = []attribution.Gap{*gap}, 900
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	after := tell(t, s)
	for _, x := range after.Range.System {
		sums[x.Scope] -= float64(x.Energy)
	}
	for scope, left := range sums {
		if left > 1e-9 || left < -1e-9 {
			t.Errorf("%g J of %s are in no slot", left, scope)
		}
	}
	if len(sums) != 2 || len(after.Resume.Windows) != 0 || after.Range.Open != 0 {
		t.Errorf("%v, %d windows still open", sums, len(after.Resume.Windows))
	}
}

// v4Batch fills testdata/v4.db: of schema 4 is what a meter of the whole machine
// leaves.
func v4Batch() attribution.Batch {
	b := v3Batch()
	begin := b.Gaps[0].Start
	b.Gaps[0].Scope, b.Gaps[0].Energy, b.Gaps[0].Error = attribution.ScopeSMC, 1234.5, 98.7
	for i := range b.Windows {
		w := &b.Windows[i]
		w.Scope, w.Energy, w.Error = attribution.ScopeWall, 40.1, 0.7
	}
	b.Bookings[0].Window, b.Bookings[0].Unexplained = b.Windows[0], 40.1-12.5
	b.Charges[0].Scope = attribution.ScopeCalibrated
	b.State.Requests[0].Booked = attribution.Tally{Decode: 7, Covered: time.Second, Scope: attribution.ScopeBattery}
	b.State.Quiet[0].AC, b.State.Quiet[0].DC = attribution.QuietEnergy{Length: time.Second, Energy: 6.1}, attribution.QuietEnergy{Length: time.Millisecond, Energy: 5.3}
	b.State.Slopes = attribution.Slopes{AC: attribution.Slope{Whole: 180.1, SoC: 90, StepWhole: -0.5, StepSoC: 0.25}, DC: attribution.Slope{Whole: 1, SoC: 2}, Scope: attribution.ScopeWall, Step: begin}
	b.Scoping = []byte{0, 1, 2}
	b.Calibrations = []attribution.Calibration{filledCalibration(), filledCalibration()}
	b.Calibrations[1].Kind, b.Calibrations[1].PerRail, b.Calibrations[1].Lag = attribution.CalibrationLadder, false, -time.Second
	return b
}

// TestSavedWhole: the saved file of schema 4 reads as a new one of the same does.
func TestSavedWhole(t *testing.T) {
	fresh, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = fresh.Close() }()
	if err := fresh.Commit(t.Context(), v4Batch()); err != nil {
		t.Fatal(err)
	}
	if *writeNewest {
		if err := fresh.Snapshot(t.Context(), filepath.Join("testdata", "v4.db")); err != nil {
			t.Fatal(err)
		}
	}
	saved, err := Open(oldFile(t, "v4.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = saved.Close() }()
	got := tell(t, saved)
	same(t, tell(t, fresh), got)
	b := v4Batch()
	same(t, b.Gaps, got.Range.Gaps)
	same(t, b.Calibrations, got.Range.Calibrations)
	same(t, b.Calibrations, got.Resume.Calibrations)
	same(t, b.Scoping, got.Resume.Scoping)
	same(t, b.State, got.Resume.State)
	same(t, b.Windows[1:], got.Resume.Windows)
	same(t, b.Charges, got.Charges)
}

// A file of schema 3 that lacks a bucket lacks it after the migration too, and
// one of schema 4 without calibrations is damaged.
func TestMigrate4Damaged(t *testing.T) {
	for _, tt := range []struct {
		file, bucket string
		want         error
	}{
		{"v3.db", nameRemote, ErrDamaged},
		{"v4.db", nameCalibration, ErrDamaged},
	} {
		path := oldFile(t, tt.file)
		db, err := openFile(path, DefaultTimeout, false)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(tt.bucket)) })
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, Options{}); !errors.Is(err, tt.want) {
			t.Errorf("%s without %s: %v", tt.file, tt.bucket, err)
		}
	}
}
