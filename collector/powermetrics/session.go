package powermetrics

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// session is the state of one Run.
type session struct {
	r        *Runner
	path     string
	args     *arguments
	line     *Timeline
	out      chan<- attribution.Measurement
	now      func() time.Time
	log      zerolog.Logger
	patience time.Duration
	grace    time.Duration
	wait     time.Duration // before the next restart
	worked   bool          // there was a sample
	failures int           // starts in a row without one
	flaw     Flaw          // of the newest sample; empty when it was usable
	batched  bool          // it was logged that counters are
}

func (r *Runner) session(out chan<- attribution.Measurement) *session {
	interval := cmp.Or(max(r.Interval.Truncate(time.Millisecond), 0), DefaultInterval)
	s := &session{
		r:        r,
		path:     cmp.Or(r.Path, DefaultPath),
		args:     newArguments(interval, r.ExtraSamplers),
		line:     NewTimeline(interval),
		out:      out,
		now:      r.Now,
		log:      r.Log,
		patience: cmp.Or(r.Patience, max(10*interval, 30*time.Second)),
		grace:    cmp.Or(r.Grace, 2*time.Second),
		wait:     cmp.Or(r.FirstWait, time.Second),
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.line.tile.settled = func(result Result, f Flaw, samples int64) {
		r.count(func(st *Stats) { st.Counts.settled(result, f, samples) })
	}
	return s
}

// refused drops what the child refused, and says whether it is worth starting
// again at once.
func (s *session) refused(e *ending) bool {
	if e.samples > 0 || e.refused == "" || !s.args.drop(e.refused) {
		return false
	}
	s.r.count(func(st *Stats) { st.Dropped = append(st.Dropped, e.refused) })
	s.log.Warn().Str("refused", e.refused).Msg("powermetrics refused a sampler or option; going on without it")
	return true
}

// judge logs why a child ended. It returns the reason when it is time to give
// up.
func (s *session) judge(e *ending) error {
	if e.samples > 0 {
		s.worked, s.failures = true, 0
		if e.ran >= cmp.Or(s.r.Healthy, time.Minute) {
			s.wait = cmp.Or(s.r.FirstWait, time.Second)
		}
		s.log.Warn().Int64("samples", e.samples).Stringer("ran", e.ran).Str("ended", e.how()).
			Stringer("pause", s.wait).Msg("powermetrics ended; starting it again")
		return nil
	}
	s.failures++
	why := e.startError(s.path)
	if s.r.GiveUp > 0 && !s.worked && s.failures >= s.r.GiveUp {
		return fmt.Errorf("no sample in %d starts: %w", s.failures, why)
	}
	message := "powermetrics has not given a sample yet"
	if s.worked {
		message = "powermetrics gave samples before, but does not start again"
	}
	s.log.Error().Str("path", s.path).Str("cause", why.Cause.Error()).Str("detail", why.Detail).Str("hint", why.Hint).
		Int("starts", s.failures).Stringer("pause", s.wait).Msg(message)
	return nil
}

// pause waits before a restart. It is false when ctx ended.
func (s *session) pause(ctx context.Context) bool {
	t := time.NewTimer(s.wait)
	defer t.Stop()
	s.wait = min(2*s.wait, cmp.Or(s.r.MaxWait, time.Minute))
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// noteFlaw logs when samples become unusable, and when they are usable again.
// A summary is neither.
func (s *session) noteFlaw(f Flaw) {
	if f == s.flaw || f == FlawSummary {
		return
	}
	s.flaw = f
	if f == "" {
		s.log.Info().Msg("power samples are usable again")
		return
	}
	s.log.Warn().Str("flaw", string(f)).Str("hint", f.hint()).Msg("power samples hold no usable energy; that time is not metered")
}

// noteBatched logs, once, that the chip publishes its energy counters in
// batches.
func (s *session) noteBatched() {
	b := &s.line.tile.batches
	if s.batched || !b.cpu.batched && !b.gpu.batched {
		return
	}
	s.batched = true
	s.log.Info().Bool("cpu", b.cpu.batched).Bool("gpu", b.gpu.batched).
		Msg("energy counters are published in batches: samples that read 0 are joined with those that follow")
}
