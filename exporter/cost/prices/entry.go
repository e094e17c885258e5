package prices

import (
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Rate is a price per million tokens that may be unknown. Publishers write 0
// for "free while in preview" and for "we do not know": neither is a price, so
// a Rate of 0 is never Known.
type Rate struct {
	PerMtok cost.PerMtok
	Known   bool
}

// Rates are the prices of the kinds of tokens.
type Rates struct {
	Input      Rate // fresh prompt tokens
	Cached     Rate // prompt tokens that the provider's cache serves
	CacheWrite Rate // prompt tokens that it stores, in place of Input; unknown where it charges no more for them
	Output     Rate
}

// LongContext replaces the rates of the whole request when its prompt, cached
// tokens included, has more than Above tokens.
type LongContext struct {
	Above int64
	Rates Rates
}

// Entry is what one provider asked for one model from a day on.
type Entry struct {
	Provider string    // who serves it, such as openai or openrouter
	Model    string    // as the provider calls it
	Weights  string    // what open weights it serves, such as qwen3-30b-a3b; empty: not open, or not told
	From     time.Time // when these prices took effect; zero: before all that is known
	Until    time.Time // when others took their place, exclusive; zero: they stand
	Checked  time.Time // when somebody last held them against the provider's page; zero: not told
	Rates    Rates
	Long     []LongContext // by Above, ascending
	// BatchRatio is the price in a batch by that of a call at once, such as 0.5; 0
	// when the provider sells no batches or does not tell.
	BatchRatio float64
	Source     string // the table it is from, such as "genai-prices 2026-08-21"
}
