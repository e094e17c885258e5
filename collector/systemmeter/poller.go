package systemmeter

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// maxBackoff is the longest wait between two questions to a meter that fails.
const maxBackoff = 30 * time.Second

// PollerOptions is what a Poller needs besides its meter and config.
type PollerOptions struct {
	// Hand takes each new, plausible reading, in the order they came, and is
	// called from within Run or Poll. Nil: nobody takes them.
	Hand func(context.Context, Reading)
	// Now is the clock that the age of readings is told by; nil: time.Now.
	Now func() time.Time
	// Wait waits between two questions, and returns early when the context
	// ends; nil: by the machine's timer.
	Wait func(context.Context, time.Duration)
	Log  zerolog.Logger // the zero Logger is silent
}

// Poller asks one meter over and over, one question at a time, and hands on
// what is new, fresh and plausible.
type Poller struct {
	meter   Meter
	config  Config
	options PollerOptions
	counter counter

	mu      sync.Mutex
	status  Status
	failing bool // as the log has it
}

// NewPoller returns a poller that has not asked yet.
func NewPoller(m Meter, c Config, o PollerOptions) *Poller {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Hand == nil {
		o.Hand = func(context.Context, Reading) {}
	}
	status := Status{Name: m.Name(), Kind: c.Kind, Scope: m.Scope(), Counts: map[Result]int64{}}
	return &Poller{meter: m, config: c.WithDefaults(), options: o, status: status}
}

// Run asks until the context ends, and returns nil then. It does not close the
// meter.
func (p *Poller) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		begun := p.options.Now()
		_, _ = p.Poll(ctx) // counted, logged and in Status
		p.options.Wait(ctx, p.pause(p.options.Now().Sub(begun)))
	}
	return nil
}

// pause is how long to wait for the next question, when the last took a while:
// questions begin Config.Every apart, and further apart while the meter fails.
func (p *Poller) pause(took time.Duration) time.Duration {
	p.mu.Lock()
	failures := p.status.Failures
	p.mu.Unlock()
	every := p.config.Every
	for range max(0, failures-1) {
		if every >= maxBackoff {
			break
		}
		every = min(2*every, maxBackoff)
	}
	return min(every, max(every-took, every/4)) // took is wrong where the clock was set
}

// Poll asks once, and hands the reading on. The error is that of the meter, or
// ErrStale or ErrImplausible; none for a reading that was handed on before.
func (p *Poller) Poll(ctx context.Context) (Result, error) {
	limited, cancel := context.WithTimeout(ctx, questionTimeout)
	r, err := p.meter.Read(limited)
	cancel()
	if ctx.Err() != nil {
		return ResultError, ctx.Err()
	}
	repeat := false
	if err == nil {
		r, repeat, err = p.examine(r)
	}
	switch {
	case err != nil:
		result := resultOf(err)
		p.failed(result, err)
		return result, err
	case repeat:
		p.answered(ResultRepeat, nil)
		return ResultRepeat, nil
	}
	p.answered(ResultOK, &r)
	p.options.Hand(ctx, r)
	return ResultOK, nil
}

// examine decides whether a reading is to be handed on, and as what.
func (p *Poller) examine(r Reading) (Reading, bool, error) {
	now := p.options.Now().UTC()
	if r.At.After(now) {
		r.At = now // a clock of the device that is ahead makes nothing true early
	}
	p.mu.Lock()
	last, known := p.status.Last.At, p.status.HasLast
	p.mu.Unlock()
	// What is a little before the last is the answer of a cache. What is long
	// before it is new: the machine's clock was set back.
	if age := last.Sub(r.At); known && age >= 0 && age < p.config.MaxAge && now.Sub(r.At) <= p.config.MaxAge {
		return r, true, nil
	}
	if age := now.Sub(r.At); age > p.config.MaxAge {
		return r, false, p.wrap(hint(fmt.Errorf("of %v ago: %w", age.Round(time.Second), ErrStale),
			"does the meter still measure? If it is just slow, raise max_age from %v", p.config.MaxAge))
	}
	if err := plausible(r, p.config.MaxWatts); err != nil {
		return r, false, p.wrap(err)
	}
	if r.HasEnergy {
		if err := p.counter.follow(r, p.config.MaxWatts); err != nil {
			return r, false, p.wrap(err)
		}
	}
	return r, false, nil
}

func (p *Poller) wrap(err error) error { return fmt.Errorf("meter %s: %w", p.meter.Name(), err) }

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
