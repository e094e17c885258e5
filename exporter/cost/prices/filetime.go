package prices

import (
	"fmt"
	"strings"
	"time"
)

// parseTime reads a day, or a day and time in UTC; empty is the zero time.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("got %q, want a day such as 2026-08-21: %w", text, ErrTable)
}

func formatTime(at time.Time) string {
	at = at.UTC()
	if at.IsZero() {
		return ""
	}
	if day := at.Format(time.DateOnly); at.Equal(at.Truncate(24 * time.Hour)) {
		return day
	}
	return at.Format(time.RFC3339)
}

// parseHours reads a part of the day such as 16:30-00:30; empty is all day.
func parseHours(text string) (Hours, error) {
	if text == "" {
		return Hours{}, nil
	}
	from, to, ok := strings.Cut(text, "-")
	start, errStart := time.Parse("15:04", from)
	end, errEnd := time.Parse("15:04", to)
	if to == "24:00" {
		end, errEnd = time.Time{}.AddDate(-1, 0, 1), nil
	}
	if !ok || errStart != nil || errEnd != nil {
		return Hours{}, fmt.Errorf("got %q, want a part of the day such as 16:30-00:30: %w", text, ErrTable)
	}
	midnight := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	return Hours{Start: start.Sub(midnight), End: end.Sub(midnight)}, nil
}

// String is the part of the day as in a file, "16:30-00:30"; empty for all day.
func (h Hours) String() string {
	if h == (Hours{}) {
		return ""
	}
	clock := func(d time.Duration) string {
		return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return clock(h.Start) + "-" + clock(h.End)
}
