package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// Spec asks for a period in a user's words. At most one of Day, Last and Since
// is set; the zero Spec asks for today.
type Spec struct {
	Day   string // "today" or "yesterday"
	Since string // when the period begins, as ParsePeriod reads it
	Until string // when it ends, exclusive; empty means now
	Last  string // a count of hours or calendar days, such as "24h" or "7d", up to Until
	// WholeDays has a Last of days begin at midnight: a row of a part of a day
	// beside those of whole ones reads as a quiet day.
	WholeDays bool
}

// Period is the half-open time [Since, Until) that a report is about. Both
// ends lie on 15-minute marks, because that is what the store keeps.
type Period struct {
	Title        string    // what was asked for, such as "yesterday"
	Since, Until time.Time // in the user's time zone
	// Rounded is true when what was asked for did not lie on 15-minute marks
	// and the period was widened to the marks around it.
	Rounded bool
}

// Elapsed is how much of the period has passed at now; 0 when it lies ahead.
func (p Period) Elapsed(now time.Time) time.Duration {
	end := p.Until
	if now.Before(end) {
		end = now
	}
	return max(0, end.Sub(p.Since))
}

// ParsePeriod turns spec into a period, with now and loc for what is relative.
//
// Since and Until read "2026-03-04", "2026-03-04 15:30", an RFC 3339 time, or
// "today", "yesterday" and "now". A date stands for the beginning of that day,
// so Until "2026-03-05" ends the period with the last moment of 4 March. Days
// begin and end by the local calendar: a day may have 23 or 25 hours.
func ParsePeriod(spec Spec, now time.Time, loc *time.Location) (Period, error) {
	now = now.In(loc)
	if err := spec.conflicts(); err != nil {
		return Period{}, err
	}
	if spec.Last == "" && spec.Since == "" {
		return dayPeriod(spec.Day, now)
	}
	until, err := parseUntil(spec.Until, now)
	if err != nil {
		return Period{}, err
	}
	title := "last " + spec.Last
	var since time.Time
	if spec.Last != "" {
		since, err = parseLast(spec.Last, until)
		if spec.WholeDays && strings.HasSuffix(spec.Last, "d") {
			since = startOfDay(since)
		}
	} else {
		title = ""
		since, err = parseMoment(spec.Since, now)
		err = named("--since", err)
	}
	if err != nil {
		return Period{}, err
	}
	if spec.Last != "" && spec.Until != "" {
		title += " before " + spec.Until
	}
	return newPeriod(title, since, until, now)
}

// conflicts reports options that contradict each other.
func (s Spec) conflicts() error {
	set := 0
	for _, given := range []string{s.Day, s.Since, s.Last} {
		if given != "" {
			set++
		}
	}
	if set > 1 {
		return fmt.Errorf("%w: choose one of today, yesterday, --since and --last", ErrPeriod)
	}
	if s.Until != "" && s.Since == "" && s.Last == "" {
		return fmt.Errorf("%w: --until %q needs --since or --last beside it", ErrPeriod, s.Until)
	}
	return nil
}

// dayPeriod is a whole local day.
func dayPeriod(day string, now time.Time) (Period, error) {
	today := startOfDay(now)
	switch day {
	case "", "today":
		return newPeriod("today", today, startOfNextDay(now), now)
	case "yesterday":
		return newPeriod("yesterday", startOfDay(today.Add(-time.Nanosecond)), today, now)
	}
	return Period{}, fmt.Errorf("%w: %q is not a day: use today or yesterday, or --since with a date", ErrPeriod, day)
}

// newPeriod checks the order of its ends and widens them to slot marks.
func newPeriod(title string, since, until, now time.Time) (Period, error) {
	if since.After(now) {
		return Period{}, fmt.Errorf("%w: begins %s, which is still to come", ErrPeriod, since.Format(time.RFC3339))
	}
	if !since.Before(until) {
		return Period{}, fmt.Errorf("%w: begins %s and ends %s: the end must be later", ErrPeriod,
			since.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	p := Period{Title: title, Since: floorSlot(since), Until: ceilSlot(until)}
	p.Rounded = !p.Since.Equal(since) || !p.Until.Equal(until)
	return p, nil
}

// floorSlot is the slot mark at or before t.
func floorSlot(t time.Time) time.Time {
	return t.UTC().Truncate(store.SlotLength).In(t.Location())
}

// ceilSlot is the slot mark at or after t.
func ceilSlot(t time.Time) time.Time {
	if floor := floorSlot(t); floor.Before(t) {
		return floor.Add(store.SlotLength)
	}
	return t
}

// String names the period in words and dates: "yesterday, Wed 4 Mar 2026".
func (p Period) String() string {
	dates := p.dates()
	if p.Title == "" {
		return dates
	}
	return p.Title + ", " + dates
}

// dates is one date for a whole local day, else both ends.
func (p Period) dates() string {
	if p.Since.Equal(startOfDay(p.Since)) && p.Until.Equal(startOfNextDay(p.Since)) {
		return p.Since.Format("Mon 2 Jan 2006")
	}
	return span(p.Since, p.Until)
}

// span writes two times, to the second when less than an hour lies between
// them, and with one date when both are of one day.
func span(since, until time.Time) string {
	const date = "Mon 2 Jan 2006"
	clock := clockLayout(since, until)
	first := since.Format(date + " " + clock)
	if since.Format(date) == until.Format(date) {
		return first + " to " + until.Format(clock)
	}
	return first + " to " + until.Format(date+" "+clock)
}

// clockLayout is how times of day within a period are written.
func clockLayout(since, until time.Time) string {
	if until.Sub(since) < time.Hour {
		return time.TimeOnly
	}
	return "15:04"
}
