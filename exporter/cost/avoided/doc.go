// Package avoided says what the tokens that were answered here would have cost
// at a provider. It is pure: no I/O, no clock, no log.
//
//	plan, err := avoided.New(avoided.Options{Table: table, Exchange: exchange})
//	for _, slot := range held.Models {
//		savings := plan.Compare(slot) // same weights, substitute
//	}
//
// # Two comparators
//
// Both are always there, for they answer different questions. Same weights is
// the model that ran here, bought from a provider. Substitute is what its owner
// would call if the Mac were not there, and nobody but its owner knows that: it
// is unknown until a Rule names it. Same weights without a rule is guessed from
// the spelling of the local name, and priced at the cheapest of the weights'
// hosts, which makes the avoided spend small rather than large. The cheapest is
// the one that asks least for six parts of prompt, half of them cached where the
// cache counts, and two of answer. A Quote tells what was taken and whether it
// was guessed.
//
// # What is counted
//
// Only requests that were answered: cancelled and failed ones cost energy and
// avoid nothing. Prices are those of the slot's day. With the cache policy
// Mirror, prompt tokens that the local cache served are priced as the provider
// prices cached ones, and as fresh ones where it has no price for these; with
// None all are fresh. What a provider asks for storing tokens in its cache is
// left out: whether it would have been asked to is not known.
//
// A share says which part of the calls would have been bought at all, and a
// tokenizer ratio how many tokens the substitute makes of one local token; the
// same weights have the same tokenizer.
//
//	money = tokens × price × share × tokenizer ratio × exchange rate
//
// The factors are multiplied exactly and rounded once, to 1e-12 of a unit per
// million tokens; a slot's money is rounded once, half to even, to a nano-unit.
// Sums of savings are exact.
//
// # Long prompts
//
// Where a provider asks more for the whole of a request with a long prompt, the
// slot's Long parts, and only these, have that price. A provider's limit that
// lies between two marks of store.LongPrompts, or is moved there by a tokenizer
// ratio, cuts a part in two that nobody can tell apart: all of it is then priced
// at the cheaper price, as if the limit were the next mark, and its requests are
// Partial.
//
// # What is not known
//
// Unknown is never zero. A request without an entry, an exchange rate or a rule
// is Unpriced, and so is one of which no token count is known. One of which some
// are known is priced for these and Partial: the truth is more. A slot has sums,
// not requests, so of requests with unknown counts it is taken that the same
// ones miss all three as far as the numbers allow, and else that each misses one.
//
// A subscription's fee is a cap for who would have had one instead: see
// Plan.Subscription.
package avoided
