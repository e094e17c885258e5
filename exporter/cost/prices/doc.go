// Package prices knows what providers ask for tokens: dated prices, from tables
// as their publishers ship them. It is pure: no I/O, no clock, no log.
//
//	table, err := prices.Shipped()
//	entry, ok := table.Find("anthropic", "claude-sonnet-4-5-20250929", slot)
//	money, known := entry.Price(prices.Usage{Input: 2000, Cached: 18_000, Output: 600})
//
//	weights, ok := prices.WeightsOf("Qwen3-32B-Q4_K_M.gguf") // qwen3-32b
//	hosts := table.Hosts(weights, slot)                      // groq, openrouter, ovhcloud
//
// # Unknown is not free
//
// A price of 0 is never one: publishers write it for previews, plans and what
// they do not know. Such a Rate is unknown, and whatever needs it has no price.
// There are two exceptions, told at Rates.Of: cached and cache-write tokens
// without a price of their own are billed as fresh ones.
//
// # Long prompts
//
// Some providers ask more when a prompt has more than some tokens, cached ones
// included, and then for the whole request with its answer. Entry.Price looks at
// one request. Sums over requests are priced band by band:
//
//	entry.For(200_001).Of(sums) // requests with prompts above 200,000 tokens
//
// # Time
//
// An entry holds from its From to before its Until, at UTC. The zero From means
// that nobody knows when the price began, not that it always stood: the further
// back, the less it is worth. Merge keeps the old price when a newer table has
// another one. Hours are for providers that ask less at night.
//
// # Exactness
//
// Rates are whole nano-units per million tokens, 1e-15 of a dollar per token.
// Tokens times rates is added up exactly and rounded once.
//
// # File format sovmeter.prices/v1
//
//	{
//	  "schema": "sovmeter.prices/v1",
//	  "entries": [
//	    {"provider": "anthropic", "model": "claude-sonnet-4-5", "also": ["claude-sonnet-4-5*"],
//	     "from": "2025-09-29", "checked": "2026-07-29", "published": "2026-08-21", "source": "genai-prices 2026-08-21",
//	     "input": "3", "cached": "0.3", "cache_write": "3.75", "output": "15",
//	     "long": [{"above_tokens": 200000, "input": "6", "cached": "0.6", "cache_write": "7.5", "output": "22.5"}],
//	     "batch_ratio": 0.5}
//	  ]
//	}
//
// Of an entry, provider, model, input and output are required. Prices are
// decimals in quotes, per million tokens, with up to nine places; what is left
// out is unknown, and 0 is refused. "also" are other names of the model; one
// that ends in * takes in dated snapshots. "weights" names the open weights that
// the model is, as WeightsOf spells them. "from" and "until" (exclusive) are days
// or times in UTC; "hours_utc" is a part of the day such as "16:30-00:30".
// "checked" is the day of the last look at the provider's page, "published" that
// of the table it is from. "currency" is USD where it is left out. Keys that are
// not known are refused. No two entries of a model may hold at the same time,
// but for those of a part of the day, which go before those of all day.
//
// # Limits
//
// Prices per request, image, second or character, priority tiers, and prices by
// region are not in a table. Cached tokens have one price, whatever the time
// that they are kept for. What a provider bills may differ from its list.
package prices
