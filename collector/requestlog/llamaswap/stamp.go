package llamaswap

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// layout is a time format that llama-swap can be told to stamp lines with.
type layout struct {
	format string
	step   time.Duration // what it leaves off; 0: no date, so no time either
	offset bool          // it says how far from UTC it is
}

func layouts() [15]layout {
	return [...]layout{
		{time.RFC3339Nano, time.Second, true}, // and RFC3339
		{time.DateTime, time.Second, false},   // of the versions before
		{time.ANSIC, time.Second, false},
		{time.UnixDate, time.Second, false},
		{time.RubyDate, time.Second, true},
		{time.RFC1123, time.Second, false},
		{time.RFC1123Z, time.Second, true},
		{time.RFC850, time.Second, false},
		{time.RFC822, time.Minute, false},
		{time.RFC822Z, time.Minute, true},
		{time.Kitchen, 0, false},
		{time.Stamp, 0, false},
		{time.StampMilli, 0, false},
		{time.StampMicro, 0, false},
		{time.StampNano, 0, false},
	}
}

// stamp is a line's time as it says it. The zero value is a line without one.
type stamp struct {
	at   time.Time // UTC; zero: not known
	step time.Duration
}

// stampOf reads a stamp; text that is none is not the beginning of a line. Names
// of zones are not believed: several zones share one.
func stampOf(s string, zone *time.Location) (stamp, bool) {
	if s == "" {
		return stamp{}, true
	}
	if zone == nil {
		zone = time.UTC
	}
	for _, l := range layouts() {
		at, err := time.Parse(l.format, s)
		switch {
		case err != nil:
			continue
		case l.step == 0:
			return stamp{}, true
		case !l.offset:
			at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), zone)
		}
		if y := at.UTC().Year(); y < 1970 || y > 2199 {
			return stamp{}, false
		}
		if at.Nanosecond() != 0 {
			l.step = 0
		}
		return stamp{at.UTC(), l.step}, true
	}
	return stamp{}, false
}

// written is when the line was written, and by how much that may be wrong.
func (s stamp) written(l requestlog.Line) (time.Time, time.Duration, bool) {
	switch {
	case !s.at.IsZero() && s.step == 0:
		return s.at, 0, true
	case !s.at.IsZero():
		at, off := l.Written(s.at, s.at.Add(s.step))
		return at, off, true
	case l.Arrival.IsZero(), l.Spread == requestlog.SpreadUnknown:
		return time.Time{}, 0, false
	}
	at, off := l.Written(l.Arrival.Add(-l.Spread), l.Arrival)
	return at, off, true
}
