package slots

import "time"

// NoStamp as a Mark's Stamp says that there is none.
const NoStamp time.Duration = -1

// Mark is a moment as the log tells it.
type Mark struct {
	// Stamp counts from the process's start; NoStamp on plain lines.
	Stamp time.Duration `cbor:"1,keyasint"`
	// Wall is the arrival of a plain line in Unix ns; 0: unknown.
	Wall   int64         `cbor:"2,keyasint"`
	Spread time.Duration `cbor:"3,keyasint"` // as requestlog.Line's, of a plain line
}

// Clock tells the wall time of moments.
type Clock interface {
	// Wall returns the moment in Unix ns and how much earlier it may have been.
	// It is false when that is unknown.
	Wall(m Mark) (ns int64, spread time.Duration, ok bool)
	// Latest is the best that can be said of a moment whose wall time may be
	// unknown: it was not later. Zero when nothing can be said.
	Latest(m Mark) time.Time
}

func unix(ns int64) time.Time { return time.Unix(0, ns).UTC() }
