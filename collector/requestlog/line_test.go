package requestlog_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// TestLineWritten: a stamp of whole seconds and an arrival narrow each other.
func TestLineWritten(t *testing.T) {
	at := func(seconds float64) time.Time {
		return time.Unix(1.8e9, 0).UTC().Add(time.Duration(seconds * float64(time.Second)))
	}
	tests := []struct {
		name        string
		arrival     time.Time
		spread      time.Duration
		from, until float64
		want, off   float64
	}{
		{"no arrival", time.Time{}, 0, 10, 11, 10.5, 0.5},
		{"exact", at(10.2), 0, 10, 11, 10.2, 0},
		{"after the second began", at(10.2), requestlog.SpreadUnknown, 10, 11, 10.1, 0.1},
		{"within the second", at(10.8), 200 * time.Millisecond, 10, 11, 10.7, 0.1},
		{"before the second ended", at(12), 1400 * time.Millisecond, 10, 11, 10.8, 0.2},
		{"wider than the second", at(30), 25 * time.Second, 10, 11, 10.5, 0.5},
		{"after it, unknown", at(30), requestlog.SpreadUnknown, 10, 11, 10.5, 0.5},
		{"earlier than the stamp", at(9), time.Second, 10, 11, 10.5, 0.5},
		{"later than the stamp", at(30), time.Second, 10, 11, 10.5, 0.5},
		{"at its begin", at(10), 0, 10, 11, 10, 0},
		{"at its end", at(11), 0, 10, 11, 11, 0},
		{"an exact stamp", at(10.5), time.Second, 10, 10, 10, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := requestlog.Line{Arrival: tt.arrival, Spread: tt.spread}
			got, off := l.Written(at(tt.from), at(tt.until))
			if !near(got.Sub(at(tt.want))) || !near(off-time.Duration(tt.off*float64(time.Second))) {
				t.Errorf("written %v ± %v, want %v ± %v s", got.Sub(at(0)), off, tt.want, tt.off)
			}
			if got.Location() != time.UTC {
				t.Errorf("in %v", got.Location())
			}
		})
	}
}

// near allows for what a float64 of seconds loses.
func near(d time.Duration) bool { return d.Abs() < time.Microsecond }
