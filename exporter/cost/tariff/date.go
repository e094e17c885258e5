package tariff

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, in whichever time zone. The zero Date is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads a date such as 2026-03-29.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want one such as 2026-03-29: %w", text, ErrSyntax)
	}
	return DateOf(t), nil
}

// DateOf is the date that clocks show at t in its location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// IsZero says that there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String prints the date as ParseDate reads it.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Add returns the date n days later; fewer than 0 are earlier.
func (d Date) Add(n int) Date { return dateOf(d.number() + int64(n)) }

// Start is the first moment of the date in a zone. That is not always 00:00:
// where the clock jumps over midnight, the day begins later by the clock.
func (d Date) Start(zone *time.Location) time.Time {
	const step = 15 * time.Minute
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
	for DateOf(t).number() < d.number() {
		t = t.Add(step)
	}
	for DateOf(t.Add(-step)).number() >= d.number() {
		t = t.Add(-step)
	}
	return t
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

const secondsPerDay = 24 * 60 * 60

// number counts the days since 1970-01-01.
func (d Date) number() int64 { return floorDiv(d.utc().Unix(), secondsPerDay) }

func dateOf(number int64) Date { return DateOf(time.Unix(number*secondsPerDay, 0).UTC()) }

// floorDiv rounds towards the past, where / rounds towards 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
