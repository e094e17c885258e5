package report

import "github.com/sovmeter/sovmeter/collector/energy"

// modelJSON is one row of "models".
type modelJSON struct {
	Server string  `json:"server"`
	Model  *string `json:"model"`
	figuresJSON
}

// figuresJSON is what rows of models and of groups have in common.
type figuresJSON struct {
	Requests        int64          `json:"requests"`
	OK              int64          `json:"ok_requests"`
	Cancelled       int64          `json:"cancelled_requests"`
	Failed          int64          `json:"failed_requests"`
	Late            int64          `json:"late_requests"`
	Unmetered       int64          `json:"unmetered_requests"`
	Partial         int64          `json:"partial_requests"`
	UnknownTokens   int64          `json:"unknown_token_requests"`
	UnknownInput    int64          `json:"unknown_input_requests"`
	UnknownCached   int64          `json:"unknown_cached_requests"`
	UnknownOutput   int64          `json:"unknown_output_requests"`
	EstimatedTokens int64          `json:"estimated_token_requests"`
	Input           *int64         `json:"input_tokens"`
	Cached          *int64         `json:"cached_input_tokens"`
	Output          *int64         `json:"output_tokens"`
	Speed           *float64       `json:"output_tokens_per_second"`
	Active          *float64       `json:"active_seconds"`
	Energy          *energy.Joules `json:"energy_joules"`
	Prefill         *energy.Joules `json:"prefill_joules"`
	Decode          *energy.Joules `json:"decode_joules"`
	Error           *energy.Joules `json:"error_joules"`
	PerToken        *float64       `json:"joules_per_output_token"`
	MeteredOutput   int64          `json:"metered_output_tokens"`
	MeteredEnergy   energy.Joules  `json:"metered_output_joules"`
	Marginal        *moneyJSON     `json:"marginal_cost"`
	ActiveCost      *moneyJSON     `json:"active_cost"`
	PerMillion      *moneyJSON     `json:"marginal_cost_per_million_output_tokens"`
	Saved           []savedJSON    `json:"saved"`
}

func newModelJSON(r Report, m Model) modelJSON {
	return modelJSON{Server: m.Server, Model: nameOrNull(m.Model), figuresJSON: newFiguresJSON(r, m)}
}

func newFiguresJSON(r Report, m Model) figuresJSON {
	active := m.Active.Seconds()
	out := figuresJSON{Requests: m.Requests, OK: m.Requests - m.Cancelled - m.Failed,
		Cancelled: m.Cancelled, Failed: m.Failed, Late: m.Late, Unmetered: m.Unmetered, Partial: m.Partial,
		UnknownTokens: m.UnknownTokens, UnknownInput: m.UnknownInput, UnknownCached: m.UnknownCached, UnknownOutput: m.UnknownOutput,
		EstimatedTokens: m.EstimatedTokens, Input: m.Input.pointer(), Cached: m.Cached.pointer(), Output: m.Output.pointer(),
		Active: &active, MeteredOutput: m.PerToken.N, MeteredEnergy: m.PerToken.Energy,
		Marginal: newMoneyJSON(m.Marginal), ActiveCost: newMoneyJSON(m.Busy), PerMillion: newMoneyJSON(m.PerMillionOutput()), Saved: r.savedJSON(m.Saved)}
	if v, ok := m.TokensPerSecond(); ok {
		out.Speed = &v
	}
	if m.EnergyKnown {
		sum := m.Energy()
		out.Energy, out.Prefill, out.Decode, out.Error = &sum, &m.Prefill, &m.Decode, &m.Error
	}
	if v, ok := m.JoulesPerOutputToken(); ok {
		out.PerToken = &v
	}
	return out
}

// nameOrNull is nil for what has no name.
func nameOrNull(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}

// pointer is nil when the sum is unknown.
func (t Tokens) pointer() *int64 {
	if !t.Known {
		return nil
	}
	return &t.N
}

// oneMoreJSON is "one_more_call".
type oneMoreJSON struct {
	Basis   string        `json:"basis"`
	Server  string        `json:"server"`
	Model   *string       `json:"model"`
	Mean    int64         `json:"mean_over_requests"`
	Energy  energy.Joules `json:"energy_joules"`
	Cost    *moneyJSON    `json:"cost"`
	Per1000 *moneyJSON    `json:"cost_per_1000_output_tokens"`
}

func newOneMoreJSON(c *OneMoreCall) *oneMoreJSON {
	if c == nil {
		return nil
	}
	out := &oneMoreJSON{Basis: "marginal", Server: c.Server, Mean: c.Requests, Energy: c.Energy,
		Cost: newMoneyJSON(c.Cost), Per1000: newMoneyJSON(c.Per1000Output)}
	if c.Model != "" {
		out.Model = &c.Model
	}
	return out
}
