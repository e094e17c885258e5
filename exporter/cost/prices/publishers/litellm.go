package publishers

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// litellmModel is what is read of a model. Prices are dollars per token.
type litellmModel struct {
	Provider   json.RawMessage `json:"litellm_provider"`
	Mode       json.RawMessage `json:"mode"`
	Input      json.RawMessage `json:"input_cost_per_token"`
	Output     json.RawMessage `json:"output_cost_per_token"`
	CacheRead  json.RawMessage `json:"cache_read_input_token_cost"`
	CacheHit   json.RawMessage `json:"input_cost_per_token_cache_hit"` // an older name of it
	CacheWrite json.RawMessage `json:"cache_creation_input_token_cost"`
	BatchIn    json.RawMessage `json:"input_cost_per_token_batches"`
	BatchOut   json.RawMessage `json:"output_cost_per_token_batches"`
	Request    json.RawMessage `json:"input_cost_per_request"`
	Tiered     json.RawMessage `json:"tiered_pricing"`
}

func (g *gatherer) litellm(data []byte) error {
	return members(data, func(name string, raw json.RawMessage) {
		switch name {
		case "sample_spec", "fallback_generalizations", "$schema":
			return // about the table, no models
		case "last_updated": // of a mirror; the upstream file has no date
			var at time.Time
			if json.Unmarshal(raw, &at) == nil {
				g.table.Day = at.UTC().Truncate(24 * time.Hour)
			}
			return
		}
		g.table.Models++
		var m litellmModel
		if json.Unmarshal(raw, &m) != nil {
			g.skip(Broken, "", name)
			return
		}
		g.litellmModel(name, m, raw)
	})
}

func (g *gatherer) litellmModel(name string, m litellmModel, raw json.RawMessage) {
	route := text(m.Provider)
	provider := providerOf(route)
	model := name
	if first, rest, ok := strings.Cut(name, "/"); ok && strings.HasPrefix(route, first) {
		model = rest
	}
	p := period{base: m.card(), long: litellmLong(raw)}
	if len(m.Tiered) > 0 {
		var fault Reason
		if p.base, p.long, fault = litellmTiered(m.Tiered); fault != "" {
			g.skip(fault, provider, model)
			return
		}
	}
	r := m.unfit(model)
	if r == "" && p.base.fault() == Free {
		r = perSomething(raw, Free)
	}
	if r != "" {
		g.skip(r, provider, model)
		return
	}
	e := prices.Entry{Provider: provider, BatchRatio: m.batchRatio(p.base)}
	e.Model, e.Also = modelOf(provider, model)
	e.Weights = hostedWeights(provider, e.Model)
	g.add(e, p)
}

// text is a JSON string; empty for anything else.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func (m litellmModel) card() card {
	c := card{
		input: parseAmount(m.Input, perToken), output: parseAmount(m.Output, perToken),
		cached: parseAmount(m.CacheRead, perToken), cacheWrite: parseAmount(m.CacheWrite, perToken),
	}
	if c.cached.state == absent {
		c.cached = parseAmount(m.CacheHit, perToken)
	}
	return c
}

// litellmLong reads prices for long prompts, which have their mark in the key:
// input_cost_per_token_above_200k_tokens.
func litellmLong(raw json.RawMessage) map[int64]card {
	if !bytes.Contains(raw, []byte("input_cost_per_token_above_")) {
		return nil
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	long := map[int64]card{}
	for key := range all {
		mark, ok := strings.CutPrefix(key, "input_cost_per_token_above_")
		thousands, end := strings.CutSuffix(mark, "k_tokens")
		n, err := strconv.ParseInt(thousands, 10, 32)
		if !ok || !end || err != nil {
			continue
		}
		above := "_above_" + mark
		long[n*1000] = litellmModel{
			Input: all[key], Output: all["output_cost_per_token"+above],
			CacheRead: all["cache_read_input_token_cost"+above], CacheWrite: all["cache_creation_input_token_cost"+above],
		}.card()
	}
	return long
}

// litellmTiered reads a list of prices by length of prompt, which some models
// have instead of all others.
func litellmTiered(raw json.RawMessage) (base card, long map[int64]card, fault Reason) {
	var tiers few[struct {
		Range []float64 `json:"range"`
		litellmModel
	}]
	if json.Unmarshal(raw, &tiers) != nil {
		return card{}, nil, Condition
	}
	long = map[int64]card{}
	for _, t := range tiers {
		c := t.card()
		switch {
		case len(t.Range) == 0 && c.fault() == Free:
			return card{}, nil, NotTokens // by the number of results of a search
		case len(t.Range) == 0:
			return card{}, nil, Condition
		case t.Range[0] == 0:
			base = c
		case t.Range[0] > 0 && t.Range[0] < 1e12 && t.Range[0] == float64(int64(t.Range[0])):
			long[int64(t.Range[0])] = c
		default:
			return card{}, nil, Condition
		}
	}
	return base, long, ""
}

// unfit is why the model is left out, before its prices are looked at.
func (m litellmModel) unfit(name string) Reason {
	if strings.HasSuffix(name, ":free") {
		return Variant
	}
	switch text(m.Mode) {
	case "chat", "completion", "responses", "":
	default:
		return NotText
	}
	if parseAmount(m.Request, perMtok).state == priced {
		return PerCall
	}
	return ""
}

// perSomething is NotTokens when the model has a price by something other than
// tokens, and otherwise the reason given.
func perSomething(raw json.RawMessage, otherwise Reason) Reason {
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return otherwise
	}
	for key, value := range all {
		if strings.Contains(key, "cost_per") && !strings.Contains(key, "token") && parseAmount(value, perMtok).state == priced {
			return NotTokens
		}
	}
	return otherwise
}

// batchRatio is what a batch costs by a call at once, when that is the same for
// input and output; else 0.
func (m litellmModel) batchRatio(base card) float64 {
	input, output := parseAmount(m.BatchIn, perToken), parseAmount(m.BatchOut, perToken)
	if input.state != priced || output.state != priced || base.fault() != "" {
		return 0
	}
	in := big.NewRat(input.nanos, base.input.nanos)
	if out := big.NewRat(output.nanos, base.output.nanos); in.Cmp(out) != 0 || in.Cmp(big.NewRat(1, 1)) > 0 {
		return 0
	}
	ratio, _ := in.Float64()
	return ratio
}
