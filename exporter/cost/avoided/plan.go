package avoided

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// Plan compares what was answered here with what providers ask. It may be used
// by several goroutines at once.
type Plan struct {
	table        prices.Table
	name         string
	exchange     cost.Exchange
	rules        []Rule
	fallback     Rule
	cache        CachePolicy
	batch        bool
	subscription cost.Money
	staleAfter   time.Duration
	turns        turns

	mu   sync.Mutex
	memo map[memoKey]*offer
}

// New makes a plan. It is ErrOptions when the options are none.
func New(o Options) (*Plan, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("plan of avoided spend: %w", err)
	}
	entries := o.Table.Entries()
	p := &Plan{
		table: o.Table, name: o.TableName, exchange: o.Exchange,
		rules: slices.Clone(o.Rules), fallback: o.Default, cache: o.Cache, batch: o.Batch,
		subscription: o.Subscription, staleAfter: o.StaleAfter,
		turns: newTurns(entries), memo: map[memoKey]*offer{},
	}
	if p.name == "" {
		p.name = sources(entries)
	}
	return p, nil
}

// sources are those that the entries name, each once.
func sources(entries []prices.Entry) string {
	var names []string
	for _, e := range entries {
		if e.Source != "" {
			names = append(names, e.Source)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// Comparators returns both comparators, in the order of Compare.
func (p *Plan) Comparators() []Comparator { return []Comparator{SameWeights, Substitute} }

// Currency is that of all savings.
func (p *Plan) Currency() cost.Currency { return p.exchange.Own() }

// TableName says what the prices are from; empty when nobody told.
func (p *Plan) TableName() string { return p.name }

// Unmatched returns the targets of rules that the table has no price for at a
// time, each once: most likely they are misspelt.
func (p *Plan) Unmatched(at time.Time) []Target {
	var list []Target
	for _, r := range append(slices.Clone(p.rules), p.fallback) {
		for _, t := range []*Target{r.SameWeights, r.Substitute} {
			if t == nil || *t == (Target{}) || slices.Contains(list, *t) {
				continue
			}
			if _, ok := p.table.Find(t.Provider, t.Model, at); !ok {
				list = append(list, *t)
			}
		}
	}
	return list
}

// Unconvertible returns the currencies of the table that have no exchange rate at
// a time, each once: what is asked in them stays unpriced.
func (p *Plan) Unconvertible(at time.Time) []cost.Currency {
	var list []cost.Currency
	for _, e := range p.table.Entries() {
		currency := e.Rates.Input.PerMtok.Currency
		if _, ok := p.rate(e, at); !ok && !slices.Contains(list, currency) {
			list = append(list, currency)
		}
	}
	return list
}

// Quotes returns the entries that a local model is compared with at a time, in
// the order of Comparators; a comparator without a price is not among them.
func (p *Plan) Quotes(model string, at time.Time) []Quote {
	var quotes []Quote
	for _, c := range p.Comparators() {
		o := p.offer(model, c, at)
		if !o.priced {
			continue
		}
		quotes = append(quotes, Quote{
			Comparator: c, Model: model, Entry: o.entry, Hosts: o.hosts, Guessed: o.guessed,
			Stale: p.staleAfter > 0 && o.entry.Stale(at, p.staleAfter),
		})
	}
	return quotes
}
