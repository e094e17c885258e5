package vllm

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// statsEvery is how often the server prints its stats while it works.
const statsEvery = 10 * time.Second

// moment is when a line was written, as far as it and its arrival tell.
type moment struct {
	// Wall is in Unix ns; 0: nothing is known. Where Known is false it is only
	// the latest that can be.
	Wall  int64         `cbor:"1,keyasint"`
	Off   time.Duration `cbor:"2,keyasint"` // the most that Wall may be off
	Known bool          `cbor:"3,keyasint"`
}

// moment places a line. A line of uvicorn has no stamp: it goes by its arrival,
// but not before the line above it, and where the arrival tells nothing by that
// line alone, for while the server works the next is ten seconds off at most.
func (p *Parser) moment(d dressed, l requestlog.Line) moment {
	if l.Arrival.IsZero() {
		return moment{}
	}
	if !d.uvicorn {
		from, ok := d.at.in(p.opt.Zone, l.Arrival)
		if !ok {
			return moment{}
		}
		at, off := l.Written(from, from.Add(time.Second))
		return moment{Wall: at.UnixNano(), Off: off, Known: true}
	}
	last := p.run.Last
	if l.Spread == requestlog.SpreadUnknown {
		if !last.Known {
			return moment{Wall: l.Arrival.UnixNano()}
		}
		return moment{Wall: last.Wall, Off: last.Off + statsEvery, Known: true}
	}
	from := l.Arrival.Add(-l.Spread)
	if above := last.time(); last.Known && above.After(from) && !above.After(l.Arrival) {
		from = above
	}
	at, off := l.Written(from, l.Arrival)
	return moment{Wall: at.UnixNano(), Off: off, Known: true}
}

// time is the moment in UTC; zero when nothing is known.
func (m moment) time() time.Time {
	if m.Wall == 0 {
		return time.Time{}
	}
	return time.Unix(0, m.Wall).UTC()
}

// between is a moment somewhere from from until until.
func between(from, until moment) moment {
	low, high := from.Wall, max(from.Wall, until.Wall)
	half := time.Duration(high-low) / 2
	return moment{Wall: low + int64(half), Off: half + max(from.Off, until.Off), Known: from.Known && until.Known}
}
