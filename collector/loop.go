package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// The defaults of Loop.
const (
	DefaultPollEvery    = time.Second
	DefaultProcessEvery = 5 * time.Second
	DefaultCommitEvery  = 10 * time.Second
	// catchUpEvery is between two looks at a log with more to read: a backlog of
	// days must not take longer than requests may wait for.
	catchUpEvery = 20 * time.Millisecond
	// processMin is the least time between two looks at the processes, when
	// requests end one after another.
	processMin = time.Second
	// commitTries is after how many failed commits in a row the loop gives up:
	// the batch in memory must stay bounded, and a restart is visible.
	commitTries = 10
	// lastCommit is how long the last commit may take after the stop.
	lastCommit = 5 * time.Second
)

// Loop drives a Collector in real time from live sources.
type Loop struct {
	Collector *Collector
	Power     PowerSource
	Processes ProcessSource // nil: no process stats
	Now       func() time.Time
	// Readings brings those of the meters of the whole machine; nil: there are none.
	Readings <-chan Reading
	// Calibrations brings those that were made meanwhile and are stored already;
	// nil: none will be.
	Calibrations <-chan attribution.Calibration

	PollEvery, ProcessEvery, CommitEvery time.Duration // 0 means the default

	// Committed is called after each try to commit, from the loop's goroutine,
	// with the error of one that failed. Nil: nobody asks.
	Committed func(Status, error)

	looked     time.Time // when the processes were looked at last
	ended      bool      // requests have ended since
	lookFailed string    // what was wrong with the processes at the last look
}

// Run blocks until ctx ends, then commits once more and returns nil. It
// returns an error when the power source stops or the sink keeps failing.
func (l *Loop) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	measurements := make(chan attribution.Measurement, 16)
	g.Go(func() error {
		defer close(measurements)
		if err := l.Power.Run(ctx, measurements); err != nil {
			return fmt.Errorf("power source: %w", err)
		}
		if ctx.Err() == nil {
			return fmt.Errorf("power source: %w", errStopped)
		}
		return nil
	})
	g.Go(func() error { return l.drive(ctx, measurements) })
	return g.Wait()
}

func (l *Loop) drive(ctx context.Context, measurements <-chan attribution.Measurement) error {
	poll := time.NewTicker(orDefault(l.PollEvery, DefaultPollEvery))
	defer poll.Stop()
	every := orDefault(l.ProcessEvery, DefaultProcessEvery)
	look := time.NewTicker(every)
	defer look.Stop()
	commit := time.NewTicker(orDefault(l.CommitEvery, DefaultCommitEvery))
	defer commit.Stop()

	failed := 0
	l.look(ctx)
	for {
		select {
		case m, ok := <-measurements:
			if !ok { // the source ended; so will ctx
				measurements = nil
				continue
			}
			l.Collector.Measure(m)
			l.lookBetweenSamples(ctx, every)
		case r := <-l.Readings:
			l.Collector.Read(r)
		case c := <-l.Calibrations:
			l.Collector.Calibrate(c)
		case <-look.C:
			if l.now().Sub(l.looked) >= 2*every { // no samples come
				l.look(ctx)
			}
		case <-poll.C:
			if l.Collector.Poll(l.now()) > 0 {
				l.ended = true
			}
			next := orDefault(l.PollEvery, DefaultPollEvery)
			if l.Collector.Behind() {
				next = min(next, catchUpEvery)
			}
			poll.Reset(next)
		case <-commit.C:
			err := l.commit(ctx)
			if err == nil {
				failed = 0
				continue
			}
			failed++
			l.Collector.config.Logger.Error().Err(err).Int("try", failed).Msg("cannot store what was booked; trying again")
			if failed == commitTries {
				return err
			}
		case <-ctx.Done():
			return l.stop(ctx, measurements)
		}
	}
}

// lookBetweenSamples looks at the processes when it is time to, or when
// requests have ended. It is called when a sample has just arrived: a span of
// use that ends where a window does need not be divided within one.
func (l *Loop) lookBetweenSamples(ctx context.Context, every time.Duration) {
	since := l.now().Sub(l.looked)
	if since < every-every/10 && (!l.ended || since < processMin) { // samples do not come to the millisecond
		return
	}
	l.ended = false
	l.look(ctx)
}

// look takes the processes' use since the last look.
func (l *Loop) look(ctx context.Context) {
	if l.Processes == nil {
		return
	}
	l.looked = l.now()
	span, ok, err := l.Processes.Sample(ctx, l.looked)
	if ctx.Err() == nil {
		l.noteLook(err)
	}
	if err == nil && ok {
		l.Collector.Use(span)
	}
}

// noteLook logs that the processes cannot be read once, not at every look.
func (l *Loop) noteLook(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != l.lookFailed && text != "" {
		l.Collector.config.Logger.Warn().Err(err).Msg("process stats cannot be read; energy is split by assumption meanwhile")
	}
	l.lookFailed = text
}

func (l *Loop) commit(ctx context.Context) error {
	err := l.Collector.Commit(ctx, l.now())
	if l.Committed != nil {
		l.Committed(l.Collector.Status(), err)
	}
	return err
}

// stop takes in what the source still sends, and commits. It does not wait for
// longer than lastCommit.
func (l *Loop) stop(ctx context.Context, measurements <-chan attribution.Measurement) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastCommit)
	defer cancel()
	l.drain(ctx, measurements)
	l.look(ctx)
	l.Collector.Flush()
	l.Collector.Poll(l.now())
	return l.commit(ctx)
}

// now is the wall time alone: the monotonic clock that Go adds stops while the
// machine sleeps, and lengths of time would come out short.
func (l *Loop) now() time.Time { return l.Now().Round(0) }

// drain takes in measurements until the source closes the channel.
func (l *Loop) drain(ctx context.Context, measurements <-chan attribution.Measurement) {
	for measurements != nil {
		select {
		case m, ok := <-measurements:
			if !ok {
				return
			}
			l.Collector.Measure(m)
		case <-ctx.Done():
			return
		}
	}
}

func orDefault(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}

// errStopped says that a source ended although nobody asked it to.
var errStopped = errors.New("stopped by itself")
