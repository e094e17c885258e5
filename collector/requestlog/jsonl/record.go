package jsonl

import (
	"encoding/json"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Record is one line: a request of this machine or, when Remote is set, a call
// that was served elsewhere.
type Record struct {
	Request attribution.Request // zero when Remote is set
	Charge  *Charge             // nil for a request that was not metered
	Remote  *attribution.RemoteCall
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

// FromRemote returns the record of a call that was served elsewhere.
func FromRemote(c attribution.RemoteCall) Record { return Record{Remote: &c} }

// wire is the line's form as it is written. An empty number is absent.
type wire struct {
	ID          string      `json:"id,omitempty"`
	Server      string      `json:"server,omitempty"`
	Client      string      `json:"client,omitempty"`
	Project     string      `json:"project,omitempty"`
	Remote      bool        `json:"sovmeter.remote,omitempty"`
	Provider    string      `json:"gen_ai.provider.name,omitempty"`
	Model       string      `json:"gen_ai.request.model,omitempty"`
	Start       string      `json:"start,omitempty"`
	FirstToken  string      `json:"first_token,omitempty"`
	End         string      `json:"end,omitempty"`
	Uncertainty json.Number `json:"uncertainty_seconds,omitempty"`
	Outcome     string      `json:"outcome,omitempty"`
	ErrorType   string      `json:"error.type,omitempty"`

	Input     json.Number `json:"gen_ai.usage.input_tokens,omitempty"`
	Cached    json.Number `json:"gen_ai.usage.cache_read.input_tokens,omitempty"`
	Written   json.Number `json:"gen_ai.usage.cache_write.input_tokens,omitempty"`
	Fresh     json.Number `json:"sovmeter.usage.fresh_input_tokens,omitempty"`
	Output    json.Number `json:"gen_ai.usage.output_tokens,omitempty"`
	Context   json.Number `json:"context_tokens,omitempty"`
	Estimated bool        `json:"sovmeter.usage.estimated,omitempty"`
	Spend     json.Number `json:"sovmeter.spend_usd,omitempty"`

	Energy  *float64 `json:"energy_joules,omitempty"`
	Prefill *float64 `json:"prefill_joules,omitempty"`
	Decode  *float64 `json:"decode_joules,omitempty"`
	Error   *float64 `json:"error_joules,omitempty"`
	Driver  string   `json:"error_driver,omitempty"`
	Tier    string   `json:"tier,omitempty"`
	Covered *float64 `json:"covered_ratio,omitempty"`
	Late    bool     `json:"late,omitempty"`
}
