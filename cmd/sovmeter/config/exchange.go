package config

import (
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// moneyReader reads the keys that need others first: amounts are converted into
// the tariff's currency, and dates are days of the time zone.
type moneyReader struct {
	*reader
	own      cost.Currency // the tariff's; empty without one, or with one that has a problem
	zone     *time.Location
	exchange *cost.Exchange // nil: none is given, or it has a problem
}

func (c *Config) readMoney(r *reader, nodes map[string]ast.Node) {
	m := &moneyReader{reader: r, zone: c.Zone}
	if c.Tariff != nil {
		m.own = c.Tariff.Currency
	}
	if n, ok := nodes["exchange"]; ok {
		m.exchange = m.readExchange(n, "exchange")
		c.Exchange = m.exchange
	}
	if n, ok := nodes["hardware"]; ok {
		c.Hardware = m.readHardware(n, "hardware")
	}
	if n, ok := nodes["cloud"]; ok {
		c.Cloud = m.readCloud(n, "cloud")
	}
	if n, ok := nodes["carbon"]; ok {
		c.Carbon = m.readCarbon(n, "carbon")
	}
}

func (m *moneyReader) readExchange(n ast.Node, key string) *cost.Exchange {
	const want = "rates by currency, such as {USD: 0.86}"
	before := len(m.problems)
	rates := map[cost.Currency][]cost.Rate{}
	names, ok := keysOf(n)
	switch {
	case !ok:
		m.problem(n, key, "got %s, want %s", describe(n), want)
		return nil
	case len(names) == 0:
		m.problem(n, key, "is empty, want %s", want)
		return nil
	}
	var fields []field
	for _, name := range names {
		fields = append(fields, field{name, func(n ast.Node, k string) {
			if foreign, ok := m.foreign(n, k, name); ok {
				rates[foreign] = m.rates(n, k)
			}
		}})
	}
	m.mapping(n, key, fields)
	if !m.given("tariff") {
		m.problem(n, key, "stands without a tariff, want tariff.currency: it is the one that others are converted into")
	}
	if len(m.problems) > before || m.own == "" {
		return nil
	}
	x, err := cost.NewExchange(m.own, rates)
	if err != nil { // nothing that the rules of rates leave over is known
		m.problem(n, key, "%v", err)
		return nil
	}
	return &x
}

// keysOf are the names that a mapping has; false for what is no mapping.
func keysOf(n ast.Node) ([]string, bool) {
	m, ok := n.(ast.MapNode)
	if !ok {
		return nil, false
	}
	var names []string
	for it := m.MapRange(); it.Next(); {
		switch k := it.Key().(type) {
		case *ast.StringNode:
			names = append(names, k.Value)
		default:
			names = append(names, it.Key().String())
		}
	}
	return names, true
}

func (m *moneyReader) foreign(n ast.Node, key, name string) (cost.Currency, bool) {
	code, err := cost.ParseCurrency(name)
	switch {
	case err != nil:
		m.problem(n, key, "is no currency code of ISO 4217, such as USD")
	case code == m.own:
		m.problem(n, key, "is the tariff's own currency, want only others")
	default:
		return code, true
	}
	return "", false
}

// rates reads one rate, or a list of those that began one after the other.
func (m *moneyReader) rates(n ast.Node, key string) []cost.Rate {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		return []cost.Rate{{Worth: m.worth(n, key)}}
	}
	if len(s.Values) == 0 {
		m.problem(n, key, "is empty, want a rate, or a list of them with from and rate")
	}
	var list []cost.Rate
	m.sequence(n, key, "", func(n ast.Node, key string) {
		rate, ok := m.datedRate(n, key)
		if !ok {
			return
		}
		if slices.ContainsFunc(list, func(o cost.Rate) bool { return o.From.Equal(rate.From) }) {
			m.problem(n, key, "begins when another does, want a from of its own for each rate")
		}
		list = append(list, rate)
	})
	return list
}

// datedRate is false when it is not known from when on the rate holds.
func (m *moneyReader) datedRate(n ast.Node, key string) (cost.Rate, bool) {
	rate := cost.Rate{}
	ok := m.mapping(n, key, []field{
		{"from", func(n ast.Node, k string) { rate.From = m.day(n, k) }},
		{"rate", func(n ast.Node, k string) { rate.Worth = m.worth(n, k) }},
	})
	if ok && !m.given(key+".rate") {
		m.problem(n, key, "has no rate")
	}
	return rate, ok && rate.From.IsZero() != m.given(key+".from")
}

// worth reads what one unit of a foreign currency is worth in one's own.
func (m *moneyReader) worth(n ast.Node, key string) cost.Money {
	const want = "what one unit is worth in the tariff's currency, such as 0.86"
	v, ok := m.paid(n, key, m.own, want)
	if ok && v.Nanos == 0 {
		m.problem(n, key, "got %s, want %s", describe(n), want)
	}
	return v
}

// convertible demands a rate for what is not in the tariff's currency.
func (m *moneyReader) convertible(key, what string, foreign cost.Currency) bool {
	if m.own == "" || foreign == "" || foreign == m.own {
		return true
	}
	if m.exchange == nil && m.given("exchange") {
		return true // that has a problem of its own
	}
	// Far enough ahead for every rate to have begun.
	if m.exchange != nil {
		if _, ok := m.exchange.At(foreign, time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
			return true
		}
	}
	m.problemAt(key, "%s in %s and the tariff in %s, want a rate between them, such as exchange: {%s: 0.86}", what, foreign, m.own, foreign)
	return false
}
