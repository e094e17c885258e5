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

// Verdict says what became of a line.
type Verdict int

// The verdicts.
const (
	Ignored   Verdict = iota // not on the format's allow-list
	Used                     // gave a fact that a request or a load is built from
	Malformed                // on the allow-list by its shape, but not understood
)
