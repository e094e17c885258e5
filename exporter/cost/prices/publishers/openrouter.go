package publishers

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// openrouterModel is what is read of one of data[].
type openrouterModel struct {
	ID           string `json:"id"`
	Slug         string `json:"canonical_slug"`
	Repository   string `json:"hugging_face_id"`
	Architecture struct {
		Output few[string] `json:"output_modalities"`
	} `json:"architecture"`
	Pricing struct {
		openrouterRates
		Request   json.RawMessage         `json:"request"`
		Overrides few[openrouterOverride] `json:"overrides"`
	} `json:"pricing"`
}

// openrouterRates are dollars per token, in strings.
type openrouterRates struct {
	Prompt     json.RawMessage `json:"prompt"`
	Completion json.RawMessage `json:"completion"`
	CacheRead  json.RawMessage `json:"input_cache_read"`
	CacheWrite json.RawMessage `json:"input_cache_write"`
}

type openrouterOverride struct {
	MinPrompt int64 `json:"min_prompt_tokens"`
	openrouterRates
}

func (r openrouterRates) card() card {
	return card{
		input: parseAmount(r.Prompt, perToken), output: parseAmount(r.Completion, perToken),
		cached: parseAmount(r.CacheRead, perToken), cacheWrite: parseAmount(r.CacheWrite, perToken),
	}
}

func (g *gatherer) openrouter(data []byte) error {
	var file struct {
		Data json.RawMessage `json:"data"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&file); err != nil || file.Data == nil {
		return at(data, d, err)
	}
	// Variants of a model, which have other prices, share its slug.
	slugs := map[string]int{}
	err := elements(file.Data, func(raw json.RawMessage) error {
		var m openrouterModel
		if json.Unmarshal(raw, &m) == nil {
			slugs[m.Slug]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	return elements(file.Data, func(raw json.RawMessage) error {
		g.table.Models++
		var m openrouterModel
		if json.Unmarshal(raw, &m) != nil {
			g.skip(Broken, "openrouter", m.ID)
			return nil
		}
		g.openrouterModel(m, slugs[m.Slug] == 1)
		return nil
	})
}

// openrouterModel adds a model, by its slug too when no other has that.
func (g *gatherer) openrouterModel(m openrouterModel, alone bool) {
	if r := m.unfit(); r != "" {
		g.skip(r, "openrouter", m.ID)
		return
	}
	e := prices.Entry{Provider: "openrouter", Model: m.ID}
	if m.Slug != "" && m.Slug != m.ID && alone {
		e.Also = []string{m.Slug}
	}
	if m.Repository != "" {
		e.Weights, _ = prices.WeightsOfRepository(m.Repository)
	}
	p := period{base: m.Pricing.card(), long: map[int64]card{}}
	for _, o := range m.Pricing.Overrides {
		p.long[o.MinPrompt] = o.card()
	}
	g.add(e, p)
}

// unfit is why the model is not looked at, before its prices are.
func (m openrouterModel) unfit() Reason {
	switch {
	case strings.HasSuffix(m.ID, ":free"):
		return Variant
	case strings.HasPrefix(m.ID, "~"):
		return Alias
	case len(m.Architecture.Output) > 0 && !slices.Contains(m.Architecture.Output, "text"):
		return NotText
	case parseAmount(m.Pricing.Request, perMtok).state == priced:
		return PerCall
	}
	return ""
}
