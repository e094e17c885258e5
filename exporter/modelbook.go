package exporter

import (
	"math"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// modelBook sums up what one server did with one model.
type modelBook struct {
	prefill, decode, err  sum
	input, cached, output tokenCount
	ok, cancelled, failed int64
	unknownTokens         int64  // requests of which a count is unknown
	estimatedTokens       int64  // requests of which a count was not told by the server
	marginal, active      *meter // priced only with a tariff
	rate                  rate
}

// tokenCount is a sum of the known counts.
type tokenCount struct {
	n    int64
	seen bool // at least one count was known
}

func (t *tokenCount) add(c attribution.Count) {
	if !c.Known || c.N < 0 {
		return
	}
	t.n += min(c.N, math.MaxInt64-t.n) // a forged count must not make the counter fall
	t.seen = true
}

func newModelBook(t cost.Tariff) *modelBook {
	return &modelBook{marginal: &meter{tariff: t}, active: &meter{tariff: t}}
}

func (m *modelBook) share(s attribution.Share) {
	m.prefill.add(float64(s.Prefill))
	m.decode.add(float64(s.Decode))
	m.err.add(float64(s.Error))
}

func (m *modelBook) request(r attribution.Request) {
	m.input.add(r.Input)
	m.cached.add(r.Cached)
	m.output.add(r.Output)
	if !r.Input.Known || !r.Cached.Known || !r.Output.Known {
		m.unknownTokens++
	}
	if r.TokensEstimated {
		m.estimatedTokens++
	}
	switch r.Outcome {
	case attribution.OutcomeCancelled:
		m.cancelled++
	case attribution.OutcomeError:
		m.failed++
	default:
		m.ok++
	}
}
