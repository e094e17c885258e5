package systemmeter

import (
	"maps"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// failuresToLog is how many failures in a row make a meter that worked one
// that fails: a plug on Wi-Fi misses an answer now and then.
const failuresToLog = 3

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
