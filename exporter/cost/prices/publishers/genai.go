package publishers

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/prices"
)

type genaiProvider struct {
	ID     string          `json:"id"`
	Models json.RawMessage `json:"models"`
}

type genaiModel struct {
	ID     string          `json:"id"`
	Match  genaiMatch      `json:"match"`
	Prices json.RawMessage `json:"prices"` // prices, or a list of them under conditions
}

// genaiMatch says by what names a model is known. Those of its kinds that would
// take in names of other models too, such as contains, are not read.
type genaiMatch struct {
	Equals string          `json:"equals"`
	Starts string          `json:"starts_with"`
	Or     few[genaiMatch] `json:"or"`
}

// genaiPrices are dollars per million tokens: a number, or one by length.
type genaiPrices struct {
	Input    genaiPrice      `json:"input_mtok"`
	Cached   genaiPrice      `json:"cache_read_mtok"`
	Write    genaiPrice      `json:"cache_write_mtok"`
	Write5m  genaiPrice      `json:"cache_write_5m_mtok"`
	Output   genaiPrice      `json:"output_mtok"`
	Requests json.RawMessage `json:"requests_kcount"`
}

type genaiPrice struct {
	base  amount
	tiers map[int64]amount
}

// UnmarshalJSON reads a number or {"base": …, "tiers": [{"start": …, "price": …}]}.
func (p *genaiPrice) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("{")) {
		p.base = parseAmount(data, perMtok)
		return nil
	}
	var tiered struct {
		Base  json.RawMessage `json:"base"`
		Tiers few[struct {
			Start int64           `json:"start"`
			Price json.RawMessage `json:"price"`
		}] `json:"tiers"`
	}
	if err := json.Unmarshal(data, &tiered); err != nil {
		return err
	}
	p.base, p.tiers = parseAmount(tiered.Base, perMtok), map[int64]amount{}
	for _, t := range tiered.Tiers {
		p.tiers[t.Start] = parseAmount(t.Price, perMtok)
	}
	return nil
}

// at is the price above a mark: that of the highest tier that starts there or
// below.
func (p genaiPrice) at(mark int64) amount {
	price, from := p.base, int64(0)
	for start, a := range p.tiers {
		if start <= mark && start > from {
			price, from = a, start
		}
	}
	return price
}

func (p genaiPrices) card(mark int64) card {
	write := p.Write
	if write.base.state == absent {
		write = p.Write5m
	}
	return card{input: p.Input.at(mark), cached: p.Cached.at(mark), cacheWrite: write.at(mark), output: p.Output.at(mark)}
}

func (p genaiPrices) period() period {
	out := period{base: p.card(0), long: map[int64]card{}}
	for _, price := range []genaiPrice{p.Input, p.Cached, p.Write, p.Output} {
		for start := range price.tiers {
			out.long[start] = p.card(start)
		}
	}
	return out
}

func (g *gatherer) genai(data []byte) error {
	return elements(data, func(raw json.RawMessage) error {
		var p genaiProvider
		if err := json.Unmarshal(raw, &p); err != nil || p.Models == nil {
			return err
		}
		return elements(p.Models, func(raw json.RawMessage) error {
			g.table.Models++
			var m genaiModel
			if json.Unmarshal(raw, &m) != nil {
				g.skip(Broken, p.ID, m.ID)
				return nil
			}
			g.genaiModel(providerOf(p.ID), m)
			return nil
		})
	})
}

func (g *gatherer) genaiModel(provider string, m genaiModel) {
	switch {
	case strings.HasSuffix(m.ID, ":free"):
		g.skip(Variant, provider, m.ID)
		return
	case strings.HasPrefix(m.ID, "~"):
		g.skip(Alias, provider, m.ID)
		return
	}
	periods, r := genaiPeriods(m.Prices)
	if r != "" {
		g.skip(r, provider, m.ID)
		return
	}
	e := prices.Entry{Provider: provider, Model: m.ID, Also: m.Match.names(m.ID), Weights: hostedWeights(provider, m.ID)}
	for _, p := range periods {
		g.add(e, p)
	}
}

// names are the other names that a match takes, without those in other letters.
func (m genaiMatch) names(id string) []string {
	var names []string
	seen := map[string]bool{strings.ToLower(id): true}
	var walk func(m genaiMatch, depth int)
	walk = func(m genaiMatch, depth int) {
		for _, name := range []string{m.Equals, m.Starts + "*"} {
			if name != "" && name != "*" && !seen[strings.ToLower(name)] {
				seen[strings.ToLower(name)] = true
				names = append(names, name)
			}
		}
		for _, o := range m.Or {
			if depth < 3 {
				walk(o, depth+1)
			}
		}
	}
	walk(m, 0)
	return names
}

// genaiPeriods reads the prices of a model: one set, or several of which the
// last whose condition is met holds. The first holds when none is.
func genaiPeriods(raw json.RawMessage) ([]period, Reason) {
	var single genaiPrices
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		if json.Unmarshal(raw, &single) != nil {
			return nil, Broken
		}
		if parseAmount(single.Requests, perMtok).state == priced {
			return nil, PerCall
		}
		return []period{single.period()}, ""
	}
	var list few[struct {
		Constraint *genaiConstraint `json:"constraint"`
		Prices     genaiPrices      `json:"prices"`
	}]
	if json.Unmarshal(raw, &list) != nil {
		return nil, Broken
	}
	var periods []period
	for i, item := range list {
		if parseAmount(item.Prices.Requests, perMtok).state == priced {
			return nil, PerCall
		}
		p := item.Prices.period()
		if i > 0 && !item.Constraint.apply(&p, periods) {
			return nil, Condition
		}
		periods = append(periods, p)
	}
	return periods, ""
}

type genaiConstraint struct {
	StartDate string `json:"start_date"`
	StartTime string `json:"start_time"`
	EndTime   string `json:"end_time"`
}

// apply sets when p holds, and ends the period before it; false when that cannot
// be told.
func (c *genaiConstraint) apply(p *period, before []period) bool {
	if c == nil {
		return false
	}
	last := &before[len(before)-1]
	if c.StartDate != "" {
		from, err := time.Parse(time.DateOnly, c.StartDate)
		if err != nil || c.StartTime != "" || last.hours != (prices.Hours{}) || !from.After(last.from) {
			return false
		}
		p.from, last.until = from, from
		return true
	}
	start, errStart := clock(c.StartTime)
	end, errEnd := clock(c.EndTime)
	if errStart != nil || errEnd != nil || start == end || start%time.Minute != 0 || end%time.Minute != 0 || !last.from.IsZero() {
		return false
	}
	p.hours = prices.Hours{Start: start, End: end}
	return true
}

// clock reads a time of day in UTC, such as 16:30:00Z.
func clock(text string) (time.Duration, error) {
	at, err := time.Parse("15:04:05Z07:00", text)
	if err != nil {
		return 0, err
	}
	at = at.UTC()
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second, nil
}
