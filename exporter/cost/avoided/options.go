package avoided

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// CachePolicy says what prompt tokens that the local cache served would have
// been elsewhere.
type CachePolicy string

// The cache policies.
const (
	Mirror CachePolicy = "mirror" // served by the provider's cache, at its price for that
	None   CachePolicy = "none"   // fresh tokens like all others
)

// Target names what a provider sells.
type Target struct{ Provider, Model string }

// Rule says what a local model is compared with.
type Rule struct {
	// Model is the local name. A * stands for any text, slashes too; upper and
	// lower case are the same.
	Model string
	// SameWeights and Substitute are the comparators; nil: as the default rule has
	// it. The empty Target compares with nothing.
	SameWeights, Substitute *Target
	// ShareRatio is the part of the calls, 0 to 1, that would have been bought
	// elsewhere; nil: as the default rule has it, which is all of them.
	ShareRatio *float64
	// TokenizerRatio is how many tokens the substitute makes of one local token; 0:
	// as the default rule has it, which is one.
	TokenizerRatio float64
}

// Options are what a plan is made of. Table and Exchange are needed.
type Options struct {
	Table     prices.Table
	TableName string        // what the prices are from; empty: the sources that the entries name
	Exchange  cost.Exchange // into the currency of all savings
	Rules     []Rule        // the first whose Model matches holds
	Default   Rule          // for what Rules leave open; its Model means nothing
	Cache     CachePolicy   // empty: Mirror
	// Batch prices calls as if they could wait for a batch, where the provider
	// sells batches.
	Batch bool
	// Subscription is what a flat plan would have cost for a calendar month; zero:
	// there is none to compare with.
	Subscription cost.Money
	StaleAfter   time.Duration // a price is stale when nobody checked it for so long; 0: never
}

func (o Options) check() error {
	if o.Exchange.Own() == "" {
		return fmt.Errorf("exchange without a currency of its own: %w", ErrOptions)
	}
	if o.Cache != "" && o.Cache != Mirror && o.Cache != None {
		return fmt.Errorf("cache %q: want %s or %s: %w", o.Cache, Mirror, None, ErrOptions)
	}
	if o.Subscription.Nanos < 0 || o.StaleAfter < 0 {
		return fmt.Errorf("subscription of %s, stale after %s: want neither below 0: %w", o.Subscription, o.StaleAfter, ErrOptions)
	}
	if err := o.Default.check(); err != nil {
		return fmt.Errorf("default rule: %w", err)
	}
	for i, r := range o.Rules {
		if r.Model == "" {
			return fmt.Errorf("rule %d: no model: %w", i+1, ErrOptions)
		}
		if err := r.check(); err != nil {
			return fmt.Errorf("rule for %s: %w", r.Model, err)
		}
	}
	return nil
}

// maxTokenizerRatio is far above what two tokenizers differ by in any language.
const maxTokenizerRatio = 10

func (r Rule) check() error {
	if s := r.ShareRatio; s != nil && !(*s >= 0 && *s <= 1) {
		return fmt.Errorf("share %v: want 0 to 1: %w", *s, ErrOptions)
	}
	if t := r.TokenizerRatio; t != 0 && !(t >= 1.0/maxTokenizerRatio && t <= maxTokenizerRatio) {
		return fmt.Errorf("tokenizer ratio %v: want 0.1 to %d: %w", t, maxTokenizerRatio, ErrOptions)
	}
	for _, t := range []*Target{r.SameWeights, r.Substitute} {
		if t != nil && (t.Provider == "") != (t.Model == "") {
			return fmt.Errorf("provider %q, model %q: want both: %w", t.Provider, t.Model, ErrOptions)
		}
	}
	return nil
}
