package proxy

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/proxy/usage"
)

// TestPlace: all times are in seconds after an arbitrary moment; -1 is none.
func TestPlace(t *testing.T) {
	zero := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time {
		if s < 0 {
			return time.Time{}
		}
		return zero.Add(time.Duration(s * float64(time.Second)))
	}
	span := func(s float64) usage.Span {
		return usage.Span{D: time.Duration(max(s, 0) * float64(time.Second)), Known: s >= 0}
	}
	for _, tt := range []struct {
		name                                 string
		begun, end                           float64
		content, reported                    float64
		prefill, decode, load                float64
		wantStart, wantFirstToken, wantEnded float64
	}{
		{"in one piece, nothing told", 1, 5, -1, -1, -1, -1, -1, 1, -1, 5},
		{"stream, nothing told", 1, 5, 2, -1, -1, -1, -1, 1, 2, 5},
		{"in one piece, all told", 1, 9, -1, 9, 2, 3, -1, 4, 6, 9},
		{"stream, all told, queued for 3 s", 1, 9, 6.1, 9, 2, 3, -1, 4, 6, 9},
		{"first chunk before the server's word", 1, 9, 5.9, 9, 2, 3, -1, 3.9, 5.9, 9},
		{"a chunk held back for long", 1, 9, 8, 9, 2, 3, -1, 4, 6, 9},
		{"longer than it took", 1, 9, -1, 9, 5, 20, -1, 1, 1, 9},
		{"prefill longer than it took", 1, 9, -1, 9, 20, 3, -1, 1, 6, 9},
		{"model loaded first", 1, 9, -1, 9, 1, 2, 4, 6, 7, 9},
		{"loaded, and no more told", 1, 9, -1, 9, -1, -1, 4, 5, -1, 9},
		{"loaded for longer than it took", 1, 9, -1, 9, -1, -1, 40, 9, -1, 9},
		{"clock set back", 9, 5, 7, -1, -1, -1, -1, 5, 5, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := attribution.Request{End: at(tt.end)}
			place(&q, at(tt.begun), usage.Usage{
				FirstContent: at(tt.content), Reported: at(tt.reported),
				Prefill: span(tt.prefill), Decode: span(tt.decode), Load: span(tt.load),
			})
			for what, pair := range map[string][2]time.Time{
				"start": {q.Start, at(tt.wantStart)}, "first token": {q.FirstToken, at(tt.wantFirstToken)}, "end": {q.End, at(tt.wantEnded)},
			} {
				if !pair[0].Equal(pair[1]) {
					t.Errorf("%s at %v, want %v", what, pair[0], pair[1])
				}
			}
		})
	}
}
