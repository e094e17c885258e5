package jsonl

import (
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Record is one line.
type Record struct {
	Request attribution.Request
	Charge  *Charge // nil for a request that was not metered
}

// Charge is what a request was booked.
type Charge struct {
	// EnergyKnown is false when no measured window covers the request; the
	// energies are then absent from the line and meaningless here.
	EnergyKnown     bool
	Prefill, Decode energy.Joules
	Error           energy.Joules      // what their sum is off by at most, in 95 of 100 requests
	Driver          attribution.Driver // what makes up most of Error; empty when that is 0 or not known
	Tier            attribution.Tier
	Covered         float64 // 0 to 1
	Late            bool
}

// FromCharge returns the record of a booked request.
func FromCharge(c attribution.Charge) Record {
	out := &Charge{EnergyKnown: c.EnergyKnown, Tier: c.Tier, Covered: c.Covered, Late: c.Late}
	if c.EnergyKnown {
		out.Prefill, out.Decode, out.Error = c.Prefill, c.Decode, c.Error
		out.Driver = c.Driver
	}
	return Record{Request: c.Request, Charge: out}
}

// wire is the line's form. Pointers tell absent from zero.
type wire struct {
	ID          string   `json:"id,omitempty"`
	Server      string   `json:"server,omitempty"`
	Model       string   `json:"gen_ai.request.model,omitempty"`
	Start       string   `json:"start,omitempty"`
	FirstToken  string   `json:"first_token,omitempty"`
	End         string   `json:"end,omitempty"`
	Uncertainty *float64 `json:"uncertainty_seconds,omitempty"`
	Outcome     string   `json:"outcome,omitempty"`
	ErrorType   string   `json:"error.type,omitempty"`

	Input   *float64 `json:"gen_ai.usage.input_tokens,omitempty"`
	Cached  *float64 `json:"gen_ai.usage.cache_read.input_tokens,omitempty"`
	Fresh   *float64 `json:"sovmeter.usage.fresh_input_tokens,omitempty"`
	Output  *float64 `json:"gen_ai.usage.output_tokens,omitempty"`
	Context *float64 `json:"context_tokens,omitempty"`

	Energy  *float64 `json:"energy_joules,omitempty"`
	Prefill *float64 `json:"prefill_joules,omitempty"`
	Decode  *float64 `json:"decode_joules,omitempty"`
	Error   *float64 `json:"error_joules,omitempty"`
	Driver  string   `json:"error_driver,omitempty"`
	Tier    string   `json:"tier,omitempty"`
	Covered *float64 `json:"covered_ratio,omitempty"`
	Late    bool     `json:"late,omitempty"`
}
