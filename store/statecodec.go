package store

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// stateWhole is the version of a state that knows of the whole machine. In
// version 1 all energy was of the SoC.
const stateWhole = 2

// stateBlurred knows how far windows lie from the slopes, too.
const stateBlurred = 3

// encodeState writes everything but Closed, which is one of the marks.
func encodeState(s attribution.State, n *names) []byte {
	e := newEncoderOf(stateBlurred, 256)
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
	e.slopes(s.Slopes)
	e.blur(s.Slopes)
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
	e.scope(t.Scope)
}

func decodeState(value []byte, n *names) (attribution.State, error) {
	d, version := newDecoderUpTo(stateBlurred, value)
	whole := version >= stateWhole
	var s attribution.State
	for range d.count() {
		r := attribution.OpenRequest{Request: d.request(earliestTime, false, n), Booked: d.tally(whole)}
		d.placed(&r)
		s.Requests = append(s.Requests, r)
	}
	for range d.count() {
		s.Loads = append(s.Loads, attribution.ModelLoad{Server: d.name(n), Model: d.name(n), Start: d.time(), End: d.time()})
	}
	last := earliestTime
	for range d.count() {
		last = d.inRange(last.Add(d.duration(time.Nanosecond)))
		s.Quiet = append(s.Quiet, d.quiet(last, whole))
	}
	s.Step = d.quiet(d.time(), whole)
	s.LastEnd = d.time()
	s.Learned = d.learnedModels(n)
	s.Learning = d.step(n)
	s.Others = attribution.GPUPower{Energy: energy.Joules(d.number()), Time: d.number()}
	for range d.count() {
		s.Lags = append(s.Lags, attribution.ServerLag{Server: d.name(n), Lag: d.number()})
	}
	if whole {
		s.Slopes = d.slopes()
	}
	if version >= stateBlurred {
		d.blur(&s.Slopes)
	}
	if err := d.done(); err != nil {
		return attribution.State{}, err
	}
	return s, nil
}

func (d *decoder) tally(whole bool) attribution.Tally {
	t := attribution.Tally{
		Prefill: d.joules(), Decode: d.joules(), Error: d.joules(), Sharing: d.joules(), NoiseSquared: d.number(), Expected: d.joules(),
		Covered: time.Duration(d.varint()), Shared: d.joules(), Estimated: d.joules(),
	}
	switch {
	case whole:
		t.Scope = d.scope()
	case t != attribution.Tally{}:
		t.Scope = attribution.ScopeSoC
	}
	return t
}
