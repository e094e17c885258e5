package sim

import (
	"testing"
	"time"
)

// TestHistoryIsBounded: a Mac that runs on for days keeps minutes of usage.
func TestHistoryIsBounded(t *testing.T) {
	s := Live()
	m, err := New(s, Streams{})
	if err != nil {
		t.Fatal(err)
	}
	most, sessions := 0, 0
	for h := 1; h <= 8; h++ {
		if err := m.AdvanceTo(s.Start.Add(time.Duration(h) * time.Hour)); err != nil {
			t.Fatal(err)
		}
		m.TakeTruth()
		most, sessions = max(most, len(m.usage.points)), max(sessions, m.servers[0].clients.open)
		oldest := m.usage.points[0].at
		if back := m.now - oldest; back < usageKept {
			t.Errorf("hour %d: the history reaches back %v, want %v or more", h, back, usageKept)
		}
	}
	// Every second has one window and a few steps' ends; half may be stale.
	if limit := int(2 * usageKept.Seconds() * 4); most > limit {
		t.Errorf("the history has %d points, want %d or fewer", most, limit)
	}
	if sessions > 40 {
		t.Errorf("%d sessions are open, want few: the traffic must not outgrow the server", sessions)
	}
}
