package systemmeter

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

const (
	// maxBackoff is the longest wait between two questions to a meter that fails.
	maxBackoff = 30 * time.Second
	// failuresToLog is how many failures in a row make a meter that worked one
	// that fails: a plug on Wi-Fi misses an answer now and then.
	failuresToLog = 3
)

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

// Status is how a meter does.
type Status struct {
	Name  string
	Kind  Kind
	Scope attribution.Scope
	// Last is the newest reading that was handed on; meaningless unless HasLast.
	Last    Reading
	HasLast bool
	Result  Result // of the last question; empty before the first
	// Error is why the last question failed, with a hint where there is one;
	// empty when it did not. It holds no secret.
	Error    string
	Failures int              // in a row, up to now
	Counts   map[Result]int64 // of all questions
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
	return max(every-took, every/4)
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
	now := p.options.Now()
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
		value, err := p.counter.follow(r, p.config.MaxWatts)
		if err != nil {
			return r, false, p.wrap(err)
		}
		r.Energy = value
	}
	return r, false, nil
}

func (p *Poller) wrap(err error) error { return fmt.Errorf("meter %s: %w", p.meter.Name(), err) }

// Status returns how the meter does. It may be called at any time.
func (p *Poller) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.status
	s.Counts = maps.Clone(s.Counts)
	return s
}

// answered notes a good answer; r is nil for a repeat.
func (p *Poller) answered(result Result, r *Reading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	missed := p.status.Failures
	p.count(result)
	p.status.Failures, p.status.Error = 0, ""
	switch {
	case r != nil && !p.status.HasLast:
		p.options.Log.Info().Str("meter", p.status.Name).Str("scope", string(p.status.Scope)).Msg("meter answers")
	case p.failing:
		p.options.Log.Info().Str("meter", p.status.Name).Int("missed", missed).Msg("meter answers again")
	}
	p.failing = false
	if r != nil {
		p.status.Last, p.status.HasLast = *r, true
	}
}

// failed notes a failure, and logs the one that makes the meter a failing one.
func (p *Poller) failed(result Result, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count(result)
	p.status.Failures++
	p.status.Error = err.Error()
	if p.failing || p.status.HasLast && p.status.Failures < failuresToLog {
		return
	}
	p.failing = true
	p.options.Log.Warn().Str("meter", p.status.Name).Str("result", string(result)).Err(err).Msg("meter gives no reading")
}

func (p *Poller) count(result Result) {
	p.status.Result = result
	p.status.Counts[result]++
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
