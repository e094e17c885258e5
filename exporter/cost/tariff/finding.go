package tariff

import "time"

// Kind says what a Finding is about.
type Kind string

// The kinds.
const (
	Hole        Kind = "hole"         // no price at some times
	Hidden      Kind = "hidden"       // an earlier window takes all of a window's time
	Overlap     Kind = "overlap"      // an earlier window takes a part of it
	NeverHolds  Kind = "never_holds"  // a window has no time at all
	SeriesEnds  Kind = "series_ends"  // a series ends, soon or already
	SeriesStale Kind = "series_stale" // a series ended longer ago than it may have
	SeriesHole  Kind = "series_hole"  // a series has no value at some times
	Taxed       Kind = "taxed"        // tax is in a series already, or in nothing
	Order       Kind = "order"        // versions do not stand in the order of time
	NoHolidays  Kind = "no_holidays"  // holidays matter, and none is listed for the time to come
	ClockChange Kind = "clock_change" // a window is shorter or longer on a day
)

// Finding is one thing that Check has to say.
type Finding struct {
	Kind Kind
	// Fault is true when energy has no price or a wrong one, or a part of the
	// tariff has no effect. Otherwise it is only good to know.
	Fault bool
	Text  string // what it is, on one line
	Fix   string // what to do about it; empty when nothing is to be done
}

// Check looks for what its owner may not have meant, a year back and a year
// ahead of now, and a year of versions to come: first the faults, then what is good to know.
func (t *Tariff) Check(now time.Time) []Finding {
	c := checker{rules: t.rules, tariff: t, now: now, today: DateOf(now.In(t.zone)).number()}
	c.order()
	c.holes()
	for _, v := range t.versions {
		c.series(v)
		if v.until > c.today {
			c.windows(v)
			c.holidays(v)
		}
	}
	c.clockChanges()
	return c.sorted()
}
