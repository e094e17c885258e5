package report

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// maxLast bounds the count in --last: a century of days, and as many hours.
const maxLast = 100 * 366

// parseUntil reads the end of a period; without one the period ends now.
func parseUntil(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	t, err := parseMoment(text, now)
	return t, named("--until", err)
}

// parseLast steps back from until by a count of hours or of calendar days.
func parseLast(text string, until time.Time) (time.Time, error) {
	bad := fmt.Errorf("%w: --last %q: use a number of hours or days, such as 24h or 7d", ErrPeriod, text)
	if len(text) < 2 {
		return time.Time{}, bad
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil || n < 1 {
		return time.Time{}, bad
	}
	limit := maxLast
	if text[len(text)-1] == 'h' {
		limit *= 24
	}
	if n > limit {
		return time.Time{}, fmt.Errorf("%w: --last %q: more than a century", ErrPeriod, text)
	}
	switch text[len(text)-1] {
	case 'h':
		return until.Add(-time.Duration(n) * time.Hour), nil
	case 'd':
		return until.AddDate(0, 0, -n), nil
	}
	return time.Time{}, bad
}

// parseMoment reads one point in time; times without a zone are local.
func parseMoment(text string, now time.Time) (time.Time, error) {
	switch text {
	case "now":
		return now, nil
	case "today":
		return startOfDay(now), nil
	case "yesterday":
		return startOfDay(startOfDay(now).Add(-time.Nanosecond)), nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.In(now.Location()), nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return dayStart(t.Date()).in(now.Location()), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateTime, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time: use 2026-03-04, \"2026-03-04 15:30\", 2026-03-04T15:30:00Z, today or yesterday", text)
}

// named says which option an error is about.
func named(option string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %s %w", ErrPeriod, option, err)
}

// civil is a date without a time zone.
type civil struct {
	year  int
	month time.Month
	day   int
}

// dayStart makes a civil date from what time.Time.Date returns.
func dayStart(year int, month time.Month, day int) civil {
	return civil{year, month, day}
}

// in returns the first moment of the date in loc. It is not simply 00:00: in
// some zones the clock jumps over midnight, and time.Date then answers with a
// moment of the day before; in others midnight comes twice.
func (c civil) in(loc *time.Location) time.Time {
	t := time.Date(c.year, c.month, c.day, 0, 0, 0, 0, loc)
	for c.after(t) {
		t = t.Add(store.SlotLength)
	}
	for !c.after(t.Add(-store.SlotLength)) {
		t = t.Add(-store.SlotLength)
	}
	return t
}

// after tells whether the date is later than t's own date.
func (c civil) after(t time.Time) bool {
	year, month, day := t.Date()
	if c.year != year {
		return c.year > year
	}
	if c.month != month {
		return c.month > month
	}
	return c.day > day
}

// startOfDay is the first moment of t's local day.
func startOfDay(t time.Time) time.Time {
	return dayStart(t.Date()).in(t.Location())
}

// startOfNextDay is the first moment after t's local day.
func startOfNextDay(t time.Time) time.Time {
	year, month, day := t.Date()
	next := time.Date(year, month, day+1, 12, 0, 0, 0, time.UTC) // normalises 32 March
	return dayStart(next.Date()).in(t.Location())
}
