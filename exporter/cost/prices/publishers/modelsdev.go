package publishers

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// modelsdevModel is what is read of a model of a provider.
type modelsdevModel struct {
	Open       bool `json:"open_weights"`
	Modalities struct {
		Output few[string] `json:"output"`
	} `json:"modalities"`
	Cost *struct {
		modelsdevRates
		// Tiers has taken the place of Over200k, which says the same less exactly
		// where both stand.
		Tiers    few[modelsdevTier] `json:"tiers"`
		Over200k *modelsdevRates    `json:"context_over_200k"`
	} `json:"cost"`
}

// modelsdevRates are dollars per million tokens, in numbers.
type modelsdevRates struct {
	Input      json.RawMessage `json:"input"`
	Output     json.RawMessage `json:"output"`
	CacheRead  json.RawMessage `json:"cache_read"`
	CacheWrite json.RawMessage `json:"cache_write"`
	PerMinute  json.RawMessage `json:"per_minute"`
}

type modelsdevTier struct {
	Tier struct {
		Kind string `json:"type"`
		Size int64  `json:"size"`
	} `json:"tier"`
	modelsdevRates
}

func (r modelsdevRates) card() card {
	return card{
		input: parseAmount(r.Input, perMtok), output: parseAmount(r.Output, perMtok),
		cached: parseAmount(r.CacheRead, perMtok), cacheWrite: parseAmount(r.CacheWrite, perMtok),
	}
}

func (g *gatherer) modelsdev(data []byte) error {
	return members(data, func(id string, raw json.RawMessage) {
		var provider struct {
			Models json.RawMessage `json:"models"`
		}
		if json.Unmarshal(raw, &provider) != nil || provider.Models == nil {
			return
		}
		// The provider was decoded, so its models are JSON; those that are no object
		// are none.
		_ = members(provider.Models, func(model string, raw json.RawMessage) {
			g.table.Models++
			g.modelsdevModel(providerOf(id), model, raw)
		})
	})
}

func (g *gatherer) modelsdevModel(provider, model string, raw json.RawMessage) {
	var m modelsdevModel
	if json.Unmarshal(raw, &m) != nil {
		g.skip(Broken, provider, model)
		return
	}
	if r := m.unfit(model); r != "" {
		g.skip(r, provider, model)
		return
	}
	e := prices.Entry{Provider: provider}
	e.Model, e.Also = modelOf(provider, model)
	if m.Open {
		e.Weights = hostedWeights(provider, e.Model)
	}
	p := period{base: m.Cost.card(), long: map[int64]card{}}
	for _, t := range m.Cost.Tiers {
		if t.Tier.Kind != "context" {
			g.skip(Condition, provider, model)
			return
		}
		p.long[t.Tier.Size] = t.card()
	}
	if m.Cost.Over200k != nil && len(m.Cost.Tiers) == 0 {
		p.long[200_000] = m.Cost.Over200k.card()
	}
	g.add(e, p)
}

func (m modelsdevModel) unfit(model string) Reason {
	switch {
	case strings.HasSuffix(model, ":free"):
		return Variant
	case len(m.Modalities.Output) > 0 && !slices.Contains(m.Modalities.Output, "text"):
		return NotText
	case m.Cost == nil:
		return Free
	case m.Cost.card().fault() != "" && parseAmount(m.Cost.PerMinute, perMtok).state == priced:
		return NotTokens
	}
	return ""
}
