// Package publishers reads price tables of providers as their publishers ship
// them. It is pure: whoever downloaded the file hands its bytes in.
//
//	genai-prices   prices/new_data/v2/data.json of github.com/pydantic/genai-prices (2026-08)
//	litellm        model_prices_and_context_window.json of github.com/BerriAI/litellm (2026-07)
//	openrouter     the answer of https://openrouter.ai/api/v1/models (2026-08)
//	models.dev     https://models.dev/api.json, as of packages/core/src/schema.ts of
//	               github.com/anomalyco/models.dev (2026-08)
//
// All of them are in US dollars. None is guaranteed by its publisher.
//
// # What is a price
//
// A price of 0, a missing one and an empty list of prices stand for "free while
// in preview", "included in a plan" and "nobody knows". None of them is a price:
// such an entry is skipped, never taken for free. An entry needs a price for
// input and for output; one that has only one of them can price no answer, and
// is skipped too. What is skipped is counted by its Reason, with an example.
//
// Prices are read as the decimals that they are written as, never as binary
// fractions, and rounded half to even to a billionth of a dollar per million
// tokens, a thousand times finer than any price that is asked for. That takes
// the noise off what publishers have computed in floats: 3e-07 per token is 0.3
// per million, 0.00000012999999999 is 0.13 and 0.0000006000000000000001 is 0.6,
// but 0.0000029999900000000002, which is meant, stays 2.99999.
//
// # Long prompts
//
// All four have prices for long prompts, each in its own shape. A rate that a
// length does not name is that of shorter prompts, as LiteLLM and genai-prices
// reckon it. A mark of 200,000 reprices prompts of more than that, which is how
// the providers word it; publishers differ in what happens at the very mark.
//
// # What is not read
//
// Prices per image, second, character, query or page; audio tokens; reasoning
// tokens at a price of their own, which six models of LiteLLM's have; priority and
// flex tiers; prices for storing a cache, as OpenRouter's of cache writes for
// Gemini are; fees for each request: entries with one are skipped, as their
// tokens are only a part of what they cost.
//
// # Names
//
// Publishers name providers differently (xai, x-ai). They are brought to one
// spelling, so that tables can be merged. Open weights are told by OpenRouter's
// hugging_face_id, else by the model's name as prices.WeightsOf reads it.
package publishers
