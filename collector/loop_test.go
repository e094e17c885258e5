package collector_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
)

// ticking is a power source of one window a second.
type ticking struct{ stopAfter int } // 0: never

func (s ticking) Run(ctx context.Context, out chan<- attribution.Measurement) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := 1; ; i++ {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			out <- attribution.Measurement{Window: &attribution.Window{Start: now.Add(-time.Second), End: now, Energy: 5, GPU: attribution.Rail{Energy: 5, Known: true}}}
		}
		if i == s.stopAfter {
			return nil
		}
	}
}

type processes struct{ last time.Time }

func (p *processes) Sample(_ context.Context, now time.Time) (attribution.UsageSpan, bool, error) {
	span := attribution.UsageSpan{Start: p.last, End: now, Usage: attribution.Usage{GPUKnown: true}}
	ok := !p.last.IsZero()
	p.last = now
	return span, ok, nil
}

func newLoop(sink collector.Sink, source collector.PowerSource) *collector.Loop {
	cfg := config(nil)
	cfg.ProcessStats = true
	return &collector.Loop{Collector: collector.New(cfg, attribution.Resume{}, sink), Power: source, Processes: &processes{}, Now: time.Now}
}

func TestLoopStoresEveryWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memory{}
		ctx, stop := context.WithTimeout(t.Context(), 60*time.Second+time.Millisecond)
		defer stop()
		if err := newLoop(sink, ticking{}).Run(ctx); err != nil {
			t.Fatal(err)
		}
		if n := len(sink.all().Windows); n != 60 {
			t.Errorf("%d windows stored of 60", n)
		}
		if n := len(sink.batches); n != 7 {
			t.Errorf("%d commits in a minute, want one each 10 s and one at the stop", n)
		}
	})
}

func TestLoopEndsWithItsPowerSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memory{}
		err := newLoop(sink, ticking{stopAfter: 3}).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "power source") {
			t.Fatalf("got %v, want an error that names the power source", err)
		}
		if n := len(sink.all().Windows); n != 3 {
			t.Errorf("%d windows stored of 3", n)
		}
	})
}

func TestLoopGivesUpOnADeadStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead := errors.New("disk full")
		start := time.Now()
		if err := newLoop(&memory{err: dead}, ticking{}).Run(t.Context()); !errors.Is(err, dead) {
			t.Fatalf("got %v, want %v", err, dead)
		}
		if d := time.Since(start); d < 90*time.Second || d > 110*time.Second {
			t.Errorf("gave up after %v, want ten tries of 10 s", d)
		}
	})
}

// backlog is a log that takes so many polls to read.
type backlog struct {
	scriptedLog
	left, polls int
}

func (l *backlog) Behind() bool { return l.left > 0 }

func (l *backlog) Poll(now time.Time) (attribution.LogUpdate, error) {
	l.polls++
	l.left = max(0, l.left-1)
	return attribution.LogUpdate{}, nil
}

// A log with a backlog is read without waiting, and then once a second again.
func TestLoopCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := &backlog{left: 100}, &memory{}
		loop := &collector.Loop{Collector: collector.New(config(log), attribution.Resume{}, sink), Power: ticking{}, Now: time.Now}
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second+time.Millisecond)
		defer stop()
		if err := loop.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if log.left > 0 || log.polls < 115 || log.polls > 120 {
			t.Errorf("%d polls in 20 s, %d more to do; want 100 at once and then one a second", log.polls, log.left)
		}
	})
}

// unreadable is a process source that never works.
type unreadable struct{}

func (unreadable) Sample(context.Context, time.Time) (attribution.UsageSpan, bool, error) {
	return attribution.UsageSpan{}, false, errors.New("permission denied")
}

func TestUnreadableProcessesAreSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		cfg, sink := config(nil), &memory{}
		cfg.ProcessStats, cfg.Logger = true, zerolog.New(&log)
		loop := &collector.Loop{Collector: collector.New(cfg, attribution.Resume{}, sink), Power: ticking{}, Processes: unreadable{}, Now: time.Now}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := loop.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(log.String(), "permission denied"); n != 1 {
			t.Errorf("logged %d times in a minute, want once:\n%s", n, log.String())
		}
		for _, w := range sink.all().Windows {
			if w.Usage != nil {
				t.Fatalf("a window claims to know who used the machine: %+v", w.Usage)
			}
		}
		if n := len(sink.all().Windows); n < 59 {
			t.Errorf("%d windows stored without process stats, want all", n)
		}
	})
}
