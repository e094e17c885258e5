package report

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// Metered is how many of the requests have energy in the report, be it in part.
func (m Model) Metered() int64 { return max(0, m.Requests-m.Late-m.Unmetered) }

// JoulesPerOutputToken is the energy of a request, prefill included, by each
// token that it generated. It is the mean of the requests of which both are
// known, and exact for those; false when there is none.
func (m Model) JoulesPerOutputToken() (float64, bool) {
	if m.PerToken.N <= 0 {
		return 0, false
	}
	return float64(m.PerToken.Energy) / float64(m.PerToken.N), true
}

// PerMillionOutput is the marginal cost of a million output tokens, of the
// same requests as JoulesPerOutputToken and prefill included.
func (m Model) PerMillionOutput() Amount { return m.PerToken.Spend.amount(1_000_000, m.PerToken.N) }

// TokensPerSecond is the decode speed of one request on average; false when
// the log does not tell when tokens came.
func (m Model) TokensPerSecond() (float64, bool) {
	if m.DecodeTime <= 0 || m.DecodedTokens <= 0 {
		return 0, false
	}
	return float64(m.DecodedTokens) / m.DecodeTime.Seconds(), true
}

// ErrorShare is Error as a part of the energy; false without energy.
func (m Model) ErrorShare() (float64, bool) {
	if !m.EnergyKnown || m.Energy() <= 0 {
		return 0, false
	}
	return float64(m.Error / m.Energy()), true
}

// oneMore averages over the requests that ended well and were measured whole;
// nil when there is none.
func (m Model) oneMore() *OneMoreCall {
	n := m.Finished.N
	if n <= 0 {
		return nil
	}
	return &OneMoreCall{Server: m.Server, Model: m.Model, Requests: n,
		Energy: m.Finished.Energy / energy.Joules(n), Cost: m.Finished.Spend.amount(1, n),
		Per1000Output: m.PerToken.Spend.amount(1000, m.PerToken.N)}
}

// plus is both samples together; the cost is known when both are.
func (s Sample) plus(o Sample) Sample {
	return Sample{N: s.N + o.N, Energy: s.Energy + o.Energy, Spend: s.Spend.plus(o.Spend)}
}

// Age is how long before the report l was learned from the last time.
func (r Report) Age(l store.Learned) time.Duration { return max(0, r.Now.Sub(l.Last)) }

// unlearned are the models that shared energy with other requests and whose
// tokens are not learned yet.
func (r Report) unlearned() []Model {
	return slices.DeleteFunc(slices.Clone(r.Models), func(m Model) bool {
		return m.Shared <= 0 || slices.ContainsFunc(r.Learned, func(l store.Learned) bool { return l.Server == m.Server && l.Model == m.Model })
	})
}
