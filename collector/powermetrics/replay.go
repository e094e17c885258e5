package powermetrics

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

const (
	// lookAhead is how many samples a replay holds to find out where they lie.
	lookAhead = 128
	// medianOf is how many samples it takes to tell the sampling interval.
	medianOf = 8
)

// Replay reads a whole recording of a powermetrics stream and hands its
// windows and gaps to emit, in time order. It needs no arrival times and is
// deterministic: the same bytes give the same measurements.
//
// Where the windows lie follows from the timestamps alone. Each says, to the
// second, when its sample ended; the samples' exact lengths tell how those
// seconds hang together. So of all places for a run of samples only those remain
// where each sample ends in its own second, and the middle of what remains is
// taken. A later run goes on where the one before ended, as far as its own
// timestamps allow, and otherwise moves to the nearest place that they do:
// by stretching one window, or, when more than half a window is missing, with a
// gap. Memory is bounded by 128 samples.
//
// Where powermetrics was started again (Sample.Restarted), the time between its
// two runs is a gap for that reason.
//
// The sampling interval is the median length of the samples around; a sample
// longer than three times that becomes a gap. Replay stops at the first error of
// emit and returns it.
func Replay(r io.Reader, emit func(attribution.Measurement) error) (Counts, error) {
	return ReplayTasks(r, nil, emit)
}

// ReplayTasks is Replay for a stream with the tasks sampler. It asks use who
// used the machine in each sample, in the order of the stream, and makes that
// the Usage of the sample's window; TaskMeter.Use is such a function. Nil: no
// window has a Usage.
func ReplayTasks(r io.Reader, use func(*Sample) *attribution.Usage, emit func(attribution.Measurement) error) (Counts, error) {
	p := replay{use: use, emit: emit, counts: newCounts()}
	p.tile.settled = p.counts.settled
	if err := p.run(NewDecoder(r)); err != nil {
		return p.counts, fmt.Errorf("replay powermetrics recording: %w", err)
	}
	return p.counts, nil
}

// replay is the state of one Replay.
type replay struct {
	use    func(*Sample) *attribution.Usage // nil: nobody asks for tasks
	emit   func(attribution.Measurement) error
	ahead  []entry
	tile   tiler
	boot   time.Time
	usual  time.Duration // the sampling interval
	lost   time.Duration // how long the pending hole most likely is
	seen   time.Time     // the newest timestamp in it
	counts Counts
}

// entry is a sample, or what is known about a document that gave none.
type entry struct {
	Sample
	usage   *attribution.Usage // nil when nobody looked
	broken  bool
	unknown bool // broken, and of unknown length
}

func brokenEntry(e *DocumentError) entry {
	return entry{
		Sample:  Sample{Elapsed: e.Elapsed, Timestamp: e.Timestamp, Restarted: e.Restarted},
		broken:  true,
		unknown: e.Elapsed == 0 && e.Defect != DefectGarbage, // garbage takes no time
	}
}

func (p *replay) run(d *Decoder) error {
	var s Sample
	restarted := false // since the newest entry: a summary may be a run's first
	for {
		err := d.Next(&s)
		var broken *DocumentError
		var e entry
		switch {
		case errors.As(err, &broken):
			p.counts.skipped(broken)
			e = brokenEntry(broken)
		case errors.Is(err, io.EOF):
			return p.flush()
		case err != nil:
			return err
		case s.Flaw == FlawSummary:
			p.counts.Results[ResultSummary]++
			restarted = restarted || s.Restarted
			continue
		default:
			e = p.entry(&s)
		}
		e.Restarted = e.Restarted || restarted
		restarted = false
		p.ahead = append(p.ahead, e)
		if len(p.ahead) >= lookAhead {
			if err := p.step(); err != nil {
				return err
			}
		}
	}
}

// entry keeps of a sample what is needed to place it. The rest is reused.
func (p *replay) entry(s *Sample) entry {
	e := entry{Sample: *s}
	if p.use != nil {
		e.usage = p.use(s)
	}
	e.Clusters, e.Tasks, e.Coalitions = nil, nil, nil
	return e
}

func (p *replay) flush() error {
	for len(p.ahead) > 0 {
		if err := p.step(); err != nil {
			return err
		}
	}
	if err := p.emitAll(p.tile.cut()); err != nil {
		return err
	}
	if p.tile.pending == "" || p.tile.last.IsZero() || !p.seen.After(p.tile.last) {
		return nil
	}
	return p.emit(gap(p.tile.last, p.seen, p.tile.pending)) // nothing follows that would end it
}

// step places the first run of samples in what is ahead.
func (p *replay) step() error {
	p.measureInterval()
	if p.ahead[0].Restarted {
		p.tile.restart()
	}
	n, place := p.firstRun()
	if n == 0 {
		err := p.hole(&p.ahead[0])
		p.drop(1)
		return err
	}
	start, err := p.startOf(place, &p.ahead[0].Sample)
	if err != nil {
		return err
	}
	end := start
	for i := range p.ahead[:n] {
		s := &p.ahead[i].Sample
		end = end.Add(s.Elapsed)
		if !s.BootTime.IsZero() {
			p.boot = s.BootTime
		}
		if err := p.emitAll(p.tile.place(s, end, p.ahead[i].usage)); err != nil {
			return err
		}
	}
	p.drop(n)
	p.lost, p.seen = 0, time.Time{}
	return nil
}

// hole takes an entry that gives no window: a broken document or a sample that
// spans too much. Its own gap is known when its length is; else it ends where
// the next sample begins.
func (p *replay) hole(e *entry) error {
	reason := attribution.GapBadDocument
	if !e.broken {
		p.counts.Results[ResultOverlong]++
		reason = attribution.GapOverlongPause
	}
	known := e.broken && e.Elapsed > 0 && !p.overlong(e.Elapsed)
	if !known || p.tile.last.IsZero() || p.tile.pending != "" {
		p.tile.hole(reason)
		p.lost += e.Elapsed
		if e.unknown {
			p.lost += p.usual
		}
		p.seen = e.Timestamp
		return nil
	}
	return p.emitAll(p.tile.skip(p.tile.last.Add(e.Elapsed), reason))
}

func (p *replay) overlong(d time.Duration) bool {
	return p.usual > 0 && d > overlongFactor*p.usual
}

// measureInterval sets the usual length from what is ahead, unless that is too
// little and more was seen before.
func (p *replay) measureInterval() {
	if p.usual > 0 && len(p.ahead) < medianOf {
		return
	}
	var all []time.Duration
	for i := range p.ahead {
		if !p.ahead[i].broken {
			all = append(all, p.ahead[i].Elapsed)
		}
	}
	if len(all) > 0 {
		slices.Sort(all)
		p.usual = all[(len(all)-1)/2]
	}
}

func (p *replay) drop(n int) {
	p.ahead = slices.Delete(p.ahead, 0, n)
}

func (p *replay) emitAll(all []attribution.Measurement) error {
	for _, m := range all {
		if err := p.emit(m); err != nil {
			return err
		}
	}
	return nil
}
