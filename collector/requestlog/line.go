package requestlog

import "time"

// SpreadUnknown as a Line's Spread says that nothing is known about how long
// before its arrival the line was written.
const SpreadUnknown time.Duration = -1

// Line is one line of a log, without its line end.
type Line struct {
	Data   []byte // valid only during the call that hands the line over
	Offset int64  // byte offset of the line's first byte in its file
	// Arrival is the latest time at which the line can have been written;
	// zero when nothing is known.
	Arrival time.Time
	// Spread is how long before Arrival the line may have been written: 0 means
	// that Arrival is exact. It is SpreadUnknown for what lay in the file
	// before anybody looked.
	Spread time.Duration
	// Overlong is set for a line longer than the reader keeps. Its Data is
	// empty: no part of it is to be believed.
	Overlong bool
}

// Written places the writing of a line that gives its time only roughly,
// somewhere from from until until, with the help of its arrival. It returns the
// best guess, UTC, and the most it may be off. An arrival that contradicts the
// line, such as that of a copied file, is not believed.
func (l Line) Written(from, until time.Time) (time.Time, time.Duration) {
	if !l.Arrival.IsZero() {
		latest, earliest := l.Arrival, from
		if l.Spread != SpreadUnknown {
			earliest = l.Arrival.Add(-l.Spread)
		}
		if !latest.Before(from) && !earliest.After(until) {
			if latest.Before(until) {
				until = latest
			}
			if earliest.After(from) {
				from = earliest
			}
		}
	}
	half := until.Sub(from) / 2
	return from.Add(half).UTC(), half
}

// Verdict says what became of a line.
type Verdict int

// The verdicts.
const (
	Ignored   Verdict = iota // not on the format's allow-list
	Used                     // gave a fact that a request or a load is built from
	Malformed                // on the allow-list by its shape, but not understood
)
