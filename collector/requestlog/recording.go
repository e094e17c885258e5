package requestlog

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Recording plays a recorded log to the collector in place of a Source. The
// log is read once, line by line, with constant memory.
type Recording struct {
	name     string
	parser   Parser
	arrivals Arrivals
	lines    *lineScanner
	ahead    *Line // read, and not due yet
	ended    bool
}

// NewRecording returns a Recording of the log r. Without arrivals every line is
// due at once, and times are only what the parser can tell by itself.
func NewRecording(name string, r io.Reader, arrivals Arrivals, p Parser) *Recording {
	return &Recording{name: name, parser: p, arrivals: arrivals, lines: newLineScanner(r, 0)}
}

// Name returns the recording's name.
func (r *Recording) Name() string { return r.name }

// SpeaksAtEnd is as for Source.
func (r *Recording) SpeaksAtEnd() bool { return r.parser.SpeaksAtEnd() }

// Ended is true when every line was played.
func (r *Recording) Ended() bool { return r.ended }

// Poll plays the lines that had arrived by now. The update's horizon is now
// less SettleTime until the recording has ended, and then now itself: nothing
// can come any more. Its checkpoint is empty: a recording is not resumed.
func (r *Recording) Poll(now time.Time) (attribution.LogUpdate, error) {
	var lines attribution.LineCounts
	for {
		l, err := r.next()
		if errors.Is(err, io.EOF) {
			r.ended = true
			break
		}
		if err != nil {
			return attribution.LogUpdate{}, fmt.Errorf("read %s: %w", r.name, err)
		}
		if l.Arrival.After(now) {
			r.ahead = &l
			break
		}
		count(&lines, r.parser, l)
	}
	facts := r.parser.Take()
	u := attribution.LogUpdate{
		Requests: facts.Requests, Loads: facts.Loads, Remote: facts.Remote,
		InFlight: facts.InFlight, Loading: facts.Loading, Lines: lines,
	}
	switch {
	case r.ended && facts.Waiting == 0:
		u.Horizon = now
	case !r.parser.SpeaksAtEnd() && facts.Waiting == 0:
		u.Horizon = now.Add(-SettleTime)
	}
	return u, nil
}

// next returns the next line with its recorded arrival. A line read ahead keeps
// its data: the scanner is not touched before the line is played.
func (r *Recording) next() (Line, error) {
	if r.ahead != nil {
		l := *r.ahead
		r.ahead = nil
		return l, nil
	}
	l, err := r.lines.next()
	if err != nil {
		return Line{}, err
	}
	if at, ok := r.arrivals.At(l.Offset); ok {
		l.Arrival, l.Spread = at, 0
	}
	return l, nil
}

// Replay gives every line of a recorded log to p and calls each after every
// line that was used, with what is new. It is for reading a log whole; the
// same input gives the same calls.
func Replay(r io.Reader, arrivals Arrivals, p Parser, each func(Facts) error) (attribution.LineCounts, error) {
	rec := NewRecording("log", r, arrivals, p)
	var total attribution.LineCounts
	for {
		l, err := rec.next()
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, fmt.Errorf("read log: %w", err)
		}
		used := total.Used
		count(&total, p, l)
		if total.Used == used {
			continue
		}
		if err := each(p.Take()); err != nil {
			return total, err
		}
	}
}
