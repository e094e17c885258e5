package slots

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// NoStamp as a Mark's Stamp says that there is none. All stamps below 0 do.
const NoStamp time.Duration = -1

// Mark is a moment as the log tells it.
type Mark struct {
	// Stamp counts from the process's start; below 0 on plain lines.
	Stamp time.Duration `cbor:"1,keyasint"`
	// Wall is the arrival of a plain line in Unix ns; 0: unknown.
	Wall   int64         `cbor:"2,keyasint"`
	Spread time.Duration `cbor:"3,keyasint"` // as requestlog.Line's, of a plain line
}

// between returns the most time that can lie between two moments. It is false
// when that is unknown. A line without a stamp may have been on its way for a
// while.
func between(from, to Mark) (time.Duration, bool) {
	if from.Stamp >= 0 && to.Stamp >= 0 {
		return to.Stamp - from.Stamp, true
	}
	if from.Wall == 0 || to.Wall == 0 || from.Spread < 0 || to.Spread < 0 {
		return 0, false
	}
	return time.Duration(to.Wall-from.Wall) + from.Spread + requestlog.SettleTime, true
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
