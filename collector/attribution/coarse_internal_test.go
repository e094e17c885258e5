package attribution

import (
	"testing"
	"time"
)

// TestCoarseTimes: stamps that were cut to whole seconds leave open where the
// first token was, and the timing says where in that. A clock that may be off,
// of all times alike, does not.
func TestCoarseTimes(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC) // after a correction of the clock
	second := func(s float64) time.Time { return at.Add(time.Duration(s * float64(time.Second))) }
	tm := timing{prefill: 0.001, step: 0.018, token: 0.002}
	for _, tt := range []struct {
		name       string
		first, end float64
		unsure     time.Duration
		input      Count
		want       float64
	}{
		{"where the timing says", 2, 10, time.Second, Known(2200), 2.2},
		{"no further than the stamp leaves open", 2, 10, time.Second, Known(9000), 2.5},
		{"nor earlier", 2, 10, time.Second, Known(100), 1.5},
		{"not without counts", 2, 10, time.Second, Count{}, 2},
		{"exact times", 2, 10, 0, Known(2200), 2},
		{"an uncertain clock", 2.125, 10, time.Second, Known(2200), 2.125},
	} {
		r := Request{ID: "r", Start: at, FirstToken: second(tt.first), End: second(tt.end), Uncertainty: tt.unsure, Input: tt.input, Output: Known(391)}
		if got := refined(r, tm).FirstToken.Sub(at).Seconds(); got < tt.want-0.01 || got > tt.want+0.01 {
			t.Errorf("%s: first token %v s after the start, want %v", tt.name, got, tt.want)
		}
	}
}
