package avoided

import (
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// Comparator is what a local model's tokens are compared with.
type Comparator string

// The comparators. Both are always named with a figure: they answer different
// questions and may differ by ten times.
const (
	SameWeights Comparator = "same_weights" // the same open weights, served by a provider
	Substitute  Comparator = "substitute"   // what its owner would call if the Mac were not there
)

// Saving is what the answered requests of a slot, or of many, would have cost
// with one comparator. Cancelled and failed requests are in none.
type Saving struct {
	Money    cost.Money // in the plan's currency; of the Priced requests
	Priced   int64      // answered requests that Money is for
	Partial  int64      // of Priced: a token count of theirs, or which price holds, is unknown, so that Money may be less than the truth
	Unpriced int64      // answered requests of which no token count, no price or no exchange rate is known; not in Money
}

// Quote is an entry that a comparator used, for a report to name.
type Quote struct {
	Comparator Comparator
	Model      string // the local model's name
	Entry      prices.Entry
	Hosts      int  // how many providers of the same weights were looked at; 1 when one was named
	Guessed    bool // the local name was matched by its spelling and nobody configured it
	Stale      bool // nobody has checked the price for longer than the plan allows
}
