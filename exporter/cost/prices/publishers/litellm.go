package publishers

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// litellmModel is what is read of a model. Prices are dollars per token; those
// for long prompts have their mark in the key, so that all keys are kept.
type litellmModel map[string]json.RawMessage

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
		g.litellmModel(name, m)
	})
}

func (g *gatherer) litellmModel(name string, m litellmModel) {
	route := m.text("litellm_provider")
	provider := providerOf(route)
	model := name
	if first, rest, ok := strings.Cut(name, "/"); ok && strings.HasPrefix(route, first) {
		model = rest
	}
	p := period{base: m.card(""), long: m.long()}
	if len(m["tiered_pricing"]) > 0 {
		var ok bool
		if p.base, p.long, ok = m.tiered(); !ok {
			g.skip(m.perSomething(NotTokens), provider, model)
			return
		}
	}
	if r := m.unfit(model, p.base); r != "" {
		g.skip(r, provider, model)
		return
	}
	e := prices.Entry{Provider: provider, BatchRatio: m.batchRatio(p.base)}
	e.Model, e.Also = modelOf(provider, model)
	e.Weights = hostedWeights(provider, e.Model)
	g.add(e, p)
}

func (m litellmModel) text(key string) string {
	var s string
	if json.Unmarshal(m[key], &s) != nil {
		return ""
	}
	return s
}

// card reads the prices whose keys end in suffix.
func (m litellmModel) card(suffix string) card {
	price := func(key string) amount { return parseAmount(m[key+suffix], perToken) }
	c := card{
		input: price("input_cost_per_token"), output: price("output_cost_per_token"),
		cached: price("cache_read_input_token_cost"), cacheWrite: price("cache_creation_input_token_cost"),
	}
	if c.cached.state == absent {
		c.cached = price("input_cost_per_token_cache_hit")
	}
	return c
}

// long reads keys such as input_cost_per_token_above_200k_tokens.
func (m litellmModel) long() map[int64]card {
	long := map[int64]card{}
	for key := range m {
		mark, ok := strings.CutPrefix(key, "input_cost_per_token_above_")
		thousands, end := strings.CutSuffix(mark, "k_tokens")
		n, err := strconv.ParseInt(thousands, 10, 32)
		if ok && end && err == nil {
			long[n*1000] = m.card("_above_" + mark)
		}
	}
	return long
}

// tiered reads a list of prices by length of prompt, which some models have
// instead of all others.
func (m litellmModel) tiered() (base card, long map[int64]card, ok bool) {
	var tiers []litellmModel
	if json.Unmarshal(m["tiered_pricing"], &tiers) != nil {
		return card{}, nil, false
	}
	long = map[int64]card{}
	for _, t := range tiers {
		var bounds []float64
		if json.Unmarshal(t["range"], &bounds) != nil || len(bounds) == 0 {
			return card{}, nil, false // by number of results, or by another thing
		}
		switch from := bounds[0]; {
		case from == 0:
			base, ok = t.card(""), true
		case from > 0 && from < 1e12 && from == float64(int64(from)):
			long[int64(from)] = t.card("")
		default:
			return card{}, nil, false
		}
	}
	return base, long, ok
}

// unfit is why the model is left out, before its prices are looked at closely.
func (m litellmModel) unfit(name string, base card) Reason {
	if strings.HasSuffix(name, ":free") {
		return Variant
	}
	switch m.text("mode") {
	case "chat", "completion", "responses", "":
	default:
		return NotText
	}
	if parseAmount(m["input_cost_per_request"], perMtok).state == priced {
		return PerCall
	}
	if base.input.state != priced && base.output.state != priced && base.fault() == Free {
		return m.perSomething(Free)
	}
	return ""
}

// perSomething is NotTokens when there is a price by something other than
// tokens, and otherwise the reason given.
func (m litellmModel) perSomething(otherwise Reason) Reason {
	for key, value := range m {
		if strings.Contains(key, "cost_per") && !strings.Contains(key, "token") && parseAmount(value, perMtok).state == priced {
			return NotTokens
		}
	}
	return otherwise
}

// batchRatio is what a batch costs by a call at once, when that is the same for
// input and output; else 0.
func (m litellmModel) batchRatio(base card) float64 {
	batch := m.card("_batches")
	if batch.input.state != priced || batch.output.state != priced || base.fault() != "" {
		return 0
	}
	in := big.NewRat(batch.input.nanos, base.input.nanos)
	if out := big.NewRat(batch.output.nanos, base.output.nanos); in.Cmp(out) != 0 || in.Cmp(big.NewRat(1, 1)) > 0 {
		return 0
	}
	ratio, _ := in.Float64()
	return ratio
}
