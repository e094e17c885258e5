package publishers_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

// Shapes as models.dev generates them in August 2026; the models are made up.
const modelsdevFile = `{
"togetherai": {"id": "togetherai", "name": "Together AI", "env": ["X"], "models": {
  "acme/Open-30B-Instruct": {"id": "acme/Open-30B-Instruct", "open_weights": true, "modalities": {"input": ["text"], "output": ["text"]}, "cost": {"input": 0.2, "output": 0.6}},
  "acme/closed-30b": {"open_weights": false, "cost": {"input": 1, "output": 2, "cache_read": 0.1, "cache_write": 1.25, "reasoning": 2}}}},
"xai": {"id": "xai", "models": {
  "acme-old": {"cost": {"input": 2, "output": 6, "cache_read": 0.5, "context_over_200k": {"input": 4, "output": 12, "cache_read": 1}}},
  "acme-new": {"cost": {"input": 5, "output": 30, "cache_read": 0.5, "tiers": [{"input": 10, "output": 45, "cache_read": 1, "tier": {"type": "context", "size": 272000}}],
    "context_over_200k": {"input": 10, "output": 45}}},
  "acme-odd": {"cost": {"input": 5, "output": 30, "tiers": [{"input": 10, "output": 45, "tier": {"type": "output", "size": 1000}}]}},
  "acme-free": {"cost": {"input": 0, "output": 0}},
  "acme-plan": {"open_weights": false},
  "acme-half": {"cost": {"input": 0.1, "output": 0}},
  "acme-voice": {"modalities": {"output": ["audio"]}, "cost": {"input": 1, "output": 1}},
  "acme-minute": {"cost": {"input": 0, "output": 0, "per_minute": 0.006}},
  "acme-x:free": {"cost": {"input": 0, "output": 0}},
  "acme-null": null,
  "acme-text": "text"}},
"empty": {"id": "empty", "models": {}},
"$meta": 3
}`

func TestModelsDev(t *testing.T) {
	check(t, read(t, publishers.ModelsDev, modelsdevFile), `
		together acme/Open-30B-Instruct 0.2/?/?/0.6 = open-30b
		together acme/closed-30b 1/0.1/1.25/2
		x-ai acme-old 2/0.5/?/6 >200000 4/1/?/12
		x-ai acme-new 5/0.5/?/30 >272000 10/1/?/45
	`, `
		3 price of 0 or no price: free, a preview or not told (x-ai acme-free)
		1 a :free variant (x-ai acme-x:free)
		1 a price that is no number or out of all range, or a name that cannot be printed (x-ai acme-text)
		1 makes no text: an embedding, image, audio, video or search model (x-ai acme-voice)
		1 no price for input, or none for output (x-ai acme-half)
		1 not priced by the token but by image, second, character, page or query (x-ai acme-minute)
		1 prices under conditions that are not understood (x-ai acme-odd)
	`)
}
