package store

import (
	"bytes"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// TestStreamGapMeanwhile: while a reader takes his time, the energy of a gap
// becomes known, in time that the engine has closed already. What he gets is from
// before it, slots and gaps alike.
func TestStreamGapMeanwhile(t *testing.T) {
	s, b := busyStore(t)
	open := b.Windows[0]
	booked := attribution.Batch{Bookings: []attribution.Booking{{Window: open, Unexplained: open.Energy}}}
	booked.State.Closed = open.End.Add(2 * time.Hour)
	// A slot of a gap with energy lies where the next gap's energy goes too.
	booked.Gaps = []attribution.Gap{{Start: open.End, End: open.End.Add(time.Minute), Reason: attribution.GapSleep, Scope: attribution.ScopeWall, Energy: 3}}
	if err := s.Commit(t.Context(), booked); err != nil {
		t.Fatal(err)
	}
	before, err := s.Range(t.Context(), earliestTime, latestTime)
	if err != nil {
		t.Fatal(err)
	}
	at := booked.Gaps[0].End
	gap := attribution.Batch{State: booked.State, Gaps: []attribution.Gap{{
		Start: at, End: at.Add(time.Hour), Reason: attribution.GapPowermetrics, Scope: attribution.ScopeWall, Energy: 600}}}
	var wire bytes.Buffer
	err = s.writeRange(t.Context(), writerFunc(func(p []byte) (int, error) {
		if err := s.Commit(t.Context(), gap); err != nil {
			t.Errorf("commit: %v", err)
		}
		return wire.Write(p)
	}), earliestTime, latestTime, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadRange(&wire)
	if err != nil {
		t.Fatal(err)
	}
	same(t, before, got)
	after, err := s.Range(t.Context(), earliestTime, latestTime)
	if err != nil || len(after.System) <= len(before.System) || len(after.Gaps) != len(before.Gaps)+1 {
		t.Errorf("the gap is not there afterwards: %d slots of %d, %v", len(after.System), len(before.System), err)
	}
}
