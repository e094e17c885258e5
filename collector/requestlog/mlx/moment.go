package mlx

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// moment is when a line was written, as far as it and its arrival tell.
type moment struct {
	// Wall is in Unix ns; 0: nothing is known. Where Known is false it is only
	// the latest that can be.
	Wall  int64         `cbor:"1,keyasint"`
	Off   time.Duration `cbor:"2,keyasint"` // the most that Wall may be off
	Known bool          `cbor:"3,keyasint"`
}

// momentOf places a line: by its stamp, and without one by its arrival.
func momentOf(m message, l requestlog.Line, zone *time.Location) moment {
	switch {
	case m.at.ok && m.at.whole:
		from := m.at.in(zone, l.Arrival)
		at, off := l.Written(from, from.Add(time.Second))
		return moment{Wall: at.UnixNano(), Off: off, Known: true}
	case m.at.ok:
		return moment{Wall: m.at.in(zone, l.Arrival).UnixNano(), Known: true}
	case l.Arrival.IsZero():
		return moment{}
	case l.Spread == requestlog.SpreadUnknown:
		return moment{Wall: l.Arrival.UnixNano()}
	}
	at, off := l.Written(l.Arrival.Add(-l.Spread), l.Arrival)
	return moment{Wall: at.UnixNano(), Off: off, Known: true}
}

// time is the moment in UTC; zero when nothing is known.
func (m moment) time() time.Time {
	if m.Wall == 0 {
		return time.Time{}
	}
	return time.Unix(0, m.Wall).UTC()
}

// within returns the moment, moved into [from, to] where it lies outside by no
// more than the three may be off together. It is false elsewhere.
func (m moment) within(from, to moment) (time.Time, bool) {
	slack := int64(m.Off + from.Off + to.Off)
	switch {
	case !m.Known || m.Wall < from.Wall-slack || m.Wall > to.Wall+slack:
		return time.Time{}, false
	case m.Wall < from.Wall:
		return from.time(), true
	case m.Wall > to.Wall:
		return to.time(), true
	}
	return m.time(), true
}
