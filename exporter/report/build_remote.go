package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/store"
)

// usDollar is the currency in which gateways reckon what calls cost.
const usDollar cost.Currency = "USD"

// Remote is what a provider elsewhere answered with one model for one gateway.
// Such calls took no energy here.
type Remote struct {
	Server   string // the gateway
	Provider string // empty when the log does not say
	Model    string // empty when the log does not say

	Calls     int64 // ended in the period, whatever their outcome
	Cancelled int64 // counted in Calls
	Failed    int64 // counted in Calls

	Input      Tokens // of the prompt what is in neither of the next two
	Cached     Tokens // of the prompt, read from the provider's cache
	CacheWrite Tokens // of the prompt, written to it
	Output     Tokens

	// Spend is what the calls cost as the gateway reckons; unknown when it gave
	// no cost for any of them.
	Spend Amount
	// Unpriced counts calls, of Calls, that it gave no cost for: Spend is then
	// at least so much.
	Unpriced int64
}

// Prompt is all tokens of the prompts. Those of a provider that does not tell
// what came from its cache are in Input.
func (r Remote) Prompt() Tokens {
	return Tokens{N: plus(plus(r.Input.N, r.Cached.N), r.CacheWrite.N), Known: r.Input.Known || r.Cached.Known || r.CacheWrite.Known, AtLeast: r.Input.AtLeast || !r.Input.Known}
}

// remoteKey names a row.
type remoteKey struct{ server, provider, model string }

// addRemote sums the slots of each model elsewhere, most spend first.
func (out *Report) addRemote(slots []store.RemoteSlot) {
	rows := map[remoteKey]store.RemoteSlot{}
	for _, s := range slots {
		key := remoteKey{s.Server, s.Provider, s.Model}
		rows[key] = together(rows[key], s)
	}
	for key, s := range rows {
		if s.Calls() > 0 {
			out.Remote = append(out.Remote, newRemote(key, s))
		}
	}
	slices.SortFunc(out.Remote, func(a, b Remote) int {
		return cmp.Or(cmp.Compare(b.Spend.Money.Nanos, a.Spend.Money.Nanos), cmp.Compare(b.Calls, a.Calls),
			cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Server, b.Server))
	})
}

// together adds up two rows of the store. What a log says may be forged: a sum
// that would not fit stays at what does.
func together(a, b store.RemoteSlot) store.RemoteSlot {
	for _, sum := range []struct {
		to *int64
		n  int64
	}{
		{&a.OK, b.OK}, {&a.Cancelled, b.Cancelled}, {&a.Failed, b.Failed},
		{&a.Input, b.Input}, {&a.Cached, b.Cached}, {&a.CacheWrite, b.CacheWrite}, {&a.Output, b.Output},
		{&a.UnknownInput, b.UnknownInput}, {&a.UnknownCached, b.UnknownCached},
		{&a.UnknownCacheWrite, b.UnknownCacheWrite}, {&a.UnknownOutput, b.UnknownOutput},
		{(*int64)(&a.Spend), int64(b.Spend)}, {&a.UnknownSpend, b.UnknownSpend},
	} {
		*sum.to = plus(*sum.to, sum.n)
	}
	return a
}

// plus adds up what is not negative, to no more than fits.
func plus(a, b int64) int64 { return a + min(b, math.MaxInt64-a) }

func newRemote(key remoteKey, s store.RemoteSlot) Remote {
	calls := s.Calls()
	tokens := func(n, unknown int64) Tokens {
		return Tokens{N: n, Known: unknown < calls, AtLeast: unknown > 0 && unknown < calls}
	}
	return Remote{
		Server: key.server, Provider: key.provider, Model: key.model, Calls: calls, Cancelled: s.Cancelled, Failed: s.Failed,
		Input: tokens(s.Input, s.UnknownInput), Cached: tokens(s.Cached, s.UnknownCached),
		CacheWrite: tokens(s.CacheWrite, s.UnknownCacheWrite), Output: tokens(s.Output, s.UnknownOutput),
		Spend: spendOf(s.Spend, s.UnknownSpend < calls), Unpriced: s.UnknownSpend,
	}
}

func spendOf(n attribution.NanoUSD, known bool) Amount {
	if !known {
		return Amount{}
	}
	return Amount{Money: cost.Money{Nanos: int64(n), Currency: usDollar}, Known: true}
}

// elsewhere is the sum of the rows.
func (out *Report) elsewhere() Remote {
	var sum Remote
	all := []*Tokens{&sum.Input, &sum.Cached, &sum.CacheWrite, &sum.Output}
	for _, row := range out.Remote {
		sum.Calls += row.Calls
		sum.Cancelled += row.Cancelled
		sum.Failed += row.Failed
		sum.Unpriced += row.Unpriced
		for i, t := range []Tokens{row.Input, row.Cached, row.CacheWrite, row.Output} {
			all[i].N = plus(all[i].N, t.N)
			all[i].Known = all[i].Known || t.Known
			all[i].AtLeast = all[i].AtLeast || t.AtLeast || !t.Known
		}
		if row.Spend.Known {
			sum.Spend = spendOf(attribution.NanoUSD(plus(sum.Spend.Money.Nanos, row.Spend.Money.Nanos)), true)
		}
	}
	return sum
}
