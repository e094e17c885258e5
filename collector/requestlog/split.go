package requestlog

import "bytes"

// deliver hands over the complete lines in buf and keeps the half one.
func (f *Follower) deliver(b bounds, take func(Line)) {
	for f.next(b, take) {
	}
	if rest := len(f.buf) - f.kept; f.skipping || rest > f.opt.MaxLine {
		if !f.skipping {
			f.skipping = true
			take(Line{Offset: f.start, Arrival: b.arrival, Spread: b.spread, Overlong: true})
		}
		f.pass(rest)
	}
	if drop := f.kept - tailBytes; drop > 0 {
		f.buf = f.buf[:copy(f.buf, f.buf[drop:])]
		f.kept = tailBytes
	}
}

// next handles what comes first in the rest of buf: NUL bytes before a line, or
// a line. It is false when there is only a half line, or nothing.
func (f *Follower) next(b bounds, take func(Line)) bool {
	rest := f.buf[f.kept:]
	if !f.skipping {
		if n := zeros(rest); n > 0 {
			f.skipHole(n)
			return true
		}
	}
	end, ended := lineEnd(rest)
	switch ended {
	case byHole:
		switch {
		case f.skipping: // it was counted as too long
			f.skipping = false
		case end > f.opt.MaxLine:
			take(Line{Offset: f.start, Arrival: b.arrival, Spread: b.spread, Overlong: true})
		default:
			f.stats.CutLines++
		}
		f.pass(end)
	case byLineFeed:
		l := Line{Data: rest[:end], Offset: f.start, Arrival: b.arrival, Spread: b.spread}
		if b.exact && end == len(rest)-1 {
			l.Spread = 0
		}
		f.pass(end + 1)
		f.hand(l, take)
	}
	return ended != byNothing
}

// pass marks n more bytes of buf as handled.
func (f *Follower) pass(n int) {
	f.kept += n
	f.start += int64(n)
	f.inHole = false
}

// hand gives one line to take, unless it is the end of an overlong one.
func (f *Follower) hand(l Line, take func(Line)) {
	if f.skipping {
		f.skipping = false
		return
	}
	if len(l.Data) > f.opt.MaxLine {
		l.Data, l.Overlong = nil, true
	} else if n := len(l.Data); n > 0 && l.Data[n-1] == '\r' {
		l.Data = l.Data[:n-1]
	}
	take(l)
}

// ending is what ends a line.
type ending int

const (
	byNothing ending = iota // the line is not complete
	byLineFeed
	byHole // the line was cut short
)

// lineEnd finds the end of the line that data begins with.
func lineEnd(data []byte) (int, ending) {
	end, ended := bytes.IndexByte(data, '\n'), byLineFeed
	if end < 0 {
		end, ended = len(data), byNothing
	}
	if at, ok := findHole(data[:end]); ok {
		return at, byHole
	}
	return end, ended
}
