package report

import (
	"cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// learnedJSON is one row of "learned".
type learnedJSON struct {
	Server      string         `json:"server"`
	Model       *string        `json:"model"`
	Scope       string         `json:"scope"`
	Prompt      *energy.Joules `json:"prompt_token_joules"`
	PromptError *energy.Joules `json:"prompt_token_error_joules"`
	Output      *energy.Joules `json:"output_token_joules"`
	OutputError *energy.Joules `json:"output_token_error_joules"`
	Step        *energy.Joules `json:"decode_step_joules"`
	Batch       *float64       `json:"mean_batch_size"`
	Rows        float64        `json:"rows"`
	First       string         `json:"first_row_at"`
	Last        string         `json:"last_row_at"`
	Age         float64        `json:"age_seconds"`
}

func newLearnedJSON(r Report, l store.Learned) learnedJSON {
	zone := r.Period.Since.Location()
	out := learnedJSON{Server: l.Server, Scope: string(cmp.Or(l.Scope, attribution.ScopeSoC)), Rows: l.Rows, First: stamp(l.First.In(zone)), Last: stamp(l.Last.In(zone)), Age: r.Age(l).Seconds()}
	if l.Model != "" {
		out.Model = &l.Model
	}
	if l.Prefill.Known {
		out.Prompt, out.PromptError = &l.Prefill.Energy, &l.Prefill.Error
	}
	if l.Decode.Known {
		out.Output, out.OutputError, out.Step, out.Batch = &l.Decode.Energy, &l.Decode.Error, &l.Step, &l.Batch
	}
	return out
}
