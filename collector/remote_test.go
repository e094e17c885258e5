package collector_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
)

// A call that another machine served is handed on once, also when a commit
// fails, and takes none of the energy.
func TestRemoteCallsAreCommittedOnce(t *testing.T) {
	call := attribution.RemoteCall{ID: "g/1", Server: "g", Provider: "openai", Start: at(0), End: at(2), Outcome: attribution.OutcomeOK}
	log := &scriptedLog{updates: []attribution.LogUpdate{
		{Remote: []attribution.RemoteCall{call}, Horizon: at(3), Checkpoint: []byte("1")},
		{Horizon: at(6), Checkpoint: []byte("2")},
	}}
	sink := &memory{err: errNotMounted}
	c := collector.New(config(log), attribution.Resume{}, sink)
	for i := range 6 {
		c.Measure(window(float64(i), float64(i+1), 5))
	}
	c.Poll(at(3))
	if err := c.Commit(t.Context(), at(3)); err == nil {
		t.Fatal("the sink did not fail")
	}
	sink.err = nil
	commit(t, c, at(4))
	c.Poll(at(6))
	commit(t, c, at(6))
	got := sink.all()
	if diff := cmp.Diff([]attribution.RemoteCall{call}, got.Remote); diff != "" {
		t.Error(diff)
	}
	for _, b := range got.Bookings {
		if len(b.Shares) > 0 || b.Inference != 0 {
			t.Errorf("a call served elsewhere was booked %v J here", b.Inference)
		}
	}
	if len(got.Bookings) == 0 {
		t.Error("nothing was booked")
	}
}
