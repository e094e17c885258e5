package powermetrics

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

const (
	// trustFor bounds how old a sample's timestamp may be at its arrival. Past
	// it the stream is a recording, and says nothing about the time now.
	trustFor = time.Hour
	// timestampStep is the resolution of a sample's timestamp.
	timestampStep = time.Second
	// delayRun is over how many samples the smallest delay is taken.
	delayRun = 64
)

// Timeline turns samples with their arrival times into measurements. It is
// pure: it reads no clock.
//
// A sample tells how long it is to the nanosecond, but when it ended only to
// the second. So windows are laid end to end by their length, starting from the
// arrival of the first, and arrival is used to hold them in place: no window
// ends after it arrived, and when all of 64 windows arrived late by at least
// some delay, the next is lengthened by that. The timestamp is the check: when
// it says that a sample ended later than the windows before it can explain, then
// time passed that nobody measured, and that time is a gap.
type Timeline struct {
	interval time.Duration
	tile     tiler
	boot     time.Time
	delays   int           // samples since the last correction
	delay    time.Duration // the smallest among them
}

// NewTimeline returns a Timeline for samples taken at the given interval. A
// sample that spans more than three intervals becomes a gap.
func NewTimeline(interval time.Duration) *Timeline { return &Timeline{interval: interval} }

// Add places a sample that arrived at the given wall time. It returns one
// window, or the gaps that stand in its place; nothing for a summary, and
// nothing yet for a sample that spans too much: its gap ends where the next
// sample begins. Nothing yet comes of a sample either that is held because its
// energy is not published: what follows within six samples tells what became of
// it, before anything else.
func (t *Timeline) Add(s *Sample, arrival time.Time) []attribution.Measurement {
	arrival = arrival.UTC().Round(0) // wall time alone: the monotonic clock stops in sleep
	switch {
	case s.Flaw == FlawSummary:
		return nil
	case t.Overlong(s):
		t.tile.hole(attribution.GapOverlongPause)
		return nil
	}
	end := t.end(s, arrival)
	if !s.BootTime.IsZero() {
		t.boot = s.BootTime
	}
	return t.tile.place(s, end, nil)
}

// Overlong reports whether s spans far more than the sampling interval.
func (t *Timeline) Overlong(s *Sample) bool { return s.Elapsed > overlongFactor*t.interval }

// Skip notes a document that could not be decoded. When its head told how long
// it is, its gap is returned at once; else it ends where the next sample begins.
func (t *Timeline) Skip(e *DocumentError, arrival time.Time) []attribution.Measurement {
	short := e.Elapsed > 0 && e.Elapsed <= overlongFactor*t.interval
	if !short || t.tile.last.IsZero() || t.tile.pending != "" {
		t.tile.hole(attribution.GapBadDocument)
		return nil
	}
	end := t.tile.last.Add(e.Elapsed)
	if end.After(arrival) {
		t.tile.hole(attribution.GapBadDocument)
		return nil
	}
	return t.tile.skip(end, attribution.GapBadDocument)
}

// Restart notes that powermetrics ended: the time up to the first window of
// its successor is a gap. What is held is told before that gap, as unusable.
func (t *Timeline) Restart() { t.tile.restart() }

// end says when s ended.
func (t *Timeline) end(s *Sample, arrival time.Time) time.Time {
	latest, earliest := arrival, time.Time{}
	if s.trusted(arrival) {
		earliest = s.Timestamp
		if next := s.Timestamp.Add(timestampStep); next.Before(latest) {
			latest = next
		}
	}
	if t.tile.last.IsZero() || t.tile.pending != "" {
		return t.anchor(latest)
	}
	end := t.tile.last.Add(s.Elapsed)
	if end.After(latest) {
		return t.anchor(latest)
	}
	late := earliest.Sub(end) // very negative without a timestamp
	if earliest.IsZero() && arrival.Sub(end) > overlongFactor*max(t.interval, s.Elapsed) {
		late = arrival.Sub(end)
	}
	switch {
	case late > s.Elapsed/2:
		t.tile.hole(jump(t.boot, s.BootTime, latest.Sub(end)))
		return t.anchor(latest)
	case late > 0:
		return t.anchor(earliest)
	}
	return end.Add(t.drift(arrival.Sub(end), s.Elapsed))
}

// trusted reports whether the sample's timestamp can be about the time now.
func (s *Sample) trusted(arrival time.Time) bool {
	age := arrival.Sub(s.Timestamp)
	return !s.Timestamp.IsZero() && age >= 0 && age < trustFor
}

// anchor begins a new run of delays at end.
func (t *Timeline) anchor(end time.Time) time.Time {
	t.delays, t.delay = 0, 0
	return end
}

// drift takes the delay of one sample and returns by how much its window has
// to be longer: the smallest delay of a run that has just become complete.
func (t *Timeline) drift(delay, elapsed time.Duration) time.Duration {
	if t.delays == 0 || delay < t.delay {
		t.delay = delay
	}
	if t.delays++; t.delays < delayRun {
		return 0
	}
	by := min(t.delay, elapsed/2)
	t.anchor(time.Time{})
	return by
}
