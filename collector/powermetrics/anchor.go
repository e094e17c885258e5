package powermetrics

import (
	"time"
)

// places is the set of start times that a run of samples may have, judged by
// the timestamps of the samples in it: [from, to). Both zero: any.
type places struct{ from, to time.Time }

// with narrows the set by one sample that ends at the given time after the
// run's start. It is not ok when nothing would remain.
func (p places) with(timestamp time.Time, end time.Duration) (places, bool) {
	if timestamp.IsZero() {
		return p, true
	}
	from := timestamp.Add(-end)
	to := from.Add(timestampStep)
	if p.known() && p.from.After(from) {
		from = p.from
	}
	if p.known() && p.to.Before(to) {
		to = p.to
	}
	if !from.Before(to) {
		return p, false
	}
	return places{from: from, to: to}, true
}

func (p places) known() bool { return !p.to.IsZero() }

func (p places) middle() time.Time { return p.from.Add(p.to.Sub(p.from) / 2) }

// notBefore leaves out the places before t, which must lie before the last.
func (p places) notBefore(t time.Time) places {
	if p.from.Before(t) {
		p.from = t
	}
	return p
}

// nearest is the place closest to t.
func (p places) nearest(t time.Time) time.Time {
	switch {
	case !p.known():
		return t
	case t.Before(p.from):
		return p.from
	case !t.Before(p.to):
		return p.to.Add(-1)
	}
	return t
}

// firstRun finds how many samples at the front of what is ahead hang together,
// and where they may lie. It is 0 when the front is a hole.
func (p *replay) firstRun() (n int, where places) {
	var length time.Duration
	for i := range p.ahead {
		e := &p.ahead[i]
		if e.broken || p.overlong(e.Elapsed) || i > 0 && e.Restarted {
			return n, where
		}
		length += e.Elapsed
		narrower, ok := where.with(e.Timestamp, length)
		if !ok {
			return n, where
		}
		n, where = n+1, narrower
	}
	return n, where
}

// startOf picks the place of a run that begins with first.
func (p *replay) startOf(where places, first *Sample) (time.Time, error) {
	last := p.tile.last
	if last.IsZero() {
		if !where.known() {
			return time.Time{}, ErrNoTimestamp
		}
		return where.middle(), nil
	}
	if first.Restarted && p.lost == 0 && where.to.After(last) { // the stop was of any length
		return where.notBefore(last).middle(), nil
	}
	if p.tile.pending != "" {
		return where.nearest(last.Add(p.lost)), nil
	}
	start := where.nearest(last)
	if missing := start.Sub(last); missing > first.Elapsed/2 {
		p.tile.hole(jump(p.boot, first.BootTime, missing))
		return where.middle(), nil
	}
	return start, nil
}
