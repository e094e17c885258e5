package align

import (
	"cmp"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// The defaults of Config.
const (
	DefaultRange    = 5 * time.Second
	DefaultStep     = 50 * time.Millisecond
	DefaultHalfLife = 30 * time.Minute
	DefaultMinEdges = 20
)

// Config holds the constants of an Estimator. The zero value of a field means
// its default.
type Config struct {
	Range    time.Duration // the largest offset looked for, either way
	Step     time.Duration // between two candidates
	HalfLife time.Duration // the time after which what was seen weighs half
	MinEdges int           // with fewer, as Offset.Edges counts them, nothing is known
}

// WithDefaults returns c with the default for each field that is zero.
func (c Config) WithDefaults() Config {
	c.Range = cmp.Or(c.Range, DefaultRange)
	c.Step = cmp.Or(c.Step, DefaultStep)
	c.HalfLife = cmp.Or(c.HalfLife, DefaultHalfLife)
	c.MinEdges = cmp.Or(c.MinEdges, DefaultMinEdges)
	return c
}

// candidates is how many offsets are tried: one in the middle is zero.
func (c Config) candidates() int { return 2*int(c.Range/c.Step) + 1 }

// Span is one request by the log's own clock.
type Span struct {
	Start      time.Time
	FirstToken time.Time // ends the prefill; zero when the log does not say
	End        time.Time // zero while it is in flight: it ends after all that is looked at
}

// Estimator estimates the offset of one log. Its memory is bounded and its cost
// for a window does not depend on what came before. It is not safe for
// concurrent use.
type Estimator struct {
	config     Config
	curve      curve
	now, was   reading // the window added last, and the one before it
	slow, fast memory  // of the half-life, and of half of it
	fine       bool    // the log's stamps are finer than seconds
}

// reading is one window.
type reading struct {
	start, end time.Time
	watts      float64
	gpu        bool // the power is that of the GPU rail
	flat       bool // the same work for all candidates
	row        []columns
}

// New returns an Estimator that has seen nothing.
func New(config Config) *Estimator {
	c := config.WithDefaults()
	n := c.candidates()
	return &Estimator{
		config: c,
		now:    reading{row: make([]columns, n)}, was: reading{row: make([]columns, n)},
		slow: newMemory(n, c.HalfLife), fast: newMemory(n, c.HalfLife/2),
	}
}

// Add takes the next window, in time order, with at least the log's requests
// that touch the time of the window widened by the range to both sides; more do
// no harm and their order does not matter.
func (e *Estimator) Add(w attribution.Window, requests []Span) {
	length := w.End.Sub(w.Start)
	if length <= 0 {
		return
	}
	e.now, e.was = e.was, e.now
	e.now.start, e.now.end = w.Start, w.End
	e.now.watts, e.now.gpu = float64(w.SoC().Over(length)), w.GPU.Known
	if w.GPU.Known {
		e.now.watts = float64(w.GPU.Energy.Over(length))
	}
	reach, seconds := e.config.Range.Seconds(), length.Seconds()
	e.curve.set(w.Start, -reach, seconds+reach, length/2, requests)
	e.now.flat = e.curve.flat()
	wasFlat := e.was.flat || e.was.end.IsZero()
	if e.now.flat && wasFlat {
		return // no candidate differs from another
	}
	e.fine = e.fine || slices.ContainsFunc(requests, func(s Span) bool { return s.Start.Nanosecond() != 0 })
	e.curve.fill(e.now.row, -reach, e.config.Step.Seconds(), seconds)
	if !e.was.end.Equal(e.now.start) || e.was.gpu != e.now.gpu {
		return
	}
	if e.was.flat { // its row was not filled; it ends where this one begins, so it is the same work
		fill(e.was.row, e.curve.first())
	}
	edges := e.curve.edges(0, seconds)
	e.slow.add(&e.now, &e.was, edges)
	e.fast.add(&e.now, &e.was, edges)
}

func fill(row []columns, c columns) {
	for i := range row {
		row[i] = c
	}
}
