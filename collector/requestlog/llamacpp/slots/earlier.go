package slots

import "time"

// earlier returns when a task began that was launched at start or up to spread
// before, if its timings say so.
func earlier(start time.Time, spread time.Duration, begun time.Time) time.Time {
	lag := min(max(start.Sub(begun), 0), spread)
	return start.Add(-lag)
}
