package report

import (
	"cmp"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// addModels takes over the rows of the models, most energy first.
func (out *Report) addModels(l *ledger) {
	for _, key := range l.models.sorted(func(a, b modelKey) int {
		return cmp.Or(cmp.Compare(a.server, b.server), cmp.Compare(a.model, b.model))
	}) {
		m := l.models[key].settle()
		out.Models = append(out.Models, m)
		out.Inference += m.Energy()
	}
	out.OneMore = mostCalled(out.Models)
}

// add sums one slot into the row.
func (m *Model) add(s *store.ModelSlot) {
	m.Requests += s.Requests()
	m.Cancelled += s.Cancelled
	m.Failed += s.Failed
	m.Late += s.Late
	m.Unmetered += s.Unmetered
	m.Partial += s.Partial
	m.UnknownTokens += s.UnknownTokens
	m.UnknownInput += s.UnknownInput
	m.UnknownCached += s.UnknownCached
	m.UnknownOutput += s.UnknownOutput
	m.EstimatedTokens += s.EstimatedTokens
	m.Input.N = plus(m.Input.N, s.Input)
	m.Cached.N = plus(m.Cached.N, s.Cached)
	m.Output.N = plus(m.Output.N, s.Output)
	m.DecodedTokens = plus(m.DecodedTokens, s.DecodedTokens)
	m.DecodeTime = time.Duration(plus(int64(m.DecodeTime), int64(s.DecodeTime)))
	m.Active += s.Busy
	m.Prefill += s.Prefill
	m.Decode += s.Decode
	m.Error += s.Error
	m.Shared += s.Shared
	m.Estimated += s.Estimated
	m.PerToken.N = plus(m.PerToken.N, s.MeteredOutput)
	m.PerToken.Energy += s.MeteredEnergy
	m.Finished.N += s.MeteredOK
	m.Finished.Energy += s.MeteredOKEnergy
}

// settle decides what the sums leave unknown.
func (m *Model) settle() {
	m.Input.settle(m.UnknownInput, m.Requests)
	m.Cached.settle(m.UnknownCached, m.Requests)
	m.Output.settle(m.UnknownOutput, m.Requests)
	m.EnergyKnown = m.Energy() > 0 || m.Requests == 0 || m.Metered() > 0
}

// settle decides what a sum is worth of which some requests did not tell.
func (t *Tokens) settle(unknown, requests int64) {
	t.Known = t.N > 0 || unknown == 0 || unknown < requests
	t.AtLeast = t.Known && unknown > 0
}

// mostCalled averages the model with the most requests that ended well and were
// measured whole; nil when there is none.
func mostCalled(models []Model) *OneMoreCall {
	var best *Model
	for i := range models {
		m := &models[i]
		if m.oneMore() != nil && (best == nil || m.Finished.N > best.Finished.N) {
			best = m
		}
	}
	if best == nil {
		return nil
	}
	return best.oneMore()
}
