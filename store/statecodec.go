package store

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// encodeState writes everything but Closed, which is one of the marks.
func encodeState(s attribution.State, n *names) []byte {
	e := newEncoder(256)
	e.uvarint(uint64(len(s.Requests)))
	for _, r := range s.Requests {
		e.request(r.Request, earliestTime, false, n)
		e.tally(r.Booked)
		e.placed(r)
	}
	e.uvarint(uint64(len(s.Loads)))
	for _, l := range s.Loads {
		e.name(n, l.Server)
		e.model(n, l.Model)
		e.time(l.Start)
		e.time(l.End)
	}
	e.uvarint(uint64(len(s.Quiet)))
	last := earliestTime
	for _, q := range s.Quiet {
		e.varint(int64(q.Start.Sub(last)))
		e.quiet(q)
		last = q.Start
	}
	e.time(s.Step.Start)
	e.quiet(s.Step)
	e.time(s.LastEnd)
	e.learnedModels(s.Learned, n)
	e.step(s.Learning, n)
	e.number(float64(s.Others.Energy))
	e.number(s.Others.Time)
	e.uvarint(uint64(len(s.Lags)))
	for _, l := range s.Lags {
		e.name(n, l.Server)
		e.number(l.Lag)
	}
	return e.b
}

func (e *encoder) tally(t attribution.Tally) {
	e.joules(t.Prefill)
	e.joules(t.Decode)
	e.joules(t.Error)
	e.joules(t.Sharing)
	e.number(t.NoiseSquared)
	e.joules(t.Expected)
	e.varint(int64(t.Covered))
	e.joules(t.Shared)
	e.joules(t.Estimated)
}

// quiet writes everything but the start.
func (e *encoder) quiet(q attribution.QuietMinute) {
	e.varint(int64(q.Length))
	e.joules(q.CPU)
	e.joules(q.GPU)
	e.joules(q.All)
	e.varint(int64(q.CPUBusy))
	e.varint(int64(q.GPUBusy))
	e.varint(int64(q.Others.CPU))
	e.varint(int64(q.Others.GPU))
	e.joules(q.Others.CPUEnergy)
	e.varint(int64(q.Length - q.Watched)) // mostly 0
}

func decodeState(value []byte, n *names) (attribution.State, error) {
	d := newDecoder(value)
	var s attribution.State
	for range d.count() {
		r := attribution.OpenRequest{Request: d.request(earliestTime, false, n), Booked: d.tally()}
		d.placed(&r)
		s.Requests = append(s.Requests, r)
	}
	for range d.count() {
		s.Loads = append(s.Loads, attribution.ModelLoad{Server: d.name(n), Model: d.name(n), Start: d.time(), End: d.time()})
	}
	last := earliestTime
	for range d.count() {
		last = d.inRange(last.Add(d.duration(time.Nanosecond)))
		s.Quiet = append(s.Quiet, d.quiet(last))
	}
	s.Step = d.quiet(d.time())
	s.LastEnd = d.time()
	s.Learned = d.learnedModels(n)
	s.Learning = d.step(n)
	s.Others = attribution.GPUPower{Energy: energy.Joules(d.number()), Time: d.number()}
	for range d.count() {
		s.Lags = append(s.Lags, attribution.ServerLag{Server: d.name(n), Lag: d.number()})
	}
	if err := d.done(); err != nil {
		return attribution.State{}, err
	}
	return s, nil
}

func (d *decoder) tally() attribution.Tally {
	return attribution.Tally{
		Prefill: d.joules(), Decode: d.joules(), Error: d.joules(), Sharing: d.joules(), NoiseSquared: d.number(), Expected: d.joules(),
		Covered: time.Duration(d.varint()), Shared: d.joules(), Estimated: d.joules(),
	}
}

func (d *decoder) quiet(start time.Time) attribution.QuietMinute {
	q := attribution.QuietMinute{
		Start: start, Length: time.Duration(d.varint()),
		CPU: d.joules(), GPU: d.joules(), All: d.joules(),
		CPUBusy: time.Duration(d.varint()), GPUBusy: time.Duration(d.varint()),
		Others: attribution.Use{CPU: time.Duration(d.varint()), GPU: time.Duration(d.varint()), CPUEnergy: d.joules()},
	}
	q.Watched = q.Length - time.Duration(d.varint())
	return q
}

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
