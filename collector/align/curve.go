package align

import (
	"slices"
	"time"
)

// columns are what a log's work may explain power by, as shares of some time:
// a request was in flight, and one was in its prefill.
type columns [2]float64

// curve is a log's work over a stretch of time, in pieces of constant work.
// Times are seconds from its origin, by the log's clock.
type curve struct {
	changes []change
	pieces  []piece // the first begins where the stretch does
}

// change is the begin or end of a request or of its prefill.
type change struct {
	at                float64
	inFlight, prefill int32
}

// piece lasts until the next one begins.
type piece struct {
	at  float64
	now columns // 0 or 1 each
	sum columns // seconds since the first piece began, up to at
}

// set makes c the work of requests in [from, to). Of a request without a first
// token the time from its start to onset is taken for the prefill.
func (c *curve) set(origin time.Time, from, to float64, onset time.Duration, requests []Span) {
	at := change{at: from}
	c.changes = c.changes[:0]
	for i := range requests {
		r := &requests[i]
		first := r.FirstToken
		if first.IsZero() {
			first = r.Start.Add(onset)
		}
		start, end := r.Start.Sub(origin).Seconds(), to
		if !r.End.IsZero() {
			end = min(r.End.Sub(origin).Seconds(), to)
		}
		c.put(&at, start, end, change{inFlight: 1})
		c.put(&at, start, min(first.Sub(origin).Seconds(), end), change{prefill: 1})
	}
	slices.SortFunc(c.changes, byTime)
	c.pieces = append(c.pieces[:0], piece{at: from, now: at.columns()})
	for _, x := range c.changes {
		at.inFlight += x.inFlight
		at.prefill += x.prefill
		last, now := &c.pieces[len(c.pieces)-1], at.columns()
		switch {
		case now == last.now: // others are at work too
		case x.at == last.at:
			last.now = now
		default:
			c.pieces = append(c.pieces, piece{at: x.at, now: now, sum: last.upTo(x.at)})
		}
	}
}

// byTime is faster than cmp.Compare, which minds what is not a number.
func byTime(x, y change) int {
	switch {
	case x.at < y.at:
		return -1
	case x.at > y.at:
		return 1
	}
	return 0
}

// put adds what begins at start and is over at end, where it lies in the
// stretch that begins with at. An end at the end of the stretch needs no change.
func (c *curve) put(at *change, start, end float64, by change) {
	if end <= at.at || end <= start {
		return
	}
	if start <= at.at {
		at.inFlight += by.inFlight
		at.prefill += by.prefill
	} else {
		by.at = start
		c.changes = append(c.changes, by)
	}
	c.changes = append(c.changes, change{end, -by.inFlight, -by.prefill})
}

func (x change) columns() columns {
	return columns{float64(min(x.inFlight, 1)), float64(min(x.prefill, 1))}
}

// upTo is the sum up to t, in this piece.
func (p *piece) upTo(t float64) columns {
	d := t - p.at
	return columns{p.sum[0] + p.now[0]*d, p.sum[1] + p.now[1]*d}
}

// flat reports whether the work never changes.
func (c *curve) flat() bool { return len(c.pieces) == 1 }

// first is the work at the begin of the stretch.
func (c *curve) first() columns { return c.pieces[0].now }

// fill sets row to the mean work in time spans of the given length, the first
// of which begins at from, each other a step after the one before.
func (c *curve) fill(row []columns, from, step, length float64) {
	p, q := 0, 0
	for i := range row {
		a := from + float64(i)*step
		b := a + length
		p, q = c.seek(p, a), c.seek(q, b)
		low, high := c.pieces[p].upTo(a), c.pieces[q].upTo(b)
		row[i] = columns{(high[0] - low[0]) / length, (high[1] - low[1]) / length}
	}
}

// seek moves on from piece i to the one that t lies in.
func (c *curve) seek(i int, t float64) int {
	for i+1 < len(c.pieces) && c.pieces[i+1].at <= t {
		i++
	}
	return i
}

// edges is how often in [a, b) work began or ended.
func (c *curve) edges(a, b float64) int {
	n := 0
	for i := 1; i < len(c.pieces); i++ {
		if p := &c.pieces[i]; p.at >= a && p.at < b && p.now[0] != c.pieces[i-1].now[0] {
			n++
		}
	}
	return n
}
