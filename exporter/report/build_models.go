package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// modelKey names a row.
type modelKey struct{ server, model string }

// addModels sums the slots of each model on each server, most energy first.
func (out *Report) addModels(slots []store.ModelSlot) {
	rows := map[modelKey]*Model{}
	for _, s := range slots {
		key := modelKey{s.Server, s.Model}
		row := rows[key]
		if row == nil {
			row = &Model{Server: s.Server, Model: s.Model}
			rows[key] = row
		}
		row.add(s)
	}
	for _, row := range rows {
		row.settle()
		if row.Requests > 0 || row.Energy() > 0 || row.Active > 0 {
			out.Models = append(out.Models, *row)
		}
	}
	slices.SortFunc(out.Models, func(a, b Model) int {
		return cmp.Or(cmp.Compare(b.Energy(), a.Energy()), cmp.Compare(b.Requests, a.Requests),
			cmp.Compare(a.Server, b.Server), cmp.Compare(a.Model, b.Model))
	})
	for _, m := range out.Models {
		out.Inference += m.Energy()
	}
}

// add sums one slot into the row.
func (m *Model) add(s store.ModelSlot) {
	m.Requests += s.Requests()
	m.Cancelled += s.Cancelled
	m.Failed += s.Failed
	m.Late += s.Late
	m.Unmetered += s.Unmetered
	m.Partial += s.Partial
	m.UnknownTokens += s.UnknownTokens
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
	for _, t := range []*Tokens{&m.Input, &m.Cached, &m.Output} {
		t.Known = t.N > 0 || m.UnknownTokens == 0
		t.AtLeast = t.Known && m.UnknownTokens > 0
	}
	m.EnergyKnown = m.Energy() > 0 || m.Requests == 0 || m.Metered() > 0
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
