package report

import "github.com/sovmeter/sovmeter/collector/energy"

// Bound says on which side of a figure the truth lies.
type Bound string

// The bounds.
const (
	BoundExact       Bound = "exact"
	BoundAtMost      Bound = "at_most"     // some tokens are unknown, so the truth is this or less
	BoundAtLeast     Bound = "at_least"    // some tokens come without their energy, so the truth is this or more
	BoundApproximate Bound = "approximate" // both
)

// Metered is how many of the requests have their energy in the report.
func (m Model) Metered() int64 { return max(0, m.Requests-m.Late-m.Unmetered) }

// Bound says how figures per output token relate to the truth. Requests with
// unknown tokens are in the energy only; late and unmetered ones are in the
// tokens only.
func (m Model) Bound() Bound {
	switch missing := m.Late + m.Unmetered + m.Partial; {
	case m.UnknownTokens > 0 && missing > 0:
		return BoundApproximate
	case m.UnknownTokens > 0:
		return BoundAtMost
	case missing > 0:
		return BoundAtLeast
	}
	return BoundExact
}

// perToken tells whether figures per output token have a meaning.
func (m Model) perToken() bool {
	return m.EnergyKnown && m.Output.Known && m.Output.N > 0 && m.Metered() > 0
}

// JoulesPerOutputToken is all the energy of the requests, prefill included,
// over the tokens that they generated; false when either is not known.
func (m Model) JoulesPerOutputToken() (float64, bool) {
	if !m.perToken() {
		return 0, false
	}
	return float64(m.Energy()) / float64(m.Output.N), true
}

// PerMillionOutput is the marginal cost of a million output tokens, prefill
// included.
func (m Model) PerMillionOutput() Amount {
	if !m.perToken() {
		return Amount{}
	}
	return m.Marginal.scaled(1_000_000, m.Output.N)
}

// TokensPerSecond is the decode speed of one request on average; false when
// the log does not tell when tokens came.
func (m Model) TokensPerSecond() (float64, bool) {
	if m.DecodeTime <= 0 || m.DecodedTokens <= 0 {
		return 0, false
	}
	return float64(m.DecodedTokens) / m.DecodeTime.Seconds(), true
}

// ErrorShare is the error band as a part of the energy; false without energy.
func (m Model) ErrorShare() (float64, bool) {
	if !m.EnergyKnown || m.Energy() <= 0 {
		return 0, false
	}
	return float64(m.Error / m.Energy()), true
}

// oneMore averages over the requests whose energy is in the report.
func (m Model) oneMore() *OneMoreCall {
	n := m.Metered()
	if n == 0 || !m.EnergyKnown {
		return nil
	}
	call := &OneMoreCall{Server: m.Server, Model: m.Model, Requests: n, Bound: m.Bound(),
		Energy: m.Energy() / energy.Joules(n), Cost: m.Marginal.scaled(1, n)}
	if m.perToken() {
		call.Per1000Output = m.Marginal.scaled(1000, m.Output.N)
	}
	return call
}
