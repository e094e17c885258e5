package store

import "time"

// marks are the times that bound what is stored.
type marks struct {
	closed  time.Time // State.Closed of the last commit
	lastEnd time.Time // of the newest window or gap
	first   time.Time // of anything that was ever stored
	last    time.Time
	at      time.Time // Batch.At of the last commit
}

func (m marks) encode() []byte {
	e := newEncoder(64)
	for _, t := range []time.Time{m.closed, m.lastEnd, m.first, m.last, m.at} {
		e.time(t)
	}
	return e.b
}

func decodeMarks(value []byte) (marks, error) {
	d := newDecoder(value)
	m := marks{closed: d.time(), lastEnd: d.time(), first: d.time(), last: d.time(), at: d.time()}
	if err := d.done(); err != nil {
		return marks{}, err
	}
	return m, nil
}

// span widens first and last to hold [start, end).
func (m *marks) span(start, end time.Time) {
	if m.first.IsZero() || start.Before(m.first) {
		m.first = start.UTC()
	}
	if end.After(m.last) {
		m.last = end.UTC()
	}
}

// measured notes that the time up to end has a window or a gap.
func (m *marks) measured(end time.Time) {
	if end.After(m.lastEnd) {
		m.lastEnd = end.UTC()
	}
}
