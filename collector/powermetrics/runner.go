package powermetrics

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// The defaults of a Runner.
const (
	DefaultPath     = "/usr/bin/powermetrics"
	DefaultInterval = time.Second
)

// Runner keeps one powermetrics running and turns what it prints into
// measurements. Its zero value meters a stock Mac; fields must not change once
// Run was called.
type Runner struct {
	Path     string        // the executable; empty: DefaultPath
	Interval time.Duration // between samples; 0: DefaultInterval
	// ExtraSamplers are asked for besides the four that are always read, such as
	// tasks, which costs 3 to 4 % of a core at one sample a second.
	ExtraSamplers []string
	// GiveUp is after how many starts in a row without any sample Run returns
	// the reason; 0: it never gives up. It does not apply once there was one.
	GiveUp int
	// Observe is called with every sample, usable or not, before its
	// measurement is sent; the sample is only lent. Nil: nobody looks.
	Observe func(*Sample)
	Now     func() time.Time // wall clock; nil: time.Now
	Log     zerolog.Logger

	// FirstWait and MaxWait bound the pause before a restart, which doubles
	// each time and falls back after the tool ran for Healthy; 0: 1 s, 1 min
	// and 1 min.
	FirstWait, MaxWait, Healthy time.Duration
	// Patience is how long the tool may print no sample before it is
	// restarted; 0: ten intervals, at least 30 s.
	Patience time.Duration
	// Grace is how long the tool has to end by itself; 0: 2 s.
	Grace time.Duration

	mu    sync.Mutex
	stats Stats
}

// Stats says what a Runner has seen since its Run began.
type Stats struct {
	Counts      Counts
	Starts      int64    // of the executable, refused arguments included
	Restarts    int64    // after a child ended that had not refused its arguments
	StderrLines int64    // that were not blank
	Dropped     []string // samplers and options that the tool refused, in order
	LastSample  time.Time
	Flaw        Flaw   // of the newest sample; empty when it was usable
	HWModel     string // of the newest sample; empty before the first
	OSBuild     string
	Thermal     string
	PID         int // of the running child; 0 when there is none
}

// Stats returns a copy of the counters.
func (r *Runner) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.Counts = s.Counts.clone()
	s.Dropped = append([]string(nil), s.Dropped...)
	return s
}

func (r *Runner) count(f func(*Stats)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stats.Counts.Results == nil {
		r.stats.Counts = newCounts()
	}
	f(&r.stats)
}

// Run starts the tool, sends its measurements to out and starts it again when
// it ends. It blocks until ctx ends and then returns nil, with no process left
// behind. A *StartError is returned when GiveUp is reached.
//
// What lies before the first window is not reported: only gaps between two
// windows are, also across restarts.
func (r *Runner) Run(ctx context.Context, out chan<- attribution.Measurement) error {
	s := r.session(out)
	for {
		end := s.child(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if s.refused(&end) {
			continue
		}
		s.line.Restart()
		if err := s.judge(&end); err != nil {
			return fmt.Errorf("powermetrics: %w", err)
		}
		if !s.pause(ctx) {
			return nil
		}
		r.count(func(s *Stats) { s.Restarts++ })
	}
}
