package avoided

import (
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

// offer is what a comparator asks for a local model's tokens in a period of the
// table and at one exchange rate.
type offer struct {
	entry   prices.Entry
	hosts   int
	guessed bool
	found   bool // there is an entry
	rate    cost.Rate
	priced  bool // there is a rate too, and bands holds
	bands   []band
}

type memoKey struct {
	model      string
	comparator Comparator
	day, hour  int
}

// maxMemo bounds the memory that names of models can take; it is never reached
// by those who name their models themselves.
const maxMemo = 20_000

// offer looks an offer up, or remembers it.
func (p *Plan) offer(model string, c Comparator, at time.Time) *offer {
	key := memoKey{model: model, comparator: c}
	key.day, key.hour = p.turns.at(at)
	p.mu.Lock()
	defer p.mu.Unlock()
	if o, ok := p.memo[key]; ok && p.stands(o, at) {
		return o
	}
	if len(p.memo) >= maxMemo {
		clear(p.memo)
	}
	o := p.look(model, c, at)
	p.memo[key] = o
	return o
}

// stands tells whether an offer was made at the exchange rate that holds at a
// time.
func (p *Plan) stands(o *offer, at time.Time) bool {
	if !o.found {
		return true
	}
	rate, ok := p.rate(o.entry, at)
	return ok == o.priced && rate == o.rate
}

// rate is what one unit of an entry's currency is worth at a time.
func (p *Plan) rate(e prices.Entry, at time.Time) (cost.Rate, bool) {
	currency := e.Rates.Input.PerMtok.Currency
	if own := p.exchange.Own(); currency == own {
		return cost.Rate{Worth: cost.Money{Nanos: 1_000_000_000, Currency: own}}, true
	}
	return p.exchange.At(currency, at)
}

func (p *Plan) look(model string, c Comparator, at time.Time) *offer {
	rule := p.ruleFor(model)
	target, tokenizer := rule.SameWeights, 1.0
	if c == Substitute {
		target, tokenizer = rule.Substitute, rule.TokenizerRatio
	}
	var o *offer
	switch {
	case target != nil:
		o = p.named(*target, at)
	case c == SameWeights:
		o = p.guess(model, at)
	default:
		o = &offer{}
	}
	if !o.found {
		return o
	}
	if o.rate, o.priced = p.rate(o.entry, at); !o.priced {
		return o
	}
	share := 1.0
	if rule.ShareRatio != nil {
		share = *rule.ShareRatio
	}
	o.bands, o.priced = p.bandsOf(o.entry, factors{share: share, tokenizer: tokenizer, worth: o.rate.Worth})
	return o
}

func (p *Plan) named(t Target, at time.Time) *offer {
	e, ok := p.table.Find(t.Provider, t.Model, at)
	if !ok {
		return &offer{}
	}
	return &offer{entry: p.waiting(e), hosts: 1, found: true}
}

// guess takes the cheapest host of the weights that the local name seems to
// stand for. Hosts of which the currency is not known are taken last.
func (p *Plan) guess(model string, at time.Time) *offer {
	weights, ok := prices.WeightsOf(model)
	if !ok {
		return &offer{}
	}
	hosts := p.table.Hosts(weights, at)
	o := &offer{hosts: len(hosts), guessed: true}
	var least cost.Money
	known := false
	for _, e := range hosts {
		e = p.waiting(e)
		asked, ok := p.typical(e, at)
		if !o.found || ok && (!known || asked.Nanos < least.Nanos) {
			o.entry, least, known = e, asked, ok
		}
		o.found = true
	}
	return o
}

// typical is what an entry asks for a prompt of six parts and an answer of two.
func (p *Plan) typical(e prices.Entry, at time.Time) (cost.Money, bool) {
	const part = 1_000_000
	u := prices.Usage{Input: 3 * part, Cached: 3 * part, Output: 2 * part}
	if p.cache == None {
		u.Input, u.Cached = 6*part, 0
	}
	m, ok := e.Rates.Of(u)
	if !ok {
		return cost.Money{}, false
	}
	return p.exchange.Convert(m, at)
}

// waiting is the entry in a batch where batches are wanted and sold.
func (p *Plan) waiting(e prices.Entry) prices.Entry {
	if b, ok := e.Batch(); ok && p.batch {
		return b
	}
	return e
}
