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
	Provider string // who serves it, such as openai or openrouter
	Model    string // as the provider calls it
	// Also are other names that the provider takes for the same model at the same
	// price. One that ends in * stands for itself without the star and for its
	// dated snapshots: claude-opus-4-5* for claude-opus-4-5-20251101, but not for
	// claude-opus-4-5-fast.
	Also      []string
	Weights   string    // what open weights it serves, such as qwen3-30b-a3b; empty: not open, or not told
	From      time.Time // when these prices took effect; zero: before all that is known
	Until     time.Time // when others took their place, exclusive; zero: they stand
	Hours     Hours     // the part of each day that they hold for; zero: all day
	Checked   time.Time // when somebody last held them against the provider's page; zero: not told
	Published time.Time // the day of the publisher's table that has them; zero: not told
	Rates     Rates
	Long      []LongContext // by Above, ascending
	// BatchRatio is the price in a batch by that of a call at once, such as 0.5; 0
	// when the provider sells no batches or does not tell.
	BatchRatio float64
	Source     string // the table it is from, such as "genai-prices 2026-08-21"
}

// Hours is a part of each day in UTC, [Start, End) counted from midnight. It may
// cross midnight: Start is then later than End. The zero Hours is the whole day.
type Hours struct{ Start, End time.Duration }

// Has reports whether a time of day is in it.
func (h Hours) Has(at time.Time) bool {
	if h == (Hours{}) {
		return true
	}
	at = at.UTC()
	t := at.Sub(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC))
	if h.Start <= h.End {
		return h.Start <= t && t < h.End
	}
	return h.Start <= t || t < h.End
}

// Holds reports whether these prices held at a time.
func (e Entry) Holds(at time.Time) bool { return e.Stands(at) && e.Hours.Has(at) }

// Stands reports whether these prices were in force at a time, whatever the part
// of the day that they hold for.
func (e Entry) Stands(at time.Time) bool {
	return !at.Before(e.From) && (e.Until.IsZero() || at.Before(e.Until))
}

// AsOf is the last day that the prices are known to have been right by: the day
// of the check, or else that of the publisher's table, which says less. It is
// zero when neither is told.
func (e Entry) AsOf() time.Time {
	if !e.Checked.IsZero() {
		return e.Checked
	}
	return e.Published
}

// Stale reports whether nobody is known to have looked at the prices for longer
// than limit. Prices that no longer stand are not stale: they are history.
func (e Entry) Stale(at time.Time, limit time.Duration) bool {
	return e.Stands(at) && e.AsOf().Before(at.Add(-limit))
}
